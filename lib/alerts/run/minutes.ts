// This module is pure.
/**
 * Rules on closed minutes, and on sums that only grow while a minute forms. A metric of an
 * asset is read once however many rules are about it, and as soon as its minute is whole.
 */
import { barStart, type Bucket, MINUTE_MS } from "../../market/bucket.ts";
import type { Reading, View } from "../metric/metric.ts";
import { certainOf, lackOf, windowOf } from "../metric/reading.ts";
import { type Armed, placeOf } from "./armed.ts";
import { isAbove } from "./judge.ts";
import {
  delayMs,
  fresh,
  type Kept,
  type Key,
  lastEnd,
  nameOf,
  remember,
  STALE_MS,
  stepMs,
  warmUp,
} from "./key.ts";
import { needsOf, type ViewReader } from "./reader.ts";

export type { Key };

/** A minute that is not whole by then is judged as it is: repair takes about so long. */
const WAIT_MS = 90_000;
/** How long after its end a minute is looked at for what it made certain. */
const ENDED_MS = 4_000;
/** So long it is looked at often whether the minute that has just ended is whole by now. */
const CLOSING_MS = 5_000;
export interface Step {
  readonly key: Key;
  readonly reading: Reading;
  /** End of the minute that was judged. */
  readonly endMs: number;
  /** Only what is met counts: the value may still grow. */
  readonly forming: boolean;
  readonly view: View | null;
}

export class MinuteRules {
  readonly #reader: ViewReader;
  readonly #take: (step: Step) => void;
  #byAsset = new Map<string, Kept[]>();

  constructor(reader: ViewReader, take: (step: Step) => void) {
    this.#reader = reader;
    this.#take = take;
  }

  /**
   * Judges exactly these from now on; what a metric was read as before is kept. A process
   * before this one judged up to `sinceMs`: what closed after that is judged first.
   */
  setRules(
    wanted: readonly Omit<Key, "recent" | "last">[],
    nowMs: number,
    sinceMs: number | null = null,
  ): void {
    const held = new Map([...this.#byAsset.values()].flat().map((key) => [nameOf(key), key]));
    const byAsset = new Map<string, Kept[]>();
    for (const key of wanted) {
      const before = held.get(nameOf(key));
      const kept = before ?? fresh(key, nowMs, sinceMs);
      // In place: a round that is under way goes on with it.
      kept.rules = key.rules;
      // A rule that was never judged is judged at once, on the minute that closed last.
      if (key.rules.some((armed) => placeOf(armed, key.asset).armed === null)) {
        kept.nextEndMs = Math.min(kept.nextEndMs, lastEnd(key, nowMs));
      }
      byAsset.set(key.asset, [...byAsset.get(key.asset) ?? [], kept]);
    }
    this.#byAsset = byAsset;
  }

  /** Up to here every minute has been judged; `null` where nothing is to be. */
  judgedMs(): number | null {
    let judgedMs = Infinity;
    for (const keys of this.#byAsset.values()) {
      for (const key of keys) judgedMs = Math.min(judgedMs, key.nextEndMs);
    }
    return Number.isFinite(judgedMs) ? judgedMs : null;
  }

  find(asset: string, metric: string, windowMinutes: number): Kept | undefined {
    return this.#byAsset.get(asset)?.find((key) =>
      key.metric.name === metric && key.windowMinutes === windowMinutes
    );
  }

  /** The newest value, of a minute that still forms where it is certain; `null` unknown. */
  newest(asset: string, metric: string, windowMinutes: number): number | null {
    const found = this.find(asset, metric, windowMinutes);
    if (!found) return null;
    const { ahead, nextEndMs, last } = found;
    const early = ahead && ahead.endMs >= nextEndMs ? certainOf(ahead.reading) : null;
    return early ?? certainOf(last);
  }

  /** Judges what has closed and what the forming minutes have made certain. */
  async tick(nowMs: number): Promise<void> {
    for (const [asset, keys] of this.#byAsset) {
      await this.#closed(asset, keys, nowMs);
      await this.#forming(asset, keys, nowMs);
    }
  }

  /** The same of the minute that has just ended only: cheap enough to be done often. */
  async close(nowMs: number): Promise<void> {
    for (const [asset, keys] of this.#byAsset) await this.#closed(asset, keys, nowMs);
  }

  /** Whether some rule waits for the minute that has just ended. */
  isClosing(nowMs: number): boolean {
    const endMs = barStart(nowMs, 1);
    if (nowMs - endMs >= CLOSING_MS) return false;
    for (const keys of this.#byAsset.values()) {
      if (keys.some((key) => key.nextEndMs === endMs && key.metric.settleMs === undefined)) {
        return true;
      }
    }
    return false;
  }

  /** Judges the closed minutes that are due, the oldest first. */
  async #closed(asset: string, keys: readonly Kept[], nowMs: number): Promise<void> {
    const closedMs = barStart(nowMs, 1);
    for (const key of keys) {
      if (closedMs - key.nextEndMs > STALE_MS) key.nextEndMs = lastEnd(key, nowMs);
    }
    const due = (key: Kept) => key.nextEndMs <= closedMs && nowMs >= key.nextEndMs + delayMs(key);
    const ends = new Set(keys.filter(due).map((key) => key.nextEndMs));
    for (const endMs of [...ends].sort((a, b) => a - b)) {
      const final = nowMs >= endMs + WAIT_MS;
      const state = `${endMs} ${await this.#reader.wholeness(asset, endMs)}`;
      // Nothing new was heard of the minute since it was found wanting.
      const chosen = keys.filter((key) =>
        due(key) && key.nextEndMs === endMs && (final || key.tried !== state)
      );
      for (const key of chosen) key.tried = state;
      if (chosen.length > 0) await this.#judge(asset, chosen, final);
    }
  }

  async #judge(asset: string, keys: readonly Kept[], final: boolean): Promise<void> {
    const endMs = keys[0]?.nextEndMs;
    if (endMs === undefined) return;
    const view = await this.#reader.view(asset, endMs, needsOf(keys));
    for (const key of keys) {
      const { metric, windowMinutes } = key;
      const own = await this.#reader.deepened(view, key);
      if (!key.warm) warmUp(key, own);
      const reading = key.reader.read(own, windowMinutes);
      if ("lacking" in reading && !final && metric.settleMs === undefined) {
        this.#atLeast(key, reading, endMs, view);
        continue;
      }
      key.nextEndMs = endMs + stepMs(key);
      key.last = reading;
      if ("value" in reading) remember(key, reading.value);
      this.#atLeast(key, reading, endMs, view);
      this.#take({ key, reading, endMs, forming: false, view });
    }
  }

  /** A sum of which something is missing may be enough already. */
  #atLeast(key: Kept, reading: Reading, endMs: number, view: View): void {
    if (!("lacking" in reading) || reading.atLeast === undefined) return;
    this.#certain(key, { value: reading.atLeast }, endMs, view);
  }

  /** Judges what the forming minute has made certain already. */
  async #forming(asset: string, keys: readonly Kept[], nowMs: number): Promise<void> {
    const fromMs = barStart(nowMs, 1);
    const endMs = fromMs + MINUTE_MS;
    const open = keys.filter((key) =>
      // What no rule is about is read for what stands behind another.
      key.metric.part &&
      (key.rules.length === 0 || key.rules.some((armed) => mayFire(armed, asset)))
    );
    if (open.length === 0) return;
    const markets = await this.#reader.recent(asset, { fromMs, toMs: endMs });
    for (const key of open) {
      const { metric, windowMinutes, reader } = key;
      const { part, counts = () => true, peekFrom } = metric;
      if (!part) continue;
      const lists = markets.filter(({ info }) => counts(info)).map(({ buckets }) => buckets);
      const now = sumKnown(lists, part);
      // A minute before that waits to be whole does not hold up what its end made certain.
      const ended = key.nextEndMs <= fromMs && nowMs - fromMs < ENDED_MS;
      if (peekFrom !== undefined) {
        if (!reader.peek || !key.warm) continue;
        for (const edgeMs of [...(ended ? [fromMs] : []), ...(now < peekFrom ? [] : [endMs])]) {
          const view = await this.#reader.view(asset, edgeMs, needsOf([key]));
          key.ahead = { endMs: edgeMs, reading: reader.peek(view, windowMinutes) };
          this.#certain(key, key.ahead.reading, edgeMs, view);
        }
        continue;
      }
      if (ended) {
        const view = await this.#reader.view(asset, fromMs, needsOf([key]));
        const reading = reader.read(view, windowMinutes);
        if ("value" in reading) this.#certain(key, reading, fromMs, view);
        else this.#atLeast(key, reading, fromMs, view);
      }
      const value = await this.#baseOf(key, fromMs) + now;
      this.#certain(key, { value }, endMs, null);
    }
  }

  #certain(key: Kept, reading: Reading, endMs: number, view: View | null): void {
    if (!("value" in reading)) return;
    const met = key.rules.some(({ rule }) => isAbove(rule, reading.value));
    if (met) this.#take({ key, reading, endMs, forming: true, view });
  }

  /** What is known of the closed part of a window whose last minute forms. */
  async #baseOf(key: Kept, fromMs: number): Promise<number> {
    if (key.windowMinutes === 1) return 0;
    if (key.base?.fromMs === fromMs) return key.base.sum;
    const { part, counts = () => true } = key.metric;
    if (!part) return 0;
    const view = await this.#reader.view(key.asset, fromMs, needsOf([key]));
    const series = view.series.filter(counts);
    const span = windowOf(view, key.windowMinutes - 1);
    const lists = series.map(({ buckets }) => buckets.filter(({ t }) => t >= span.fromMs));
    const sum = sumKnown(lists, part);
    // Until all of it is whole it may still grow.
    if (lackOf(series, span) === null) key.base = { fromMs, sum };
    return sum;
  }
}

function sumKnown(lists: readonly (readonly Bucket[])[], part: (row: Bucket) => number | null) {
  let sum = 0;
  for (const rows of lists) for (const row of rows) sum += part(row) ?? 0;
  return sum;
}

/** What is enough early: something above a threshold, or a word. */
function mayFire(armed: Armed, asset: string): boolean {
  const { comparison } = armed.rule;
  return (comparison === ">" || comparison === "is") && placeOf(armed, asset).armed === true;
}
