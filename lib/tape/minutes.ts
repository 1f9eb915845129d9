/**
 * All known minutes of a series, wherever they lie: the hot window in memory, older ones
 * in the store. Live minutes reach the store through the head alone; what is rebuilt goes
 * where the minute lies.
 */
import { type Bucket, emptyBucket, MINUTE_MS } from "../market/bucket.ts";
import type { Head } from "../market/head/head.ts";
import { WINDOW_MINUTES } from "../market/head/minute_ring.ts";
import { seriesKey } from "../market/instrument.ts";
import { isComplete } from "../market/trust.ts";
import type { SeriesId, Store } from "../store/mod.ts";
import { PastCache } from "./past/past_cache.ts";

/** The newest minutes of the window turn over soon; a rebuilt minute there might be lost. */
const WINDOW_MARGIN = 3;

/** Values of a minute that do not come from its trades. */
export interface MinuteState {
  readonly t: number;
  readonly oiBase?: number;
  readonly fundingRate?: number;
}

/** Told of every minute, by a time in it, that was rebuilt. */
export type OnRebuilt = (id: SeriesId, timeMs: number) => void;

export class Minutes {
  readonly #head: Head;
  readonly #store: Store;
  readonly #nowMs: () => number;
  readonly #past = new PastCache();
  #rebuilt: OnRebuilt = () => {};

  constructor(head: Head, store: Store, nowMs: () => number) {
    this.#head = head;
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** Who keeps what is made of minutes hears here when they change; the newest listener counts. */
  onRebuilt(listener: OnRebuilt): void {
    this.#rebuilt = listener;
  }

  /** First ms that memory holds; what is older lies in the store. */
  windowFromMs(): number {
    const open = Math.floor(this.#nowMs() / MINUTE_MS);
    return Math.max(0, open - WINDOW_MINUTES + WINDOW_MARGIN) * MINUTE_MS;
  }

  /** The known minutes of `[fromMs, toMs)`, ordered, the open one included. */
  async read(id: SeriesId, fromMs: number, toMs: number): Promise<Bucket[]> {
    const { venue, symbol } = id;
    const windowMs = this.windowFromMs();
    const load = (from: number, to: number) => this.#store.read({ venue, symbol }, from, to);
    const rows = fromMs < windowMs
      ? await this.#past.read(
        seriesKey(venue, symbol),
        fromMs,
        Math.min(toMs, windowMs),
        this.#nowMs(),
        load,
      )
      : [];
    return this.#withHot(rows, id, Math.max(fromMs, windowMs), toMs);
  }

  /** The same, for who will not ask again soon: the stored part is not kept for the next question. */
  async readOnce(id: SeriesId, fromMs: number, toMs: number): Promise<Bucket[]> {
    const { venue, symbol } = id;
    const windowMs = this.windowFromMs();
    const rows = fromMs < windowMs
      ? await this.#store.read({ venue, symbol }, fromMs, Math.min(toMs, windowMs))
      : [];
    return this.#withHot(rows, id, Math.max(fromMs, windowMs), toMs);
  }

  #withHot(
    rows: Bucket[],
    { venue, symbol }: SeriesId,
    fromMs: number,
    toMs: number,
  ): Bucket[] {
    const series = this.#head.get(venue, symbol);
    if (!series) return rows;
    const first = Math.ceil(fromMs / MINUTE_MS);
    const end = Math.min(Math.ceil(toMs / MINUTE_MS), Math.floor(this.#nowMs() / MINUTE_MS) + 1);
    for (let minute = first; minute < end; minute++) {
      const bucket = series.bucket(minute);
      if (bucket) rows.push(bucket);
    }
    return rows;
  }

  /** Puts rebuilt minutes in place of what was known of their trades; the rest of a minute stays. */
  async replaceTape(id: SeriesId, buckets: readonly Bucket[]): Promise<void> {
    const windowMs = this.windowFromMs();
    const series = this.#head.get(id.venue, id.symbol);
    const old: Bucket[] = [];
    for (const bucket of buckets) {
      if (series && bucket.t >= windowMs) series.replace(bucket);
      else old.push(bucket);
    }
    try {
      await this.#merge(id, old, withTape);
    } finally {
      // Also after a failure: some rows may be written.
      for (const { t } of buckets) this.#rebuilt(id, t);
    }
  }

  /** Puts values from a venue's history into their minutes; the trades of a minute stay. */
  async setState(id: SeriesId, states: readonly MinuteState[]): Promise<void> {
    const windowMs = this.windowFromMs();
    const series = this.#head.get(id.venue, id.symbol);
    const old: Bucket[] = [];
    for (const state of states) {
      const bucket = { ...emptyBucket(state.t), ...state };
      if (!series || state.t < windowMs) old.push(bucket);
      else series.replace(withState(series.bucket(state.t / MINUTE_MS) ?? bucket, bucket));
    }
    try {
      await this.#merge(id, old, withState);
    } finally {
      // Also after a failure: some rows may be written.
      for (const { t } of states) this.#rebuilt(id, t);
    }
  }

  /** Lets go of what is only kept for the next question; called now and then. */
  sweep(): void {
    this.#past.sweep(this.#nowMs());
  }

  async #merge(
    { venue, symbol }: SeriesId,
    buckets: readonly Bucket[],
    merge: (held: Bucket, bucket: Bucket) => Bucket,
  ): Promise<void> {
    const times = buckets.map((bucket) => bucket.t);
    if (times.length === 0) return;
    const id = { venue, symbol };
    const held = await this.#store.read(id, Math.min(...times), Math.max(...times) + MINUTE_MS);
    const byTime = new Map(held.map((bucket) => [bucket.t, bucket]));
    const merged = buckets.map((bucket) => merge(byTime.get(bucket.t) ?? bucket, bucket));
    this.#past.forget(seriesKey(venue, symbol));
    await this.#store.writeSeries(id, merged);
    this.#past.forget(seriesKey(venue, symbol));
  }
}

/** A minute with the trades of `tape` and everything else of `held`. */
function withTape(held: Bucket, tape: Bucket): Bucket {
  const { oiBase, fundingRate, fundingIntervalHours, markPrice, imbalance, imbalanceSamples } =
    held;
  const { liqLongQuote, liqShortQuote, liqLongs, liqShorts } = held;
  // As in the hot window: none heard of in a part of a minute is not none in the whole of it.
  const tells = (count: number | null) => isComplete(held) || (count ?? 0) > 0;
  return {
    ...tape,
    ...{ oiBase, fundingRate, fundingIntervalHours, markPrice, imbalance, imbalanceSamples },
    ...(tells(liqLongs) ? { liqLongQuote, liqLongs } : { liqLongQuote: null, liqLongs: null }),
    ...(tells(liqShorts) ? { liqShortQuote, liqShorts } : { liqShortQuote: null, liqShorts: null }),
  };
}

/** A minute with the values of `state` where `held` has none of its own. */
function withState(held: Bucket, state: Bucket): Bucket {
  return {
    ...held,
    oiBase: held.oiBase ?? state.oiBase,
    fundingRate: held.fundingRate ?? state.fundingRate,
  };
}
