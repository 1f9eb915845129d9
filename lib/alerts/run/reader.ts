// This module is pure.
/**
 * Views of assets from a source: the newest minutes from memory, and what reaches further
 * back in a form that is small enough to keep.
 */
import { type Bucket, MINUTE_MS } from "../../market/bucket.ts";
import type { SeriesInfo, Source } from "../../market/source.ts";
import { leadingNow } from "../../market/study/leading.ts";
import { type MinuteVolumes, minuteVolumes } from "../../market/study/volume.ts";
import { isComplete } from "../../market/trust.ts";
import type { Span } from "../../market/windows.ts";
import type { MinuteMetric, View, ViewSeries } from "../metric/metric.ts";
import { HOT_MINUTES, leadersOf } from "../metric/reading.ts";

/** The baseline of an hour's bar, and the bar itself. */
const VOLUME_MINUTES = 1500 + 60;
/** Markets of an asset come and go; they are asked for again this often. */
const SERIES_KEEP_MS = 15_000;

/**
 * A print from after a minute proves that all of the minute was heard, for a market's
 * prints come in order. A quiet market has no such print; then this much time is proof:
 * ours and the venue's clock may differ, and prints are on their way.
 */
const LATE_MS = 1_000;

/** A card's sparkline and trust line want so many. */
const LEAST_MINUTES = 30;

/** What the metrics asked of one view need together. */
export interface Needs {
  readonly history: number;
  readonly volumes: boolean;
  readonly percentile: boolean;
}

export function needsOf(
  asked: Iterable<{ readonly metric: MinuteMetric; readonly windowMinutes: number }>,
): Needs {
  let [history, volumes, percentile] = [LEAST_MINUTES, false, false];
  for (const { metric, windowMinutes } of asked) {
    const minutes = metric.history(windowMinutes) + (metric.warmUp ?? 0);
    history = Math.max(history, metric.leading ? Math.min(minutes, HOT_MINUTES) : minutes);
    volumes ||= metric.volumes === true;
    percentile ||= metric.percentile === true;
  }
  return { history, volumes, percentile };
}

type Known = { readonly info: SeriesInfo & { readonly market: "spot" | "perp" } };

export class ViewReader {
  readonly #source: Source;
  readonly #series = new Map<string, { readonly known: readonly Known[]; readonly atMs: number }>();
  readonly #volumes = new Map<
    string,
    { fromMs: number; readonly quotes: Float64Array }
  >();

  constructor(source: Source) {
    this.#source = source;
  }

  /** The asset's spot and perpetual markets, in venue order. */
  seriesOf(asset: string): readonly Known[] {
    const nowMs = this.#source.nowMs();
    const held = this.#series.get(asset);
    if (held && nowMs - held.atMs < SERIES_KEEP_MS && nowMs >= held.atMs) return held.known;
    const known = this.#source.seriesOf(asset).filter(hasTape).map((info) => ({ info }));
    this.#series.set(asset, { known, atMs: nowMs });
    return known;
  }

  /** The venue whose prints stand for an asset now. Where none is heard its next print counts. */
  leadingOf(asset: string): { readonly venue: string | null; readonly heard: boolean } {
    const infos = this.seriesOf(asset).map(({ info }) => info);
    const latest = (info: SeriesInfo) => this.#source.latest(info);
    const { leading, heard } = leadingNow(infos, latest, this.#source.nowMs());
    return { venue: leading?.venue ?? null, heard };
  }

  /** One character per market, `1` where its minute before the end is whole. */
  async wholeness(asset: string, endMs: number): Promise<string> {
    let flags = "";
    for (const { info } of this.seriesOf(asset)) {
      const [bucket] = await this.#source.buckets(info, endMs - MINUTE_MS, endMs);
      flags += bucket && isComplete(bucket) && this.#hasEnded(info, endMs) ? "1" : "0";
    }
    return flags;
  }

  /** The asset as it stands at a minute's end; also of a minute that still forms. */
  async view(asset: string, endMs: number, needs: Needs): Promise<View> {
    const fromMs = endMs - needs.history * MINUTE_MS;
    const series: ViewSeries[] = [];
    for (const { info } of this.seriesOf(asset)) {
      const buckets = await this.#proven(info, fromMs, endMs);
      const volumes = needs.volumes ? await this.#volumesOf(info, buckets, endMs) : null;
      const newestMs = this.#source.latest(info)?.tradeMs ?? null;
      const { venue, market, liquidations } = info;
      series.push({ venue, market, liquidations, buckets, newestMs, volumes });
    }
    const norm = needs.percentile ? await this.#source.liquidationNorm(asset) : null;
    return { asset, endMs, series, liquidationP99: norm?.p99Quote ?? null };
  }

  /** Minutes up to `endMs`, of which the last is whole only where its end is proven. */
  async #proven(info: SeriesInfo, fromMs: number, endMs: number): Promise<readonly Bucket[]> {
    const read = await this.#source.buckets(info, fromMs, endMs);
    return this.#hasEnded(info, endMs) ? read : read.map((row) => unproven(row, endMs));
  }

  #hasEnded(info: SeriesInfo, endMs: number): boolean {
    const printMs = this.#source.latest(info)?.tradeMs ?? -Infinity;
    return printMs >= endMs || this.#source.nowMs() >= endMs + LATE_MS;
  }

  /**
   * The view with as many minutes as a metric wants of the market that leads: where that does
   * not know enough, of the next one, too.
   */
  async deepened(
    view: View,
    { metric, windowMinutes }: { readonly metric: MinuteMetric; readonly windowMinutes: number },
  ): Promise<View> {
    const minutes = metric.history(windowMinutes);
    const { leading } = metric;
    if (!leading || minutes <= HOT_MINUTES) return view;
    const fromMs = view.endMs - minutes * MINUTE_MS;
    let { series } = view;
    for (const leader of leadersOf(view)) {
      const known = this.seriesOf(view.asset).find(({ info }) => info.venue === leader.venue);
      if (!known) continue;
      const deep = { ...leader, buckets: await this.#proven(known.info, fromMs, view.endMs) };
      series = series.map((one) => one === leader ? deep : one);
      if (leading(deep, view.endMs, windowMinutes) >= 1) break;
    }
    return { ...view, series };
  }

  /** The minutes of each market as they are, the forming one included. */
  async recent(
    asset: string,
    { fromMs, toMs }: Span,
  ): Promise<readonly (Known & { readonly buckets: readonly Bucket[] })[]> {
    return await Promise.all(
      this.seriesOf(asset).map(async ({ info }) => ({
        info,
        buckets: await this.#source.buckets(info, fromMs, toMs),
      })),
    );
  }

  /** Lets go of what is kept for assets that no rule is about. */
  keepOnly(assets: ReadonlySet<string>): void {
    const names = new Set([...assets].flatMap((asset) => this.seriesOf(asset).map(keyOf)));
    for (const key of this.#volumes.keys()) if (!names.has(key)) this.#volumes.delete(key);
    for (const asset of this.#series.keys()) if (!assets.has(asset)) this.#series.delete(asset);
  }

  /** The kept day of minute volumes, moved on to the end, its newest minutes read anew. */
  async #volumesOf(
    info: SeriesInfo,
    newest: readonly Bucket[],
    endMs: number,
  ): Promise<MinuteVolumes> {
    const fromMs = endMs - VOLUME_MINUTES * MINUTE_MS;
    const key = keyOf({ info });
    const held = this.#volumes.get(key);
    const moved = held ? (fromMs - held.fromMs) / MINUTE_MS : Infinity;
    const firstMs = newest[0]?.t ?? endMs;
    // Beyond what the newest minutes bridge, the whole day is read again; once a day anyway.
    if (!held || moved < 0 || moved > (endMs - firstMs) / MINUTE_MS || isDue(key, endMs, moved)) {
      const day = await this.#source.buckets(info, fromMs, endMs);
      const { quotes } = minuteVolumes(day, { fromMs, toMs: endMs });
      const made = { fromMs, quotes };
      this.#volumes.set(key, made);
      return made;
    }
    held.quotes.copyWithin(0, moved).fill(NaN, VOLUME_MINUTES - moved);
    held.fromMs = fromMs;
    const tail = minuteVolumes(newest, { fromMs: firstMs, toMs: endMs });
    held.quotes.set(tail.quotes, VOLUME_MINUTES - tail.quotes.length);
    return held;
  }
}

/** The last minute may still get a print: it is not whole yet, whatever it claims. */
function unproven(row: Bucket, endMs: number): Bucket {
  const isLast = row.t === endMs - MINUTE_MS && isComplete(row);
  return isLast ? { ...row, coverageMs: MINUTE_MS - 1 } : row;
}

function hasTape(info: SeriesInfo): info is Known["info"] {
  return info.market !== "options";
}

function keyOf({ info }: { readonly info: SeriesInfo }): string {
  return `${info.venue}:${info.symbol}`;
}

/** Once an hour, at a minute of its own per market: repair may have filled older minutes. */
function isDue(key: string, endMs: number, moved: number): boolean {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (hash * 31 + key.charCodeAt(i)) % 59;
  return moved > 0 && (endMs / MINUTE_MS) % 60 === hash + 1;
}
