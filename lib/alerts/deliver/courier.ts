/** Brings items to a person's chat: as cards in their zone, with a sound or without. */
import type { Button } from "../../reply/command.ts";
import type { People } from "../people.ts";
import { type After, message } from "./card.ts";
import type { Firing, Item } from "./firing.ts";
import type { Posted } from "./lane.ts";
import { chatOf } from "./outbox_rows.ts";
import { isQuiet, sounds } from "./quiet.ts";

/** One message to a chat; see the bot's `Post`. */
export interface Post {
  readonly chatId: number;
  readonly html: string;
  readonly buttons: readonly (readonly Button[])[];
  readonly silent: boolean;
  readonly messageId?: number;
  readonly before?: () => Promise<void>;
}

export interface CourierOptions {
  readonly people: People;
  /** Whether a person may be told anything. */
  readonly mayHear: (person: string) => boolean;
  readonly nowMs: () => number;
}

const REMOVED: Posted = { kind: "refused", reason: "no member any more" };
const NO_BOT: Posted = { kind: "unsent", reason: "there is no bot" };

export class Courier {
  readonly #options: CourierOptions;
  #post: ((post: Post) => Promise<Posted>) | null = null;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** From now on messages go out here. */
  connect(post: (post: Post) => Promise<Posted>): void {
    this.#post = post;
  }

  /** One message of what belongs together: a note, or firings. */
  async send(
    person: string,
    items: readonly Item[],
    repeat: boolean,
    before: () => Promise<void>,
  ): Promise<Posted> {
    const chatId = chatOf(person);
    if (this.#post === null || chatId === null) return NO_BOT;
    const { people, mayHear, nowMs } = this.#options;
    if (!mayHear(person)) return REMOVED;
    const { zone, quiet } = await people.settings(person);
    const isNight = isQuiet(quiet, nowMs(), zone);
    const silent = !sounds(items.map(({ severity }) => severity), isNight);
    const [first] = items;
    if (first?.kind === "note") {
      const html = repeat ? `(repeat) ${first.html}` : first.html;
      return await this.#post({ chatId, html, buttons: first.buttons, silent, before });
    }
    const firings = items.filter((item) => item.kind === "firing");
    return await this.#post({ chatId, ...message(firings, zone, repeat), silent, before });
  }

  /** The same message with what has come after it. */
  async edit(
    person: string,
    messageId: number,
    firings: readonly Firing[],
    after: readonly After[],
  ): Promise<Posted> {
    const chatId = chatOf(person);
    if (this.#post === null || chatId === null) return NO_BOT;
    const { people, mayHear } = this.#options;
    if (!mayHear(person)) return REMOVED;
    const { zone } = await people.settings(person);
    const { html, buttons } = message(firings, zone, false, after);
    return await this.#post({ chatId, html, buttons, silent: true, messageId });
  }
}
