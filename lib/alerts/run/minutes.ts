// This module is pure.
/**
 * Rules on closed minutes, and on sums that only grow while a minute forms. A metric of an
 * asset is read once however many rules are about it, and as soon as its minute is whole.
 */
import { barStart, type Bucket, MINUTE_MS } from "../../market/bucket.ts";
import type { MinuteMetric, Reader, Reading, View } from "../metric/metric.ts";
import { lackOf, windowOf } from "../metric/reading.ts";
import { type Armed, placeOf } from "./armed.ts";
import { isAbove } from "./judge.ts";
import { needsOf, type ViewReader } from "./reader.ts";

/** A minute that is not whole by then is judged as it is: repair takes about so long. */
const WAIT_MS = 90_000;
/** Further behind than this nothing is news any more. */
const STALE_MS = 10 * MINUTE_MS;
/** How long after its end a minute is looked at for what it made certain. */
const ENDED_MS = 4_000;
/** Values kept for a sparkline. */
const RECENT = 24;

/** A metric of an asset over a window, and the rules that are about it. */
export interface Key {
  readonly asset: string;
  readonly metric: MinuteMetric;
  readonly windowMinutes: number;
  readonly rules: Armed[];
  readonly recent: number[];
  last: Reading | null;
}

interface Kept extends Key {
  readonly reader: Reader;
  /** End of the next minute, or bar, to be judged. */
  nextEndMs: number;
  warm: boolean;
  /** What was whole of the minute when it was last tried. */
  tried: string;
  /** Sum of the closed minutes of the window whose last one forms at `fromMs`. */
  base: { readonly fromMs: number; readonly sum: number } | null;
}

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

  /** Judges exactly these from now on; what a metric was read as before is kept. */
  setRules(wanted: readonly Omit<Key, "recent" | "last">[], nowMs: number): void {
    const held = new Map([...this.#byAsset.values()].flat().map((key) => [nameOf(key), key]));
    const byAsset = new Map<string, Kept[]>();
    for (const key of wanted) {
      const before = held.get(nameOf(key));
      const kept: Kept = before ? { ...before, rules: key.rules } : fresh(key, nowMs);
      // A rule that was never judged is judged at once, on the minute that closed last.
      if (key.rules.some((armed) => placeOf(armed, key.asset).armed === null)) {
        kept.nextEndMs = Math.min(kept.nextEndMs, lastEnd(key, nowMs));
      }
      byAsset.set(key.asset, [...byAsset.get(key.asset) ?? [], kept]);
    }
    this.#byAsset = byAsset;
  }

  get assets(): Iterable<string> {
    return this.#byAsset.keys();
  }

  find(asset: string, metric: string, windowMinutes: number): Key | undefined {
    return this.#byAsset.get(asset)?.find((key) =>
      key.metric.name === metric && key.windowMinutes === windowMinutes
    );
  }

  /** Once a second. */
  async tick(nowMs: number): Promise<void> {
    for (const [asset, keys] of this.#byAsset) {
      await this.#closed(asset, keys, nowMs);
      await this.#forming(asset, keys, nowMs);
    }
  }

  /** Judges the closed minutes that are due, the oldest first. */
  async #closed(asset: string, keys: readonly Kept[], nowMs: number): Promise<void> {
    const closedMs = barStart(nowMs, 1);
    for (const key of keys) {
      if (closedMs - key.nextEndMs > STALE_MS) key.nextEndMs = lastEnd(key, nowMs);
    }
    const due = (key: Kept) =>
      key.nextEndMs <= closedMs && nowMs >= key.nextEndMs + (key.metric.settleMs ?? 0);
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
      const own = metric.leading
        ? await this.#reader.deepened(view, metric.history(windowMinutes))
        : view;
      if (!key.warm) warmUp(key, own);
      const reading = key.reader.read(own, windowMinutes);
      if ("lacking" in reading && !final && metric.settleMs === undefined) {
        this.#atLeast(key, reading, endMs, view);
        continue;
      }
      key.nextEndMs = endMs + stepMs(key);
      key.last = reading;
      if ("value" in reading) {
        key.recent.push(reading.value);
        if (key.recent.length > RECENT) key.recent.shift();
      }
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
      key.metric.part && key.rules.some((armed) => mayFire(armed, asset))
    );
    if (open.length === 0) return;
    const markets = await this.#reader.recent(asset, { fromMs, toMs: endMs });
    for (const key of open) {
      const { metric, windowMinutes, reader } = key;
      const { part, counts = () => true, peekFrom } = metric;
      if (!part) continue;
      const lists = markets.filter(({ info }) => counts(info)).map(({ buckets }) => buckets);
      const now = sumKnown(lists, part);
      if (peekFrom !== undefined) {
        if (now < peekFrom || !reader.peek || !key.warm) continue;
        const view = await this.#reader.view(asset, endMs, needsOf([key]));
        this.#certain(key, reader.peek(view, windowMinutes), endMs, view);
        continue;
      }
      // A minute before that waits for repair does not hold up what its end made certain.
      if (key.nextEndMs <= fromMs && nowMs - fromMs < ENDED_MS) {
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

function fresh(key: Omit<Key, "recent" | "last">, nowMs: number): Kept {
  const reader = key.metric.open();
  const warm = (key.metric.warmUp ?? 0) === 0;
  const nextEndMs = lastEnd(key, nowMs);
  return { ...key, recent: [], last: null, reader, nextEndMs, warm, tried: "", base: null };
}

/** Lets a reader see the minutes before the first that counts. */
function warmUp(key: Kept, view: View): void {
  for (let minutes = key.metric.warmUp ?? 0; minutes > 0; minutes--) {
    key.reader.read({ ...view, endMs: view.endMs - minutes * MINUTE_MS }, key.windowMinutes);
  }
  key.warm = true;
}

function stepMs({ metric, windowMinutes }: Pick<Key, "metric" | "windowMinutes">): number {
  return (metric.aligned ? windowMinutes : 1) * MINUTE_MS;
}

/** The end of the last minute, or bar, that has closed. */
function lastEnd(key: Pick<Key, "metric" | "windowMinutes">, nowMs: number): number {
  return barStart(nowMs, stepMs(key) / MINUTE_MS);
}

function nameOf({ asset, metric, windowMinutes }: Pick<Key, "asset" | "metric" | "windowMinutes">) {
  return `${asset} ${metric.name} ${windowMinutes}`;
}
