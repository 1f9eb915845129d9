/** One account at one exchange, as each file of a venue implements it. */
import type { AccountName, Balance, KeyWarning, Pnl, Position, Span } from "./types.ts";

/** All calls throw `AccountRefusal` where the venue refuses, `SyntaxError` where it is unreadable. */
export interface Account {
  readonly name: AccountName;
  balance(signal: AbortSignal): Promise<Balance>;
  positions(signal: AbortSignal): Promise<readonly Position[]>;
  pnl(span: Span, signal: AbortSignal): Promise<Pnl>;
  /** The venue's clock, ms. */
  nowMs(): number;
}

/** A key, whatever accounts it opens. */
export interface Key {
  readonly exchange: string;
  /** What it can do beyond reading, and what would make it safer. */
  warnings(signal: AbortSignal): Promise<readonly KeyWarning[]>;
}

/** A position's numbers as the venue gives them, made into ours. */
export function positionOf(given: {
  readonly venue: string;
  readonly symbol: string;
  readonly base: string;
  readonly multiplier: number;
  readonly side: "long" | "short";
  /** Of the venue's own unit, as the prices are. */
  readonly size: number;
  readonly entry: number | null;
  readonly mark: number | null;
  readonly liquidation: number | null;
  readonly unrealizedUsd: number | null;
  readonly leverage: number | null;
  readonly fundingRate: number | null;
  readonly nextFundingMs: number | null;
}): Position {
  const { size, entry, mark, liquidation, multiplier, leverage, unrealizedUsd } = given;
  const marginUsd = entry === null || leverage === null || leverage <= 0
    ? null
    : size * entry / leverage;
  const scaled = (price: number | null) => price === null ? null : price / multiplier;
  return {
    venue: given.venue,
    symbol: given.symbol,
    base: given.base,
    side: given.side,
    sizeBase: size * multiplier,
    entryPrice: scaled(entry),
    markPrice: scaled(mark),
    notionalUsd: mark === null ? null : size * mark,
    unrealizedUsd,
    leverage,
    roe: unrealizedUsd === null || marginUsd === null || marginUsd === 0
      ? null
      : unrealizedUsd / marginUsd,
    liquidationPrice: scaled(liquidation),
    liquidationDistance: mark === null || liquidation === null || mark <= 0
      ? null
      : Math.abs(mark - liquidation) / mark,
    fundingRate: given.fundingRate,
    nextFundingMs: given.nextFundingMs,
  };
}
