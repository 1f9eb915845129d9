/** The guard at work on updates: it lets in, counts whom it does not, and knows groups again. */
import type { BotOptions } from "../bot.ts";
import type { Move, Received } from "../question.ts";
import { Guard, invitationIn, isManaging, NO_MEMBERS, type Verdict } from "./guard.ts";

export class Door {
  readonly #options: BotOptions;
  readonly #guard: Guard;

  constructor(options: BotOptions) {
    this.#options = options;
    this.#guard = new Guard(options.allowedUsers, options.members);
  }

  /** Who is not let in is counted. */
  judge({ userId, text, place: { chatId }, privateChat }: Received): Verdict {
    const visit = { userId, chatId, privateChat, managing: isManaging(text) };
    const verdict = this.#guard.judge(visit, this.#options.now(), this.#steadyMs());
    if (verdict !== "allow") this.#options.metrics?.count("refused");
    return verdict;
  }

  /** What a stranger brings who has a link to come in by, and may try it. */
  tokenOf({ userId, text, press, privateChat }: Received): string | null {
    if (!privateChat || press || this.#guard.knows(userId)) return null;
    const token = invitationIn(text);
    return token !== null && this.#guard.mayRedeem(userId, this.#steadyMs()) ? token : null;
  }

  /** Tries an invitation, and judges who brought it. */
  async redeem(received: Received, token: string): Promise<Verdict> {
    const { members = NO_MEMBERS, log } = this.#options;
    if (await members.redeem(token, received.userId)) {
      log.info("An invitation was used", { userId: received.userId });
    }
    return this.judge(received);
  }

  /** A group that is allowed stays so when it has a new id. Never throws. */
  async follow({ fromId, toId }: Move): Promise<void> {
    const { members = NO_MEMBERS, log } = this.#options;
    try {
      if (await members.moved(fromId, toId)) log.info("A group has a new id", { fromId, toId });
    } catch (error) {
      // From a restart on it is not allowed any more.
      log.error("Cannot store a group's new id", { fromId, toId, error });
    }
  }

  #steadyMs(): number {
    return this.#options.clock?.() ?? performance.now();
  }
}
