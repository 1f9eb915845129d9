// This module is pure.
/**
 * What a collector's `parse` says happened on the tape, after normalisation:
 * sizes in base coin of the real asset (multiplier symbols applied), times in
 * exchange milliseconds, sides as the metrics page defines them.
 */

/** The side that crossed the spread. */
export type TakerSide = "buy" | "sell";

/** The position that was closed by force, whatever the venue's own field means. */
export type PositionSide = "long" | "short";

/** One print of the public tape. */
export interface Trade {
  readonly kind: "trade";
  /** The venue's own name of the market, `BTCUSDT`. */
  readonly symbol: string;
  readonly timeMs: number;
  readonly price: number;
  readonly size: number;
  readonly side: TakerSide;
  /**
   * Where the venue numbers its trades one by one, that number; elsewhere a
   * 52-bit digest of the venue's text id, good for dropping repeats only.
   */
  readonly id: number;
}

/**
 * A fill that is not a market trade (insurance fund, ADL) but takes an id in the
 * venue's sequence: it moves no volume and keeps the sequence whole.
 */
export interface Omitted {
  readonly kind: "omitted";
  readonly symbol: string;
  readonly timeMs: number;
  readonly id: number;
}

export interface Liquidation {
  readonly kind: "liquidation";
  readonly symbol: string;
  readonly timeMs: number;
  /** Average fill (Binance `ap`) or bankruptcy price (Bybit). */
  readonly price: number;
  readonly size: number;
  readonly position: PositionSide;
}

/** State of a derivative; `null` means "not in this frame", never zero. */
export interface Derivative {
  readonly kind: "derivative";
  readonly symbol: string;
  readonly timeMs: number;
  readonly markPrice: number | null;
  /** Fraction per interval. */
  readonly fundingRate: number | null;
  readonly fundingIntervalHours: number | null;
  readonly nextFundingMs: number | null;
  /** One side's open interest in base coin. */
  readonly oiBase: number | null;
}

/** Price, then size in base coin; size 0 deletes the level in a delta. */
export type Level = readonly [price: number, size: number];

export interface Depth {
  readonly kind: "depth";
  readonly symbol: string;
  /** `null` where the venue sends no time (Binance spot partial depth). */
  readonly timeMs: number | null;
  /** A snapshot replaces the book, a delta changes levels of it. */
  readonly snapshot: boolean;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export type MarketEvent = Trade | Omitted | Liquidation | Derivative | Depth;

/** Called once per event, in the order of the frame. */
export type Sink = (event: MarketEvent) => void;
