// This module is pure.
/**
 * What can go wrong at an exchange, as data: what a test posts, and what is in force.
 * To add a fault: one line in `Fault`, and its question below or its act in exchange.ts.
 */
import { isVenue, type VenueName } from "../market/listing.ts";

/** Where a fault applies; what is left out applies everywhere. */
export interface Where {
  readonly venue?: VenueName;
  /** `stream` (Binance spot), `market`, `public`, `legacy` (perp), `spot`, `linear` (Bybit). */
  readonly route?: string;
  /** A native stream or topic, `btcusdt@aggTrade`. */
  readonly stream?: string;
}

/** How long, in seconds. */
interface Lasting {
  readonly seconds: number;
}

export type Garbage =
  | "cut"
  | "null"
  | "types"
  | "negative"
  | "old"
  | "future"
  | "unknown"
  | "text"
  | "huge";

export type Fault =
  /** Closes the sockets now. */
  | (Where & { readonly kind: "drop" })
  /** Forgets subscriptions without a word; who asks again gets the stream again. */
  | (Where & { readonly kind: "mute" })
  /** Answers new sockets with 503. */
  | (Where & Lasting & { readonly kind: "refuse" })
  /** Sends nothing, closes nothing; what would have been sent is lost. */
  | (Where & Lasting & { readonly kind: "stall" })
  /** `perSecond` broken frames on every socket, of one kind or of all but `huge` in turn. */
  | (Where & Lasting & {
    readonly kind: "garbage";
    readonly what?: Garbage;
    readonly perSecond?: number;
  })
  /** A share of the trade frames comes twice, does not come, comes late or swapped. */
  | (Where & Lasting & { readonly kind: "duplicate"; readonly ratio: number })
  | (Where & Lasting & { readonly kind: "lose"; readonly ratio: number })
  | (Where & Lasting & { readonly kind: "late"; readonly ratio: number; readonly delayMs: number })
  | (Where & Lasting & { readonly kind: "reorder"; readonly ratio: number })
  /** Answers REST with a status; `path` is a part of the path, `/klines`. */
  | (Where & Lasting & {
    readonly kind: "rest";
    readonly status: number;
    readonly path?: string;
    readonly retryAfter?: number;
  })
  | (Where & Lasting & { readonly kind: "slow"; readonly ms: number; readonly path?: string })
  /** Moves the exchange's clock to `ms` from the true one, for times of events and of the server. */
  | { readonly kind: "skew"; readonly ms: number }
  /** Announces the end of the Binance spot node, then closes its sockets. */
  | { readonly kind: "shutdown"; readonly graceMs: number }
  /** Ends all faults but the skew. */
  | { readonly kind: "clear" };

type LastingFault = Extract<Fault, Lasting>;

/** Every kind, with the numbers without which it means nothing. */
const KINDS: Readonly<Record<Fault["kind"], readonly string[]>> = {
  drop: [],
  mute: [],
  refuse: ["seconds"],
  stall: ["seconds"],
  garbage: ["seconds"],
  duplicate: ["seconds", "ratio"],
  lose: ["seconds", "ratio"],
  late: ["seconds", "ratio", "delayMs"],
  reorder: ["seconds", "ratio"],
  rest: ["seconds", "status"],
  slow: ["seconds", "ms"],
  skew: ["ms"],
  shutdown: ["graceMs"],
  clear: [],
};

/** Whether posted JSON is a fault: a known kind, venue, and its numbers. */
export function isFault(body: unknown): body is Fault {
  if (!isRecord(body)) return false;
  const needed = Object.entries(KINDS).find(([kind]) => kind === body.kind)?.[1];
  if (needed === undefined) return false;
  if (body.venue !== undefined && !isVenue(body.venue)) return false;
  return needed.every((name) => typeof body[name] === "number");
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The lasting faults in force. */
export class Faults {
  #active: { readonly fault: LastingFault; readonly untilMs: number }[] = [];

  add(fault: LastingFault, nowMs: number): void {
    this.#active.push({ fault, untilMs: nowMs + fault.seconds * 1000 });
  }

  clear(): void {
    this.#active = [];
  }

  /** Nothing is wrong: the usual case, asked before every frame. */
  get none(): boolean {
    return this.#active.length === 0;
  }

  /** The newest fault of a kind that applies, or `undefined`. */
  find<K extends LastingFault["kind"]>(
    kind: K,
    where: Where,
    nowMs: number,
  ): Extract<LastingFault, { kind: K }> | undefined {
    this.#active = this.#active.filter((entry) => entry.untilMs > nowMs);
    for (const { fault } of this.#active.toReversed()) {
      if (isKind(fault, kind) && applies(fault, where)) return fault;
    }
    return undefined;
  }
}

function isKind<K extends LastingFault["kind"]>(
  fault: LastingFault,
  kind: K,
): fault is Extract<LastingFault, { kind: K }> {
  return fault.kind === kind;
}

/** A fault of one stream does not apply to a whole socket. */
export function applies(fault: Where, where: Where): boolean {
  return (fault.venue === undefined || fault.venue === where.venue) &&
    (fault.route === undefined || fault.route === where.route) &&
    (fault.stream === undefined || fault.stream === where.stream);
}
