/**
 * The Telegram side: long polling, or a webhook, with a lifetime. Whatever Telegram does, nothing else
 * in the process notices. Only grammY's client is used; its middleware would answer one
 * update after the other, and one chat that must wait would hold up all.
 */
import { Api } from "grammy";
import type { Asker, Button, Command, Reply } from "../reply/command.ts";
import type { Zone } from "../reply/zone.ts";
import { Desk } from "./desk.ts";
import type { Members } from "./entry/guard.ts";
import { pacing, turns } from "./pace.ts";
import { Patience } from "./patience.ts";
import { poll, POLL_SECONDS } from "./poll.ts";
import { NOT_UP, type Post, post, type Posted, type Posting } from "./post.ts";
import type { Question } from "./question.ts";
import { forGrammy, retrying } from "./retry.ts";
import { type Sleep, sleep as realSleep } from "./sleep.ts";
import { hook, isUpdate, Once, type Webhook } from "./webhook.ts";

export type { Post, Posted, Question };

/** What the bot needs of a logger. */
export interface BotLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * `asked`: questions meant for us. `answered`: replies delivered. `refused`: of strangers, in
 * groups that are not allowed, or too many at once, told or not. `dropped`: beyond what one chat or all may have waiting. `failed`: faults of
 * a command or of a delivery. `pollFailed`: polls that Telegram did not answer.
 */
export type BotEvent = "asked" | "answered" | "refused" | "dropped" | "failed" | "pollFailed";

export interface BotOptions {
  readonly token: string;
  /** `https://api.telegram.org`, without a slash at the end. */
  readonly apiRoot: string;
  /** Numeric user ids, the owner's first; empty is nobody. */
  readonly allowedUsers: readonly number[];
  /** Who else may ask, and in which groups; without it nobody else, and in any group. */
  readonly members?: Members;
  /** Telegram brings updates there, and they come by `take`; polling where not given. */
  readonly webhook?: Webhook | null;
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
   * Polls until the signal aborts; never rejects for anything that Telegram does. Ends within
   * a second of the abort. Begins with `fromUpdate` where another process has taken those
   * before it.
   */
  run(signal: AbortSignal, fromUpdate?: number): Promise<void>;
  /**
   * Asks for no more updates, so that another process may; a webhook stays. Resolves, once what
   * was taken is answered or after `withinMs`, to the first update that was not taken.
   */
  handOver(withinMs: number): Promise<number>;
  /**
   * Sends a message that nobody asked for, within Telegram's limits; resolves to whether
   * it arrived. `false`, too, where the bot is not up or too much waits. Never throws.
   */
  tell(userId: number, html: string, options?: TellOptions): Promise<boolean>;
  /** Posts or replaces one message, once, in its turn; what became of it. Never throws. */
  post(wanted: Post): Promise<Posted>;
  /** An update that came to the webhook; `false` where the bot is not up, to be sent again. */
  take(update: unknown): boolean;
  /** The bot's name on Telegram; `null` while it is not up. */
  readonly username: string | null;
}

/** Answers under way when the signal aborts get this long; then their calls are aborted. */
const STOP_MS = 400;

export function createBot(options: BotOptions): TelegramBot {
  let up: Up | null = null;
  const once = new Once();
  const asking = new AbortController();
  let next = 0;
  return {
    async run(signal, fromUpdate = 0) {
      next = fromUpdate;
      try {
        await run(options, { signal, asking: asking.signal, fromUpdate }, (opened) => up = opened);
      } finally {
        up = null;
      }
    },
    async handOver(withinMs) {
      const running = up;
      if (!options.webhook) asking.abort();
      if (!running) return next;
      if (!options.webhook) next = await running.polled;
      await atMost(withinMs, running.desk.idle());
      return next;
    },
    tell: (userId, html, more = {}) => up?.desk.tell(userId, html, more) ?? Promise.resolve(false),
    post: (wanted) => up ? post(up.posting, wanted) : Promise.resolve(NOT_UP),
    take(update) {
      if (!up) return false;
      // What is no update now will be none when it is sent again.
      if (isUpdate(update) && once.first(update.update_id)) up.desk.take(update);
      return true;
    },
    get username() {
      return up?.username ?? null;
    },
  };
}

interface Lifetime {
  readonly signal: AbortSignal;
  /** Aborts when another process asks for the updates. */
  readonly asking: AbortSignal;
  readonly fromUpdate: number;
}

interface Up {
  readonly username: string;
  readonly desk: Desk;
  readonly posting: Posting;
  /** The first update that was not taken, when polling is over. */
  readonly polled: Promise<number>;
}

/** A post gets an answer within this, or is given up as one that may have arrived. */
const POST_SECONDS = 20;

async function run(
  options: BotOptions,
  { signal, asking, fromUpdate }: Lifetime,
  opened: (up: Up) => void,
): Promise<void> {
  const { log, metrics, sleep = realSleep, clock = () => performance.now() } = options;
  const apiRoot = options.apiRoot.replace(/\/+$/, "");
  const api = new Api(options.token, {
    apiRoot,
    // A connection that died without a word is noticed by this.
    timeoutSeconds: POLL_SECONDS + 15,
  });
  // The later one is the outer one: what is tried again waits its turn again.
  // What was taken will not come again: its answers outlive the signal for a moment.
  const cutting = new AbortController();
  const talking = cutting.signal;
  const takeTurn = turns(talking, sleep, clock);
  api.config.use(pacing(takeTurn), retrying(talking, sleep));
  const failed = () => metrics?.count("pollFailed");
  const patience = new Patience({ api, signal, sleep, log, failed });
  const me = await patience.call(() => api.getMe(forGrammy(signal)));
  if (!me) return;
  log.info("The Telegram bot is up", { username: me.username });
  if (options.allowedUsers.length === 0) {
    log.warn("TELEGRAM_ALLOWED_USERS is empty: the bot answers nobody");
  }
  const desk = new Desk(options, { api, signal: talking, sleep }, me);
  const bare = new Api(options.token, { apiRoot, timeoutSeconds: POST_SECONDS });
  const underWay = new Set<Promise<unknown>>();
  const posting = { api: bare, takeTurn, signal, cut: talking, underWay };
  const take = desk.take.bind(desk);
  const { webhook } = options;
  const ready = () => log.info("Telegram brings updates to the webhook");
  const polling = AbortSignal.any([signal, asking]);
  const pollingPatience = new Patience({ api, signal: polling, sleep, log, failed });
  const polled = webhook
    ? hook({ ...webhook, api, patience, signal, ready }).then(() => fromUpdate)
    : poll({ api, sleep, patience: pollingPatience, signal: polling, fromUpdate, take });
  opened({ username: me.username, desk, posting, polled });
  await Promise.all([Promise.race([announce(api, options, signal), ended(signal)]), polled]);
  // Another process asks from now on; what is to be said here is still said.
  if (asking.aborted) await ended(signal);
  await atMost(STOP_MS, Promise.all([desk.idle(), ...underWay]));
  cutting.abort();
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

function ended(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

/** Waits for work, but not longer than this. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
