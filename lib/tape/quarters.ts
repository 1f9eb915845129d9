/**
 * The closed quarter-hours of every series, kept in memory: questions about a day need not
 * read its 1440 minutes again. A quarter is worked out from its minutes when it is asked
 * for or in the background, and again when one of them has changed.
 */
import { barStart, type Bucket, MINUTE_MS } from "../market/bucket.ts";
import type { Head } from "../market/head/head.ts";
import type { Series } from "../market/head/series.ts";
import { seriesKey } from "../market/instrument.ts";
import {
  type Quarter,
  QUARTER_MINUTES,
  QUARTER_MS,
  quarterFrom,
  quartersFrom,
} from "../market/quarter.ts";
import type { SeriesId } from "../store/mod.ts";
import { pause } from "./every.ts";
import type { Flusher } from "./flush.ts";
import type { Minutes } from "./minutes.ts";
import { QuarterRing, RING_QUARTERS } from "./quarter_ring.ts";

/** Between two series that are filled: others have their turn. */
const FILL_PAUSE_MS = 5;

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
  readonly ring: QuarterRing;
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

  /**
   * One row per closed quarter-hour of `[fromMs, toMs)`, both at the edge of one; where
   * nothing is known the row is empty.
   */
  async read(id: SeriesId, fromMs: number, toMs: number): Promise<Quarter[]> {
    const endMs = Math.min(toMs, barStart(this.#options.nowMs(), QUARTER_MINUTES));
    const held = this.#holdOf(id);
    // Nothing of a series that is not in memory is told when it changes.
    if (!held) return await this.#load(id, fromMs, endMs);
    const hotMs = this.#hotFromMs();
    const firstMs = missingFrom(held.ring, fromMs, Math.min(hotMs, endMs));
    const loadedMs = firstMs ?? Infinity;
    const loaded = firstMs === null ? [] : await this.#fill(id, held, firstMs, hotMs, endMs);
    const rows: Quarter[] = [];
    for (let t = fromMs; t < endMs; t += QUARTER_MS) {
      const row = t >= hotMs ? hotQuarter(held, t) : held.ring.get(t);
      rows.push(row ?? loaded[(t - loadedMs) / QUARTER_MS] ?? quarterFrom(t, []));
    }
    return rows;
  }

  /** Works out what lacks, one series after the other. */
  async fill(signal: AbortSignal): Promise<void> {
    const { head, nowMs } = this.#options;
    for (const [key, { series }] of this.#held) {
      const { venue, symbol } = series.instrument;
      if (head.get(venue, symbol) !== series) this.#held.delete(key);
    }
    for (const { instrument: { venue, symbol } } of [...head.all()]) {
      if (signal.aborted) return;
      const toMs = barStart(nowMs(), QUARTER_MINUTES);
      await this.read({ venue, symbol }, toMs - RING_QUARTERS * QUARTER_MS, toMs);
      await pause(FILL_PAUSE_MS, signal);
    }
  }

  #holdOf({ venue, symbol }: SeriesId): Held | null {
    const key = seriesKey(venue, symbol);
    const series = this.#options.head.get(venue, symbol);
    if (!series) return null;
    const held = this.#held.get(key);
    if (held?.series === series) return held;
    const made = { series, ring: new QuarterRing() };
    this.#held.set(key, made);
    return made;
  }

  /** The first quarter all of whose minutes lie in the hot window. */
  #hotFromMs(): number {
    return Math.ceil(this.#options.minutes.windowFromMs() / QUARTER_MS) * QUARTER_MS;
  }

  /** Reads `[fromMs, hotMs)` from the store; what has not changed meanwhile is kept. */
  async #fill(id: SeriesId, { ring }: Held, fromMs: number, hotMs: number, endMs: number) {
    const { version } = ring;
    const rows = await this.#load(id, fromMs, Math.min(hotMs, endMs));
    if (ring.version !== version) return rows;
    const keptMs = barStart(this.#options.nowMs(), QUARTER_MINUTES) - RING_QUARTERS * QUARTER_MS;
    for (const row of rows) if (row.t >= keptMs) ring.put(row);
    return rows;
  }

  async #load(id: SeriesId, fromMs: number, toMs: number): Promise<Quarter[]> {
    if (fromMs >= toMs) return [];
    const minutes = await this.#options.minutes.readOnce(id, fromMs, toMs);
    const known = new Map(quartersFrom(minutes).map((row) => [row.t, row]));
    const count = (toMs - fromMs) / QUARTER_MS;
    return Array.from({ length: count }, (_, i) => {
      const t = fromMs + i * QUARTER_MS;
      return known.get(t) ?? quarterFrom(t, []);
    });
  }

  #forget({ venue, symbol }: SeriesId, timeMs: number): void {
    this.#held.get(seriesKey(venue, symbol))?.ring.forget(barStart(timeMs, QUARTER_MINUTES));
  }
}

/** The first quarter of a span that the ring lacks, or `null`. */
function missingFrom(ring: QuarterRing, fromMs: number, toMs: number): number | null {
  for (let t = fromMs; t < toMs; t += QUARTER_MS) if (!ring.has(t)) return t;
  return null;
}

/** A quarter of the hot window; worked out anew while a change of it is not written yet. */
function hotQuarter({ series, ring }: Held, t: number): Quarter | null {
  const [first, end] = [t / MINUTE_MS, t / MINUTE_MS + QUARTER_MINUTES];
  let changing = false;
  for (let minute = first; minute < end; minute++) changing ||= series.ring.isDirty(minute);
  const held = changing ? null : ring.get(t);
  if (held) return held;
  const minutes: Bucket[] = [];
  for (let minute = first; minute < end; minute++) {
    const bucket = series.bucket(minute);
    if (bucket) minutes.push(bucket);
  }
  const row = quarterFrom(t, minutes);
  // A minute that memory lacks may lie in the store: such a row is not for later.
  if (!changing && minutes.length === QUARTER_MINUTES) ring.put(row);
  return row;
}
