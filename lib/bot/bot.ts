/**
 * The Telegram side: long polling with a lifetime. Whatever Telegram does, nothing else
 * in the process notices. Only grammY's client is used; its middleware would answer one
 * update after the other, and one chat that must wait would hold up all.
 */
import { Api } from "grammy";
import type { Asker, Button, Command, Reply } from "../reply/command.ts";
import type { Zone } from "../reply/zone.ts";
import { Desk } from "./desk.ts";
import { pacing } from "./pace.ts";
import { Patience } from "./patience.ts";
import { poll, POLL_SECONDS } from "./poll.ts";
import type { Question } from "./question.ts";
import { retrying } from "./retry.ts";
import { type Sleep, sleep as realSleep } from "./sleep.ts";

export type { Question };

/** What the bot needs of a logger. */
export interface BotLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * `asked`: questions meant for us. `answered`: replies delivered. `refused`: by strangers,
 * told or not. `dropped`: beyond what one chat or all may have waiting. `failed`: faults of
 * a command or of a delivery. `pollFailed`: polls that Telegram did not answer.
 */
export type BotEvent = "asked" | "answered" | "refused" | "dropped" | "failed" | "pollFailed";

export interface BotOptions {
  readonly token: string;
  /** `https://api.telegram.org`, without a slash at the end. */
  readonly apiRoot: string;
  /** Numeric user ids, the owner's first; empty is nobody. */
  readonly allowedUsers: readonly number[];
  readonly answer: (text: string, question: Question) => Promise<Reply>;
  /** In which an asker reads times; UTC where not given. */
  readonly zone?: (asker: Asker) => Promise<Zone>;
  /** In menu order. */
  readonly commands: readonly Pick<Command, "name" | "description">[];
  readonly log: BotLog;
  readonly now: () => number;
  readonly metrics?: { count(event: BotEvent): void };
  readonly sleep?: Sleep;
  /** Monotonic, ms; for Telegram's limits. */
  readonly clock?: () => number;
}

export interface TellOptions {
  readonly buttons?: readonly (readonly Button[])[];
  /** Without a sound. */
  readonly silent?: boolean;
}

export interface TelegramBot {
  /**
   * Polls until the signal aborts, or until Telegram refuses the token, which is logged;
   * never rejects for anything that Telegram does. Ends within a second of the abort.
   */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Sends a message that nobody asked for, within Telegram's limits; resolves to whether
   * it arrived. `false`, too, where the bot is not up or too much waits. Never throws.
   */
  tell(userId: number, html: string, options?: TellOptions): Promise<boolean>;
}

/** Answers under way when the signal aborts get this long; their calls are aborted with it. */
const STOP_MS = 400;

export function createBot(options: BotOptions): TelegramBot {
  let desk: Desk | null = null;
  return {
    async run(signal) {
      try {
        await run(options, signal, (opened) => desk = opened);
      } finally {
        desk = null;
      }
    },
    tell: (userId, html, more = {}) => desk?.tell(userId, html, more) ?? Promise.resolve(false),
  };
}

async function run(
  options: BotOptions,
  signal: AbortSignal,
  opened: (desk: Desk) => void,
): Promise<void> {
  const { log, metrics, sleep = realSleep, clock = () => performance.now() } = options;
  const api = new Api(options.token, {
    apiRoot: options.apiRoot.replace(/\/+$/, ""),
    // A connection that died without a word is noticed by this.
    timeoutSeconds: POLL_SECONDS + 15,
  });
  // The later one is the outer one: what is tried again waits its turn again.
  api.config.use(pacing(signal, sleep, clock), retrying(signal, sleep));
  const failed = () => metrics?.count("pollFailed");
  const patience = new Patience({ api, signal, sleep, log, failed });
  const me = await patience.call(() => api.getMe());
  if (!me) return;
  log.info("The Telegram bot is up", { username: me.username });
  if (options.allowedUsers.length === 0) {
    log.warn("TELEGRAM_ALLOWED_USERS is empty: the bot answers nobody");
  }
  const desk = new Desk(options, { api, signal, sleep }, me);
  opened(desk);
  const take = desk.take.bind(desk);
  await Promise.all([announce(api, options, signal), poll({ api, sleep, patience, signal, take })]);
  await atMost(STOP_MS, desk.idle());
}

/** Fills Telegram's menu. Without it every command still works. */
async function announce(api: Api, options: BotOptions, signal: AbortSignal): Promise<void> {
  const menu = options.commands.slice(0, 100).map(({ name, description }) => ({
    command: name,
    description: description.slice(0, 256),
  }));
  try {
    await api.setMyCommands(menu);
  } catch (error) {
    if (signal.aborted) return;
    const reason = error instanceof Error ? error.message : String(error);
    options.log.warn("Cannot fill the command menu", { reason });
  }
}

/** Waits for work, but not longer than this. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
