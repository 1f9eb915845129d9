/**
 * Mending where the venue tells all: trades by sequential ids for short gaps, candles with
 * the takers' volumes for long ones.
 */
import { type Bucket, MINUTE_MS } from "../../market/bucket.ts";
import type { Series } from "../../market/head/series.ts";
import { seriesOptions } from "../../market/head/series_options.ts";
import { VenueHttpError } from "../../net/http_error.ts";
import type { Backlog } from "./backlog.ts";
import type { Fetcher, Told } from "./fetch.ts";
import { meansOf } from "./means.ts";
import { type Mended, type Mender, type MenderOptions, putCandles } from "./mender.ts";
import { BY_ID_MINUTES, isFinal, minutesIn, nextPart, type Span } from "./plan.ts";
import { fromTrades, isContiguous } from "./rebuild.ts";

/** A by-id venue serves trades of the last 48 h; an hour before that we ask for candles. */
const BY_ID_REACH_MS = 47 * 3_600_000;
/** Where the trades cannot be had so many times, though the venue answers, candles are taken. */
const BY_ID_REFUSALS = 4;
/** What the venue has only just traded may still be on its way to us. */
const ON_ITS_WAY_MS = 5_000;

export class ExactMender implements Mender {
  readonly #options: MenderOptions;

  constructor(options: MenderOptions) {
    this.#options = options;
  }

  isDone(series: Series, t: number, backlog: Backlog): boolean {
    if (series.isWholeAt(t / MINUTE_MS) || backlog.isLost(t)) return true;
    return backlog.isResting(t, this.#options.venue.clock.nowMs());
  }

  isFinal(bucket: Bucket): boolean {
    return isFinal(bucket, { byId: true, exactCandles: true });
  }

  isUrgent(): boolean {
    return false;
  }

  hurry(): Promise<void> {
    return Promise.resolve();
  }

  async mend(series: Series, span: Span, backlog: Backlog, fetcher: Fetcher): Promise<Mended> {
    const { collector, clock } = this.#options.venue;
    const isSeen = (t: number) => series.sourceAt(t / MINUTE_MS) === "live";
    const part = nextPart(span, isSeen, collector.api.candlesPage);
    const young = clock.nowMs() - part.fromMs < BY_ID_REACH_MS;
    const byId = meansOf(collector).byId && young && minutesIn(part) <= BY_ID_MINUTES;
    if (byId && backlog.refusals < BY_ID_REFUSALS) {
      const rebuilt = await this.#rebuild(series, part, fetcher).catch((error) => {
        if (!(error instanceof VenueHttpError && error.retryable)) backlog.refusals++;
        throw error;
      });
      if (rebuilt) {
        backlog.refusals = 0;
        await this.#options.minutes.replaceTape(series.instrument, rebuilt);
        backlog.remove(part);
        return { repaired: rebuilt.length, fromCandles: 0, lost: 0 };
      }
    }
    return await this.#fromCandles(series, part, backlog, fetcher);
  }

  /** From all trades of the span; `null` where candles are the better way. */
  async #rebuild(series: Series, span: Span, fetcher: Fetcher): Promise<Bucket[] | null> {
    const { instrument, ids, large } = series;
    const fromId = await this.#idBefore(series, span.fromMs);
    let told = await fetcher.tradesOf(instrument.symbol, span, fromId);
    if (told && fromId !== null && !joins(told, fromId, ids.lastId)) {
      told = await fetcher.tradesOf(instrument.symbol, span, null);
    }
    if (!told || !isContiguous(told.trades)) return null;
    const toldId = told.lastId ?? (fromId === null ? Infinity : fromId - 1);
    const rebuilt = fromTrades(
      told.trades,
      span,
      instrument,
      seriesOptions(this.#options.venue.collector),
      large.thresholdUsd,
    );
    const behind = (!told.beyond && (ids.lastId ?? 0) > toldId) || rebuilt.some(isLess(series));
    // A minute that is put in place is believed: better none than one that lacks its end.
    if (behind) throw new Error(`the venue's REST is behind its stream for ${instrument.symbol}`);
    return rebuilt;
  }

  /** The id after the last one of the whole minute before a time, where that is known. */
  async #idBefore({ instrument }: Series, fromMs: number): Promise<number | null> {
    const [before] = await this.#options.minutes.readOnce(instrument, fromMs - MINUTE_MS, fromMs);
    if (!before || before.lastId === null || !this.isFinal(before)) return null;
    return before.lastId + 1;
  }

  async #fromCandles(
    series: Series,
    part: Span,
    backlog: Backlog,
    fetcher: Fetcher,
  ): Promise<Mended> {
    const nowMs = this.#options.venue.clock.nowMs();
    const candles = await fetcher.candles(series.instrument.symbol, part);
    const found = candles
      .filter(({ openMs }) => openMs >= part.fromMs && openMs < part.toMs);
    await putCandles(this.#options.minutes, series.instrument, found);
    backlog.remove(part);
    backlog.refusals = 0;
    const times = new Set(found.map(({ openMs }) => openMs));
    const firstMs = found[0]?.openMs ?? Infinity;
    let lost = 0;
    for (let t = part.fromMs; t < part.toMs; t += MINUTE_MS) {
      if (!times.has(t) && backlog.lacksCandle(t, firstMs, nowMs)) lost++;
    }
    return { repaired: found.length, fromCandles: found.length, lost };
  }

  /** A silent market that trades shows ids that we have not heard; their minutes lack them. */
  async isDeaf(
    { instrument, ids, coverage }: Series,
    sureFromMs: number,
    fetcher: Fetcher,
  ): Promise<boolean> {
    const { lastId } = ids;
    const trades = lastId === null
      ? await fetcher.newestTrades(instrument.symbol)
      : await fetcher.tradesFrom(instrument.symbol, lastId + 1);
    const agoMs = this.#options.venue.clock.nowMs() - ON_ITS_WAY_MS;
    // Meanwhile some of them may have come.
    const missed = trades.filter(({ id, timeMs }) =>
      id > (ids.lastId ?? -1) && timeMs >= sureFromMs && timeMs < agoMs && ids.knownAt(timeMs)
    );
    const [first, last] = [missed[0], missed.at(-1)];
    if (!first || !last) return false;
    coverage.open(first.timeMs, last.timeMs);
    return true;
  }
}

/**
 * Whether the answer begins with the id that was asked for, or has nothing to begin with;
 * an empty one is only believed where we have not heard such an id ourselves.
 */
function joins({ trades, lastId }: Told, fromId: number, heardId: number | null): boolean {
  const first = trades[0];
  if (first !== undefined) return first.id === fromId;
  return lastId === null ? heardId === null || heardId < fromId : lastId >= fromId;
}

/** Whether a rebuilt minute has fewer prints than the stream has brought. */
function isLess({ ring }: Series): (bucket: Bucket) => boolean {
  return ({ t, buys, sells }) => (buys ?? 0) + (sells ?? 0) < ring.printsAt(t / MINUTE_MS);
}
