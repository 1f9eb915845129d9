// This module is pure.
/**
 * The silence watchdog: which subscribed streams have said nothing for longer than
 * their own habit allows. A sparse stream (liquidations) has no habit; it is judged by
 * the dense ones beside it, on the same socket.
 */
import type { StreamKind, Topic } from "../../market/collector.ts";

/** Streams that send all the time, and after how much silence they are dead. */
const DENSE_SILENCE_MS: Readonly<Partial<Record<StreamKind, number>>> = {
  derivative: 20_000,
  depth: 30_000,
};
/** A trade stream is dead after this many of its usual gaps, within these bounds. */
const TRADE_GAPS = 25;
const TRADE_SILENCE_MIN_MS = 20_000;
const TRADE_SILENCE_MAX_MS = 3_600_000;
/** A stream whose usual gap is longer than this says nothing by a minute's silence. */
const DENSE_GAP_MS = 2_000;
/** How long an ack may stand without any data. */
const FIRST_DATA_MS = 30_000;
/** After an attempt the stream gets this long, doubled with every attempt, to speak. */
const PATIENCE_MS = 15_000;
const PATIENCE_MAX_MS = 900_000;
/** Silence of a trade stream after which the venue is asked whether it trades: usual gaps, ms. */
const PROBE_GAPS = 4;
const PROBE_SILENCE_MS = 20_000;
const PROBE_AGAIN_MAX_MS = 300_000;
/** What is traded this long after an ack must come; before it, it may have been too early. */
const SURE_MS = 500;
/** Weight of the newest gap in the usual gap, which is a plain mean of the first ones. */
const GAP_WEIGHT = 0.05;
/** With fewer gaps nothing is usual yet. */
const LEAST_GAPS = 8;
/** Prints of one sweep are one beat: a quiet market that trades in bursts is still quiet. */
const BEAT_MS = 500;

export class StreamWatch {
  readonly topic: Topic;
  /** When data last came, venue ms. */
  heardMs: number | null = null;
  #ackedMs: number | null = null;
  #beatMs: number | null = null;
  #meanGapMs = 0;
  #gaps = 0;
  #attempts = 0;
  #notBeforeMs = 0;
  #probes = 0;
  #probeAtMs = 0;

  constructor(topic: Topic) {
    this.topic = topic;
  }

  acked(nowMs: number): void {
    this.#ackedMs = nowMs;
  }

  lost(): void {
    // The silence until the next connection is not the stream's habit.
    this.#ackedMs = this.#beatMs = null;
  }

  isAcked(): boolean {
    return this.#ackedMs !== null;
  }

  /**
   * From when on a trade that did not come proves the stream dead, venue ms: what was traded
   * before the subscription says nothing against it.
   */
  get sureFromMs(): number {
    return (this.#ackedMs ?? Infinity) + SURE_MS;
  }

  heard(nowMs: number): void {
    const gapMs = this.#beatMs === null ? 0 : nowMs - this.#beatMs;
    if (gapMs >= BEAT_MS) {
      const weight = ++this.#gaps <= LEAST_GAPS ? 1 / this.#gaps : GAP_WEIGHT;
      this.#meanGapMs += weight * (gapMs - this.#meanGapMs);
    }
    if (this.#beatMs === null || gapMs >= BEAT_MS || gapMs < 0) this.#beatMs = nowMs;
    this.heardMs = nowMs;
    this.#attempts =
      this.#notBeforeMs =
      this.#probes =
      this.#probeAtMs =
        0;
  }

  isSparse(): boolean {
    return this.topic.kind === "liquidation";
  }

  /** Sends so often that a minute's silence is a fault. */
  isDense(): boolean {
    if (this.isSparse()) return false;
    if (this.topic.kind !== "trade") return true;
    return this.#usualGapMs !== null && this.#usualGapMs <= DENSE_GAP_MS;
  }

  /** Between its beats; `null` while too few are known. */
  get #usualGapMs(): number | null {
    return this.#gaps < LEAST_GAPS ? null : this.#meanGapMs;
  }

  isFresh(nowMs: number): boolean {
    return this.heardMs !== null && nowMs - this.heardMs < 60_000;
  }

  /** Silent for longer than it may be, and its last attempt has had its time. */
  isSilent(nowMs: number): boolean {
    const ackedMs = this.#ackedMs;
    if (ackedMs === null || nowMs < this.#notBeforeMs) return false;
    const sinceMs = Math.max(ackedMs, this.heardMs ?? 0);
    if (this.heardMs === null) return !this.isSparse() && nowMs - ackedMs > FIRST_DATA_MS;
    return nowMs - sinceMs > this.#allowedMs();
  }

  #allowedMs(): number {
    if (this.isSparse()) return Infinity;
    const fixed = DENSE_SILENCE_MS[this.topic.kind];
    if (fixed !== undefined) return fixed;
    const usual = (this.#usualGapMs ?? TRADE_SILENCE_MAX_MS) * TRADE_GAPS;
    return Math.min(TRADE_SILENCE_MAX_MS, Math.max(TRADE_SILENCE_MIN_MS, usual));
  }

  /**
   * Whether the venue should be asked if it trades on: true once per pause, which doubles. A
   * quiet market and a dead stream look the same from here, however rare the trades are.
   */
  wantsProbe(nowMs: number): boolean {
    if (this.topic.kind !== "trade" || this.#ackedMs === null) return false;
    const allowedMs = Math.max(PROBE_SILENCE_MS, PROBE_GAPS * (this.#usualGapMs ?? 0));
    const sinceMs = Math.max(this.#ackedMs, this.heardMs ?? 0);
    if (nowMs < this.#probeAtMs || nowMs - sinceMs < allowedMs) return false;
    this.#probeAtMs = nowMs + Math.min(PROBE_AGAIN_MAX_MS, PROBE_SILENCE_MS * 2 ** this.#probes++);
    return true;
  }

  /** Notes that something is being done about the silence; returns how often before. */
  attempt(nowMs: number): number {
    const patienceMs = Math.min(PATIENCE_MAX_MS, PATIENCE_MS * 2 ** this.#attempts);
    this.#notBeforeMs = nowMs + patienceMs;
    return this.#attempts++;
  }
}

/**
 * What is done about a silence: more with every attempt that did not help. `tell` asks again
 * and lets the owner know, `alarm` connects anew and does.
 */
export type Cure = "resubscribe" | "tell" | "reconnect" | "alarm";

export interface Silence {
  readonly streams: readonly StreamWatch[];
  readonly cure: Cure;
}

/** The cure after so many attempts. */
export function cureAfter(attempts: number): Cure {
  return attempts === 0 ? "resubscribe" : attempts === 1 ? "reconnect" : "alarm";
}

/** Attempts in vain after which the owner hears of a stream that never spoke, once. */
const TELL_AFTER = 2;

/** What to do about the silent streams of one socket now, or `null` where all is well. */
export function judge(streams: readonly StreamWatch[], nowMs: number): Silence | null {
  const silent = streams.filter((stream) => stream.isSilent(nowMs));
  if (silent.length === 0) return null;
  const dense = silent.some((stream) => stream.isDense());
  const most = silent.length * 2 > streams.length;
  const symbols = new Set(silent.map(({ topic }) => topic.symbol));
  // A stream that fell silent says that the sparse ones of its market may be dead too, and where
  // most are silent, all of them. No others: to ask for one again is to miss some of it.
  const beside = streams.filter((stream) =>
    stream.isSparse() && stream.isAcked() &&
    ((dense && most) || symbols.has(stream.topic.symbol))
  );
  const attempts = Math.max(...silent.map((stream) => stream.attempt(nowMs)));
  // What never spoke on a socket that delivers is not there: the socket is not at fault.
  const delivers = streams.some((stream) =>
    !stream.isSparse() && stream.isFresh(nowMs) && !silent.includes(stream)
  );
  const absent = delivers && silent.every((stream) => stream.heardMs === null);
  // A market that stays silent on a new connection, where others deliver, was halted: the
  // venue is asked whether it trades (`wantsProbe`), and the others keep their socket.
  const halted = attempts >= TELL_AFTER &&
    streams.some((stream) =>
      !stream.isSparse() && stream.isFresh(nowMs) && !symbols.has(stream.topic.symbol)
    );
  // A quiet market is asked for again, but never costs the others their socket.
  if (attempts === 0 || absent || halted || !(dense || most)) {
    const cure = (absent || halted) && attempts === TELL_AFTER ? "tell" : "resubscribe";
    return { streams: [...silent, ...beside], cure };
  }
  return { streams: silent, cure: cureAfter(attempts) };
}
