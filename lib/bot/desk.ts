/** Takes updates one by one and answers those who may ask. */
import type { Asker, Reply } from "../reply/command.ts";
import { clockSeconds } from "../reply/times.ts";
import { UTC, type Zone } from "../reply/zone.ts";
import { Answered } from "./answered.ts";
import type { BotOptions, TellOptions } from "./bot.ts";
import { Door } from "./entry/door.ts";
import type { Verdict } from "./entry/guard.ts";
import { NOT_HERE, refusalOf, TOO_FAST, TOO_MANY } from "./entry/words.ts";
import { Lanes } from "./lanes.ts";
import { deliver } from "./picture.ts";
import {
  moveIn,
  type Question,
  questionIn,
  type Received,
  type Self,
  type Update,
} from "./question.ts";
import { send, type Sending } from "./send.ts";
import { Turns } from "./turns.ts";

const FAULT: Reply = {
  html: "That went wrong here, not on your side; it is in the log",
  data: null,
};

/** Commands that run at a time; the lanes bound how many wait. */
const COMMANDS = 8;

export interface Me {
  readonly id: number;
  readonly username: string;
}

export class Desk {
  readonly #options: BotOptions;
  readonly #sending: Sending;
  readonly #self: Self;
  readonly #door: Door;
  readonly #lanes = new Lanes();
  readonly #commands = new Turns(COMMANDS);
  /** One at a time: drawing is work for the processor alone. */
  readonly #pictures = new Turns(1);
  readonly #answered = new Answered();

  constructor(options: BotOptions, sending: Sending, { id, username }: Me) {
    this.#options = options;
    this.#sending = sending;
    this.#self = { id, username, commands: new Set(options.commands.map(({ name }) => name)) };
    this.#door = new Door(options);
  }

  /** Never throws and never waits: the answer is written in the chat's lane. */
  take(update: Update): void {
    const received = this.#read(update);
    if (!received) return;
    this.#options.metrics?.count("asked");
    const token = this.#door.tokenOf(received);
    if (token !== null) return this.#queue(received, () => this.#redeem(received, token));
    const verdict = this.#door.judge(received);
    if (verdict === "ignore") return;
    const work = () => this.#meet(received, verdict);
    this.#queue(received, work, verdict === "allow" ? () => this.#turnAway(received) : null);
  }

  /** @param instead done once, after what waits in the chat, where the work was not taken */
  #queue(
    { place: { chatId } }: Received,
    work: () => Promise<void>,
    instead: (() => Promise<void>) | null = null,
  ): void {
    const trying = (work: () => Promise<void>) => async () => void await this.#try(chatId, work);
    if (this.#lanes.add(chatId, trying(work), instead && trying(instead))) return;
    this.#options.metrics?.count("dropped");
  }

  /** A message even for a press: what waited before it may have taken longer than a press lasts. */
  async #turnAway({ press, place }: Received): Promise<void> {
    const at = press ? { ...place, messageId: null } : place;
    await send(this.#sending, at, { html: TOO_MANY, data: null });
  }

  async #redeem(received: Received, token: string): Promise<void> {
    const verdict = await this.#door.redeem(received, token);
    if (verdict !== "ignore") await this.#meet(received, verdict);
  }

  async #meet(received: Received, verdict: Exclude<Verdict, "ignore">): Promise<void> {
    switch (verdict) {
      case "allow":
        return await this.#answer(received);
      case "refuse":
        return await this.#refuse(received);
      case "group":
        return await this.#say(received, NOT_HERE);
      case "slow":
        return await this.#say(received, TOO_FAST);
    }
  }

  /** Sends a message that nobody asked for; whether it arrived. Never throws. */
  tell(userId: number, html: string, { buttons, silent = false }: TellOptions): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const place = { chatId: userId, threadId: null, messageId: null };
    const reply = { html, data: null, ...(buttons ? { buttons } : {}) };
    const work = async () => void await send(this.#sending, place, reply, { silent });
    const taken = this.#lanes.add(userId, async () => resolve(await this.#try(userId, work)));
    if (!taken) {
      this.#options.metrics?.count("dropped");
      resolve(false);
    }
    return promise;
  }

  /** Resolves when all that was taken is answered. */
  idle(): Promise<void> {
    return this.#lanes.idle();
  }

  /** An update that cannot be read must not come back with every restart. */
  #read(update: Update): Received | null {
    try {
      const move = moveIn(update);
      if (move) void this.#door.follow(move);
      return move ? null : questionIn(update, this.#self);
    } catch (error) {
      this.#options.metrics?.count("failed");
      this.#options.log.warn("Cannot read an update", { error });
      return null;
    }
  }

  async #answer(received: Received): Promise<void> {
    const { press, place, text } = received;
    // First, for the button shows a clock until then.
    if (press) await this.#acknowledge(press.queryId);
    const asker = this.#askerOf(received);
    const groupId = received.privateChat ? null : place.chatId;
    const reply = await this.#ask(text, { asker, about: this.#aboutOf(received), groupId });
    const zone = await this.#zoneOf(asker);
    for (const id of await this.#deliver(received, reply, zone)) {
      this.#answered.remember(place.chatId, id, text);
    }
    this.#options.metrics?.count("answered");
  }

  #askerOf({ userId, privateChat }: Received): Asker {
    const owner = userId === this.#options.allowedUsers[0];
    return { id: `tg:${userId}`, owner, privateChat };
  }

  /** What we remember is exact; after a restart the message itself still has its button. */
  #aboutOf({ repliesTo, place }: Received): string | null {
    if (!repliesTo) return null;
    return this.#answered.recall(place.chatId, repliesTo.messageId) ?? repliesTo.refresh;
  }

  async #zoneOf(asker: Asker): Promise<Zone> {
    try {
      return await this.#options.zone?.(asker) ?? UTC;
    } catch (error) {
      this.#options.log.warn("Cannot read a time zone", { reason: messageOf(error) });
      return UTC;
    }
  }

  /** Returns the ids of the messages that hold the reply then. */
  async #deliver({ press, place }: Received, reply: Reply, zone: Zone): Promise<number[]> {
    const stamp = press ? `updated ${clockSeconds(this.#options.now(), zone)} ${zone.label}` : null;
    const failed = (error: unknown) =>
      this.#options.log.warn("Cannot send a picture", { reason: messageOf(error) });
    const manner = { zone, stamp, turns: this.#pictures, failed };
    return await deliver(this.#sending, { place, press }, reply, manner);
  }

  async #ask(text: string, question: Question): Promise<Reply> {
    try {
      return await this.#commands.run(() => this.#options.answer(text, question));
    } catch (error) {
      this.#options.metrics?.count("failed");
      this.#options.log.error("Cannot answer a command", { text: text.slice(0, 200), error });
      return FAULT;
    }
  }

  /** Once a day. */
  async #refuse(received: Received): Promise<void> {
    const { userId } = received;
    const { log, allowedUsers } = this.#options;
    log.warn("Refused a stranger", { userId });
    await this.#say(received, refusalOf(userId, allowedUsers));
  }

  /** A word in answer, over the button where one was pressed. */
  async #say({ press, place }: Received, text: string): Promise<void> {
    if (press) await this.#acknowledge(press.queryId, text);
    else await send(this.#sending, place, { html: text, data: null });
  }

  /** Telegram refuses it where the press is too old; the answer still counts. */
  async #acknowledge(queryId: string, text?: string): Promise<void> {
    const { api, signal } = this.#sending;
    const shown = text === undefined ? {} : { text, show_alert: true };
    try {
      await api.answerCallbackQuery(queryId, shown);
    } catch (error) {
      if (signal.aborted) return;
      this.#options.log.info("Cannot acknowledge a button", { reason: messageOf(error) });
    }
  }

  /** Whether the work was done. */
  async #try(chatId: number, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (this.#sending.signal.aborted) return false;
      this.#options.metrics?.count("failed");
      // The message only: what a network error wraps names the URL, and with it the token.
      this.#options.log.warn("Cannot deliver a message", { chatId, reason: messageOf(error) });
      return false;
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
