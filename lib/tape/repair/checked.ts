/**
 * Mending where the venue tells little: its newest trades, and candles without sides. What
 * a stream without ordered ids has lost leaves no trace in it, so every closed minute is
 * compared with the venue's candle: where the volumes are the same to the last digit nothing
 * is missing; where they are not, the newest trades are tried, and what still lacks says so.
 */
import { type Bucket, MINUTE_MS } from "../../market/bucket.ts";
import type { Candle } from "../../market/collector.ts";
import type { Trade } from "../../market/events.ts";
import type { Series } from "../../market/head/series.ts";
import { seriesOptions } from "../../market/head/series_options.ts";
import type { Backlog } from "./backlog.ts";
import { CandleTrust, sharePresent, tells } from "./candle_check.ts";
import type { Fetcher } from "./fetch.ts";
import { type Mended, type Mender, type MenderOptions, putCandles } from "./mender.ts";
import { isFinal, newestPart, type Span } from "./plan.ts";
import { fromTrades } from "./rebuild.ts";

/** The newest trades hardly reach further back than this. */
const NEWEST_REACH_MS = 10 * MINUTE_MS;
/** What the venue has only just traded may still be on its way to us. */
const ON_ITS_WAY_MS = 5_000;

export class CheckedMender implements Mender {
  readonly #options: MenderOptions;
  readonly #trust = new CandleTrust();

  constructor(options: MenderOptions) {
    this.#options = options;
  }

  isDone(series: Series, t: number, backlog: Backlog): boolean {
    const minute = t / MINUTE_MS;
    const source = series.sourceAt(minute);
    if (source === "candle" || backlog.isSure(t, series.ring.printsAt(minute))) return true;
    if (backlog.isLost(t)) return true;
    return backlog.isResting(t, this.#options.venue.clock.nowMs());
  }

  isFinal(bucket: Bucket): boolean {
    return isFinal(bucket, { byId: false, exactCandles: false });
  }

  async mend(series: Series, span: Span, backlog: Backlog, fetcher: Fetcher): Promise<Mended> {
    const { venue, minutes } = this.#options;
    const { instrument } = series;
    const part = newestPart(span, venue.collector.api.candlesPage);
    const candles = await fetcher.candles(instrument.symbol, part);
    const byTime = new Map(candles.map((candle) => [candle.openMs, candle]));
    const rows = await minutes.readOnce(instrument, part.fromMs, part.toMs);
    const seen = new Map(rows.flatMap((row) => row.source === null ? [] : [[row.t, row]]));
    const blank: Candle[] = [];
    const counts = { repaired: 0, fromCandles: 0, lost: 0 };
    const lacking: Candle[] = [];
    const firstMs = candles[0]?.openMs ?? Infinity;
    const nowMs = venue.clock.nowMs();
    for (let t = part.fromMs; t < part.toMs; t += MINUTE_MS) {
      const [candle, row] = [byTime.get(t), seen.get(t)];
      if (!candle) counts.lost += backlog.lacksCandle(t, firstMs, nowMs) ? 1 : 0;
      else if (!row) blank.push(candle);
      else if (
        row.source !== "candle" && !(await this.#settle(series, row, candle, backlog, counts))
      ) {
        lacking.push(candle);
      }
    }
    // A candle without sides must not take away what was seen of a minute.
    await putCandles(minutes, instrument, blank);
    counts.repaired += blank.length;
    counts.fromCandles += blank.length;
    if (lacking.length > 0) await this.#complete(series, lacking, backlog, fetcher, counts);
    backlog.remove(part);
    return counts;
  }

  /** Whether a minute is the same as its candle, and so whole, whatever the stream suffered. */
  async #settle(
    series: Series,
    row: Bucket,
    candle: Candle,
    backlog: Backlog,
    counts: { repaired: number },
  ): Promise<boolean> {
    const same = tells(row, candle);
    const trusted = this.#trust.judge(same, candle);
    if (!same && trusted) return false;
    const prints = (row.buys ?? 0) + (row.sells ?? 0);
    backlog.ensure(row.t, prints);
    if (!same || row.coverageMs >= MINUTE_MS) return true;
    counts.repaired++;
    if (row.t >= this.#options.minutes.windowFromMs()) series.coverage.complete(row.t / MINUTE_MS);
    else {
      const whole: Bucket = { ...row, coverageMs: MINUTE_MS, source: "repaired" };
      await this.#options.minutes.replaceTape(series.instrument, [whole]);
    }
    return true;
  }

  /** Minutes that lack something: the venue's newest trades may still tell it. */
  async #complete(
    series: Series,
    lacking: readonly Candle[],
    backlog: Backlog,
    fetcher: Fetcher,
    counts: { repaired: number; lost: number },
  ): Promise<void> {
    const { venue, minutes } = this.#options;
    const recentMs = venue.clock.nowMs() - NEWEST_REACH_MS;
    if (lacking.some(({ openMs }) => openMs >= recentMs)) {
      this.#add(series, lacking, await fetcher.newestTrades(series.instrument.symbol));
    }
    for (const candle of lacking) {
      const t = candle.openMs;
      const [row] = await minutes.readOnce(series.instrument, t, t + MINUTE_MS);
      if (row && await this.#settle(series, row, candle, backlog, counts)) continue;
      if (row) this.#distrust(series, row, candle, backlog);
      counts.lost += this.#unsettled(t, backlog);
    }
  }

  /** Puts what is told and was not heard into the minutes that lack something. */
  #add(series: Series, lacking: readonly Candle[], trades: readonly Trade[]): void {
    const { clock, collector } = this.#options.venue;
    const { instrument, ids, large } = series;
    const first = trades[0];
    if (!first) return;
    for (const candle of lacking) {
      const span = { fromMs: candle.openMs, toMs: candle.openMs + MINUTE_MS };
      const inside = trades.filter(({ timeMs }) => timeMs >= span.fromMs && timeMs < span.toMs);
      // The oldest ms may be cut in the middle; a minute that begins after it is all there.
      if (first.timeMs < span.fromMs) {
        const options = seriesOptions(collector);
        const [whole] = fromTrades(inside, span, instrument, options, large.thresholdUsd);
        if (!whole || !tells(whole, candle)) continue;
        for (const { id } of inside) ids.note(id);
        series.replace(whole);
      } else {
        for (const trade of inside) {
          if (ids.knownAt(trade.timeMs)) series.addTrade(trade, clock.nowMs());
        }
      }
    }
  }

  /** A minute that differs from its candle is not whole, by as much as it lacks. */
  #distrust(series: Series, row: Bucket, candle: Candle, backlog: Backlog): void {
    const share = sharePresent(row, candle);
    // More than the venue counts may only be a candle that is not final yet.
    if (share > 1 && backlog.looks(row.t) === 0) return;
    const mostMs = Math.min(MINUTE_MS - 1, Math.floor(MINUTE_MS * Math.min(1, share)));
    series.coverage.limit(row.t / MINUTE_MS, mostMs);
  }

  /** Notes a look in vain; returns 1 where the minute is given up with it. */
  #unsettled(t: number, backlog: Backlog): number {
    if (backlog.lookAgain(t, this.#options.venue.clock.nowMs())) return 0;
    return backlog.giveUp(t) ? 1 : 0;
  }

  isUrgent({ coverage }: Series): boolean {
    return coverage.dark() !== null;
  }

  /** After a break: the newest trades fill it as far as they reach back. */
  async hurry(series: Series, fetcher: Fetcher): Promise<void> {
    const gap = series.coverage.dark();
    if (!gap) return;
    // One attempt: what it cannot fill is left to the look at the closed minute.
    series.coverage.forgetDark();
    const trades = await fetcher.newestTrades(series.instrument.symbol);
    const first = trades[0];
    if (!first) return;
    const nowMs = this.#options.venue.clock.nowMs();
    for (const trade of trades) {
      if (series.ids.knownAt(trade.timeMs)) series.addTrade(trade, nowMs);
    }
    const fromMs = Math.max(gap.fromMs, first.timeMs + 1);
    if (fromMs < gap.toMs && series.ids.knownAt(fromMs)) series.coverage.bridge(fromMs, gap.toMs);
  }

  async isDeaf(series: Series, sureFromMs: number, fetcher: Fetcher): Promise<boolean> {
    const trades = await fetcher.newestTrades(series.instrument.symbol);
    const nowMs = this.#options.venue.clock.nowMs();
    let deaf = false;
    for (const trade of trades) {
      if (!series.ids.knownAt(trade.timeMs)) continue;
      const added = series.addTrade(trade, nowMs) === "added";
      const sure = trade.timeMs >= sureFromMs && trade.timeMs < nowMs - ON_ITS_WAY_MS;
      if (added && sure) deaf = true;
    }
    return deaf;
  }
}
