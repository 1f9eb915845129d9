/**
 * The closed quarter-hours of every series, kept in memory: questions about a day need not
 * read its 1440 minutes again. A quarter is worked out from its minutes when it is asked
 * for or in the background, and again when one of them has changed.
 */
import {
  barStart,
  type Bucket,
  MINUTE_MS,
  QUARTER_MINUTES,
  QUARTER_MS,
} from "../../market/bucket.ts";
import type { Head } from "../../market/head/head.ts";
import type { Series } from "../../market/head/series.ts";
import { seriesKey } from "../../market/instrument.ts";
import { type Past, pastFrom, putQuarters } from "../../market/past/past.ts";
import { DAY_QUARTERS } from "../../market/past/day_ring.ts";
import { LONG_QUARTERS, PastRing } from "../../market/past/ring.ts";
import type { Span } from "../../market/windows.ts";
import type { SeriesId } from "../../store/mod.ts";
import { pause } from "../every.ts";
import type { Flusher } from "../flush.ts";
import type { Minutes } from "../minutes.ts";

/** Between two series that are filled: others have their turn. */
const FILL_PAUSE_MS = 5;
/** Minutes are read six hours at a time: two days of them would be more than a megabyte. */
const READ_MS = 24 * QUARTER_MS;

export interface QuartersOptions {
  readonly head: Head;
  /** They tell when old minutes are rebuilt. */
  readonly minutes: Minutes;
  /** It meets every minute of the hot window that changes. */
  readonly flusher: Flusher;
  readonly nowMs: () => number;
}

interface Held {
  /** The series in memory whose quarters these are; another of its name begins anew. */
  readonly series: Series;
  readonly ring: PastRing;
  /** The end of what is being read: who comes meanwhile needs not read it too. */
  turn: Promise<void>;
  /** Of this nothing lacked when it was last looked at. */
  whole: Whole | null;
}

/** A span of a ring, as it was when `closedMs` was the end of the closed quarters. */
interface Whole extends Span {
  readonly closedMs: number;
  readonly version: number;
}

export class Quarters {
  readonly #options: QuartersOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: QuartersOptions) {
    this.#options = options;
    const changed = (id: SeriesId, timeMs: number) => this.#forget(id, timeMs);
    options.minutes.onRebuilt(changed);
    options.flusher.onWrite(changed);
  }

  /** Minutes `[fromMs, toMs)` in closed quarter-hours: see `Source.past`. */
  async past(id: SeriesId, fromMs: number, toMs: number, priced: boolean): Promise<Past> {
    const closedMs = this.#closedMs();
    const endMs = Math.min(toMs, closedMs);
    const firstMs = barStart(fromMs, QUARTER_MINUTES);
    const held = this.#holdOf(id);
    // Nothing of a series that is not in memory is told when it changes.
    if (!held) {
      const minutes = await this.#options.minutes.readOnce(id, firstMs, endMs);
      return pastFrom(minutes, { fromMs, toMs: endMs }, priced);
    }
    const { ring } = held;
    if (priced && !ring.isPriced) ring.followPrice();
    const heldMs = Math.max(firstMs, closedMs - LONG_QUARTERS * QUARTER_MS);
    await this.#ensure(id, held, heldMs, endMs);
    return { ring, fromMs: Math.max(fromMs, heldMs), toMs: Math.max(endMs, heldMs) };
  }

  /** Works out what lacks, one series after the other. */
  async fill(signal: AbortSignal): Promise<void> {
    const { head } = this.#options;
    for (const [key, { series }] of this.#held) {
      const { venue, symbol } = series.instrument;
      if (head.get(venue, symbol) !== series) this.#held.delete(key);
    }
    for (const { instrument: { venue, symbol } } of [...head.all()]) {
      if (signal.aborted) return;
      const id = { venue, symbol };
      const held = this.#holdOf(id);
      if (!held) continue;
      const toMs = this.#closedMs();
      const quarters = held.ring.isPriced ? LONG_QUARTERS : DAY_QUARTERS;
      await this.#ensure(id, held, toMs - quarters * QUARTER_MS, toMs);
      await pause(FILL_PAUSE_MS, signal);
    }
  }

  #holdOf({ venue, symbol }: SeriesId): Held | null {
    const key = seriesKey(venue, symbol);
    const series = this.#options.head.get(venue, symbol);
    if (!series) return null;
    const held = this.#held.get(key);
    if (held?.series === series) return held;
    // Markets with liquidations are perpetuals: their price stands for the asset.
    const ring = new PastRing(series.options.liquidations);
    const made = { series, ring, turn: Promise.resolve(), whole: null };
    this.#held.set(key, made);
    return made;
  }

  #closedMs(): number {
    return barStart(this.#options.nowMs(), QUARTER_MINUTES);
  }

  /** The first quarter all of whose minutes lie in the hot window. */
  #hotFromMs(): number {
    return Math.ceil(this.#options.minutes.windowFromMs() / QUARTER_MS) * QUARTER_MS;
  }

  /** Has the ring hold `[fromMs, toMs)`. */
  async #ensure(id: SeriesId, held: Held, fromMs: number, toMs: number): Promise<void> {
    const closedMs = this.#closedMs();
    const hotMs = this.#hotFromMs();
    const storedMs = Math.min(hotMs, toMs);
    if (!isWhole(held, fromMs, storedMs, closedMs)) {
      const before = held.turn.catch(() => {});
      held.turn = before.then(() => this.#fill(id, held.ring, fromMs, storedMs, closedMs));
      await held.turn;
    }
    for (let t = Math.max(fromMs, hotMs); t < toMs; t += QUARTER_MS) putHot(held, t, closedMs);
  }

  /** Reads what lacks of `[fromMs, toMs)` from the store; what changed meanwhile stays due. */
  async #fill(
    id: SeriesId,
    ring: PastRing,
    fromMs: number,
    toMs: number,
    closedMs: number,
  ): Promise<void> {
    let t = missingFrom(ring, fromMs, toMs, closedMs);
    while (t < toMs) {
      let endMs = t + QUARTER_MS;
      while (endMs < Math.min(toMs, t + READ_MS) && !ring.has(endMs, closedMs)) endMs += QUARTER_MS;
      const { version } = ring;
      const minutes = await this.#options.minutes.readOnce(id, t, endMs);
      const fresh = ring.version === version;
      putQuarters(ring, minutes, { fromMs: t, toMs: endMs }, closedMs, fresh);
      t = missingFrom(ring, endMs, toMs, closedMs);
    }
  }

  #forget({ venue, symbol }: SeriesId, timeMs: number): void {
    this.#held.get(seriesKey(venue, symbol))?.ring.forget(barStart(timeMs, QUARTER_MINUTES));
  }
}

/**
 * Whether the ring has all of a span. What it had is remembered as long as nothing changes:
 * every question asks this of some hundred quarters.
 */
function isWhole(held: Held, fromMs: number, toMs: number, closedMs: number): boolean {
  const { ring, whole } = held;
  const { version } = ring;
  const same = whole?.version === version && whole.closedMs === closedMs;
  if (same && whole.fromMs <= fromMs && toMs <= whole.toMs) return true;
  if (missingFrom(ring, fromMs, toMs, closedMs) < toMs) return false;
  held.whole = { fromMs, toMs, closedMs, version };
  return true;
}

/** The first quarter of a span that the ring lacks, or its end. */
function missingFrom(ring: PastRing, fromMs: number, toMs: number, closedMs: number): number {
  let t = fromMs;
  while (t < toMs && ring.has(t, closedMs)) t += QUARTER_MS;
  return t;
}

/** Puts a quarter of the hot window; anew while a change of it is not written yet. */
function putHot({ series, ring }: Held, t: number, closedMs: number): void {
  const [first, end] = [t / MINUTE_MS, t / MINUTE_MS + QUARTER_MINUTES];
  let changing = false;
  for (let minute = first; minute < end; minute++) changing ||= series.ring.isDirty(minute);
  if (!changing && ring.has(t, closedMs)) return;
  const minutes: Bucket[] = [];
  for (let minute = first; minute < end; minute++) {
    const bucket = series.bucket(minute);
    if (bucket) minutes.push(bucket);
  }
  // A minute that memory lacks may lie in the store: such a quarter has to be put again.
  ring.put(t, minutes, closedMs, !changing && minutes.length === QUARTER_MINUTES);
}
