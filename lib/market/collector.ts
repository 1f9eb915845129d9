// This module is pure.
/**
 * The contract of a venue: one plain value per venue and market in `collectors/`.
 * It says where to connect, what to ask for and how to read the answers; nothing
 * about reconnecting, retrying or rates, which `lib/net` and `lib/tape` do for all.
 */
import type { Sink, Trade } from "./events.ts";
import type { Instrument } from "./instrument.ts";

export type Market = "spot" | "perp" | "options";

/** What one subscription carries; the watchdog judges silence per kind. */
export type StreamKind = "trade" | "liquidation" | "derivative" | "depth" | "chain";

/** One name to subscribe to. */
export interface Topic {
  readonly name: string;
  readonly kind: StreamKind;
  /** The native symbol it carries, or `null` for a whole-market stream. */
  readonly symbol: string | null;
}

/** One kind of socket of a venue. */
export interface Route {
  /** Short name for logs and metrics: `market`, `public`, `linear`. */
  readonly name: string;
  /** Appended to the venue's socket base URL. */
  readonly path: string;
  topics(instruments: readonly Instrument[]): Topic[];
  /** The text that asks for these topics (or takes them back); `id` comes back in the ack. */
  subscribe(topics: readonly string[], id: number): string;
  unsubscribe(topics: readonly string[], id: number): string;
  readonly limits: RouteLimits;
  /** Sent every `everyMs` where the venue wants a message, not a WebSocket ping. */
  readonly ping: { readonly everyMs: number; readonly frame: string } | null;
}

export interface RouteLimits {
  readonly topicsPerSocket: number;
  readonly topicsPerRequest: number;
  /** All topic names of one socket together. */
  readonly charsPerSocket: number;
  /** Pause between two messages that we send. */
  readonly requestSpacingMs: number;
  /** The venue cuts the socket at this age; we leave before. */
  readonly maxAgeMs: number;
  /** What to set where the host refuses whoever asks. */
  readonly elsewhere?: string;
}

/** What a frame said about the connection itself. */
export type Notice =
  | { readonly kind: "ack"; readonly id: number | null }
  | {
    readonly kind: "refused";
    readonly id: number | null;
    readonly reason: string;
    /** The topics that were refused, where the venue names them. */
    readonly topics: readonly string[];
  }
  | { readonly kind: "pong" }
  /** The venue will close this socket soon: move at once. */
  | { readonly kind: "closing"; readonly reason: string };

/** One REST call as data: how to ask, what it costs, how to read the reply. */
export interface Endpoint<P, R> {
  /** Path and query, appended to the venue's REST base URL. */
  path(params: P): string;
  weight(params: P): number;
  /**
   * Where the body is one list of all markets, some megabytes: its name, `null` where it is
   * the body itself, and the fields that `read` looks at. Nothing else of its rows is kept.
   */
  readonly list?: { readonly name: string | null; readonly fields: readonly string[] };
  /**
   * Reads the decoded JSON body.
   * @throws {SyntaxError} where the body is not what the venue documents
   */
  read(body: unknown, params: P): R;
}

/** One market of the 24 h ticker poll, for rankings and whole-market scans. */
export interface Ticker {
  readonly symbol: string;
  readonly lastPrice: number;
  /** Quote turnover of the rolling 24 h. */
  readonly quoteVolume24h: number;
  /** Fraction; `null` where the venue does not say. */
  readonly change24h: number | null;
  readonly oiBase: number | null;
  readonly fundingRate: number | null;
}

/** A 1-minute candle; taker volumes `null` where the venue has none. */
export interface Candle {
  readonly openMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly base: number;
  readonly quote: number;
  readonly buyBase: number | null;
  readonly buyQuote: number | null;
  /** Number of raw matches, `null` where the venue does not say. */
  readonly matches: number | null;
}

export interface OpenInterest {
  readonly timeMs: number;
  readonly oiBase: number;
}

export interface FundingInfo {
  readonly symbol: string;
  readonly fundingIntervalHours: number;
}

/** The rate of a perpetual's running interval. */
export interface FundingNow {
  readonly symbol: string;
  readonly fundingRate: number;
}

export interface FundingRate {
  readonly timeMs: number;
  readonly fundingRate: number;
}

export interface Paged<T> {
  readonly rows: readonly T[];
  /** Cursor of the next page, or `null` at the end. */
  readonly next: string | null;
}

export interface TradesQuery {
  readonly symbol: string;
  /** Inclusive id to start from; `null` asks by time, or for the newest. */
  readonly fromId: number | null;
  readonly fromMs: number | null;
  /** Exclusive. */
  readonly toMs: number | null;
}

export interface RangeQuery {
  readonly symbol: string;
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

/** What the venue can be asked for; an absent entry is something it cannot give. */
export interface VenueRest {
  /** Server time in ms. */
  readonly time: Endpoint<null, number>;
  readonly instruments: Endpoint<{ cursor: string | null }, Paged<Instrument>>;
  readonly tickers: Endpoint<null, readonly Ticker[]>;
  /** How often the ticker poll may run. */
  readonly tickersEveryMs: number;
  readonly openInterest?: Endpoint<{ symbol: string }, OpenInterest>;
  readonly fundingInfo?: Endpoint<null, readonly FundingInfo[]>;
  /** Of every perpetual, where the tickers do not carry it; asked for as often as they are. */
  readonly fundingNow?: Endpoint<null, readonly FundingNow[]>;
  /** Trades by id or time (Binance) or the newest ones (Bybit), oldest first. */
  readonly trades: Endpoint<TradesQuery, readonly Trade[]>;
  /** `byId`: any range can be read by id. `newest`: only the last `reach` trades. */
  readonly tradesReach: { readonly kind: "byId" | "newest"; readonly page: number };
  /** Oldest first, at most `candlesPage` rows. */
  readonly candles: Endpoint<RangeQuery, readonly Candle[]>;
  readonly candlesPage: number;
  /** Whether candles tell the taker sides, so that a minute can be replaced exactly. */
  readonly takerCandles: boolean;
  readonly oiHistory?: Endpoint<RangeQuery, readonly OpenInterest[]>;
  readonly fundingHistory?: Endpoint<RangeQuery, readonly FundingRate[]>;
}

/** How the venue counts and punishes requests. */
export interface RestLimits {
  /** Weight allowed in `windowMs`. */
  readonly weight: number;
  readonly windowMs: number;
  /** Response header with the weight used so far, where the venue sends it. */
  readonly usedHeader: string | null;
  /** Pause after a 403 or 451: a firewall's ban, or a region block. */
  readonly forbiddenPauseMs: number;
  /** What to set where the host refuses whoever asks: `BYBIT_REST=https://api.bytick.com`. */
  readonly elsewhere?: string;
}

export interface Collector {
  /** `binance-perp`: the name in settings, rows, metrics and the API. */
  readonly venue: string;
  readonly market: Market;
  /** The venue's own base URLs; `envWs` and `envRest` name the variables that replace them. */
  readonly ws: string;
  readonly rest: string;
  readonly envWs: string;
  readonly envRest: string;
  /** `sequential`: trade ids grow by one per symbol, so a gap is seen at once. */
  readonly tradeIds: "sequential" | "unordered";
  /** `sampled` totals are lower bounds and are printed with `≥`. */
  readonly liquidations: "complete" | "sampled" | "none";
  /** `partial`: every depth frame is whole, best level first. `deltas`: snapshots, then changes. */
  readonly depth: "partial" | "deltas";
  /** `deltas`: a frame of derivative state leaves out what has not changed. */
  readonly derivative?: "deltas";
  readonly routes: readonly Route[];
  /**
   * Calls the sink once per event of a frame; a notice about the connection is
   * returned, anything unknown is silently nothing.
   * @throws {SyntaxError} on a malformed frame, with the frame clipped; the sink
   * has then not been called for it
   */
  parse(frame: string, sink: Sink): Notice | undefined;
  /**
   * Whether a recorded frame can only be this venue's, by its shape: for recordings that
   * do not say where they were made.
   */
  recognises?(frame: string): boolean;
  readonly api: VenueRest;
  readonly restLimits: RestLimits;
}
