/** A venue that is a list of trades: answers at once, forgets or fails on command, never waits. */
import type {
  Candle,
  Collector,
  Endpoint,
  RangeQuery,
  TradesQuery,
} from "../../../lib/market/collector.ts";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import type { Trade } from "../../../lib/market/events.ts";
import { Head } from "../../../lib/market/head/head.ts";
import type { Series } from "../../../lib/market/head/series.ts";
import { seriesOptions } from "../../../lib/market/head/series_options.ts";
import { createLog } from "../../../lib/log.ts";
import { Store } from "../../../lib/store/mod.ts";
import { Minutes } from "../../../lib/tape/minutes.ts";
import { Fetcher } from "../../../lib/tape/repair/fetch.ts";
import type { RepairVenue } from "../../../lib/tape/repair/mender.ts";
import { Repairer } from "../../../lib/tape/repair/repairer.ts";

export const T0 = Date.UTC(2026, 10, 20, 10, 0);
export const MINUTE = T0 / MINUTE_MS;
const PAGE = 50;

export interface Script {
  readonly sequential: boolean;
  readonly symbols: readonly string[];
  /** Newest trades that an unordered venue still tells. */
  readonly reach?: number;
  readonly horizonMs?: number;
  readonly beginMs?: number;
}

/** A venue, what we hold of it, and its repairer, at a time that only the test moves. */
export class Setting implements Disposable {
  readonly tape = new Map<string, Trade[]>();
  readonly asked: string[] = [];
  /** Called with every request; throwing fails it. */
  before: (asked: string) => void = () => {};
  /** How far the venue's REST has come. */
  restToMs = Infinity;
  suspect: string | null = null;
  sureFromMs = 0;
  readonly deaf: string[] = [];
  readonly repairer: Repairer;
  readonly store: Store;
  readonly #script: Script;
  readonly #clock: { nowMs: number };
  readonly #head = new Head();
  readonly #collector: Collector;
  readonly #fetcher: Fetcher;

  private constructor(script: Script, store: Store, clock: { nowMs: number }) {
    this.#script = script;
    this.#clock = clock;
    this.store = store;
    this.#collector = this.#collectorOf();
    for (const symbol of script.symbols) {
      const instrument = { venue: "test", symbol, base: symbol, quote: "USDT", multiplier: 1 };
      this.#head.open(instrument, seriesOptions(this.#collector)).ids.begin(T0);
      this.tape.set(symbol, []);
    }
    const venue: RepairVenue = {
      collector: this.#collector,
      clock: { nowMs: () => this.nowMs },
      ask: async (endpoint, params) => {
        const path = endpoint.path(params);
        this.asked.push(path);
        this.before(path);
        return await Promise.resolve(endpoint.read(null, params));
      },
      feed: {
        symbols: script.symbols,
        suspect: () =>
          this.suspect === null ? null : { symbol: this.suspect, sureFromMs: this.sureFromMs },
        deaf: (symbol) => {
          this.deaf.push(symbol);
          this.suspect = null;
        },
      },
    };
    this.repairer = new Repairer({
      venue,
      minutes: new Minutes(this.#head, store, () => this.nowMs),
      seriesOf: (symbol) => this.#head.get("test", symbol),
      horizonMs: script.horizonMs ?? 0,
      beginMs: () => script.beginMs ?? 0,
      log: createLog({ level: "error" }),
    });
    this.#fetcher = new Fetcher(venue, new AbortController().signal);
  }

  static async make(script: Script): Promise<Setting> {
    const clock = { nowMs: T0 };
    const nowMs = () => clock.nowMs;
    return new Setting(
      script,
      await Store.open({ path: ":memory:", retentionHours: 72, nowMs }),
      clock,
    );
  }

  get nowMs(): number {
    return this.#clock.nowMs;
  }

  set nowMs(ms: number) {
    this.#clock.nowMs = ms;
  }

  series(symbol: string): Series {
    const series = this.#head.get("test", symbol);
    if (!series) throw new Error(`No series ${symbol}`);
    return series;
  }

  /** A trade a second for so many seconds from T0 on; `heard` says which of them reach us. */
  trade(symbol: string, seconds: number, heard: (id: number) => boolean): void {
    const series = this.series(symbol);
    // What came before is known to be whole, so that only the test's holes are holes.
    for (let id = 1; id <= seconds; id++) {
      const side = id % 3 === 0 ? "sell" : "buy";
      const timeMs = T0 + (id - 1) * 1_000 + 500;
      const trade: Trade = { kind: "trade", symbol, id, timeMs, price: 100 + id, size: id, side };
      this.tape.get(symbol)?.push(trade);
      if (heard(id)) series.addTrade(trade, timeMs);
    }
  }

  /** Lets the repairer work until it has nothing to do, at most `most` steps; returns their number. */
  async work(most = 50): Promise<number> {
    for (let steps = 0; steps < most; steps++) {
      if (await this.repairer.step(this.#fetcher) > 0) return steps;
    }
    return most;
  }

  [Symbol.dispose](): void {
    this.store.close();
  }

  #collectorOf(): Collector {
    const { sequential } = this.#script;
    const call = <P, R>(name: string, read: (params: P) => R): Endpoint<P, R> => ({
      path: (params) => `${name} ${JSON.stringify(params)}`,
      weight: () => 1,
      read: (_body, params) => read(params),
    });
    const none = () => {
      throw new Error("repair does not ask for this");
    };
    return {
      ...{ venue: "test", market: "spot", ws: "", rest: "", envWs: "", envRest: "" },
      tradeIds: sequential ? "sequential" : "unordered",
      ...{ liquidations: "none", depth: "partial", routes: [] },
      parse: none,
      api: {
        ...{ time: call("time", none), instruments: call("instruments", none) },
        ...{ tickers: call("tickers", none), tickersEveryMs: 1 },
        trades: call("trades", (query: TradesQuery) => this.#trades(query)),
        tradesReach: { kind: sequential ? "byId" : "newest", page: PAGE },
        candles: call("candles", (query: RangeQuery) => this.#candles(query)),
        ...{ candlesPage: 1000, takerCandles: sequential },
      },
      restLimits: { weight: 1, windowMs: 1, usedHeader: null, forbiddenPauseMs: 1 },
    };
  }

  #told(symbol: string): Trade[] {
    const untilMs = Math.min(this.restToMs, this.nowMs);
    return (this.tape.get(symbol) ?? []).filter(({ timeMs }) => timeMs <= untilMs);
  }

  #trades({ symbol, fromId, fromMs, toMs }: TradesQuery): Trade[] {
    const told = this.#told(symbol);
    if (!this.#script.sequential) return told.slice(-(this.#script.reach ?? PAGE));
    if (fromId !== null) return told.filter(({ id }) => id >= fromId).slice(0, PAGE);
    if (fromMs === null) return told.slice(-PAGE);
    const inside = ({ timeMs }: Trade) => timeMs >= fromMs && timeMs < (toMs ?? Infinity);
    return told.filter(inside).slice(0, PAGE);
  }

  #candles({ symbol, fromMs, toMs }: RangeQuery): Candle[] {
    const candles: Candle[] = [];
    for (let openMs = Math.max(fromMs, T0); openMs < toMs; openMs += MINUTE_MS) {
      const inside = this.#told(symbol)
        .filter(({ timeMs }) => timeMs >= openMs && timeMs < openMs + MINUTE_MS);
      candles.push(candleOf(openMs, inside, this.#script.sequential));
    }
    return candles;
  }
}

function candleOf(openMs: number, trades: readonly Trade[], sided: boolean): Candle {
  const prices = trades.map(({ price }) => price);
  const sum = (quote: boolean, side?: string) =>
    trades.filter((trade) => side === undefined || trade.side === side)
      .reduce((total, { price, size }) => total + (quote ? price * size : size), 0);
  return {
    openMs,
    open: prices[0] ?? 1,
    high: Math.max(1, ...prices),
    low: prices.length > 0 ? Math.min(...prices) : 1,
    close: prices.at(-1) ?? 1,
    base: sum(false),
    quote: sum(true),
    buyBase: sided ? sum(false, "buy") : null,
    buyQuote: sided ? sum(true, "buy") : null,
    matches: null,
  };
}
