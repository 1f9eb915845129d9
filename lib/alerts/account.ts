// This module is pure.
/** What position rules need to know of the owner's account; whoever reads accounts gives it. */
import type { PositionSide } from "../market/events.ts";

export interface AccountPosition {
  readonly venue: string;
  readonly asset: string;
  readonly side: PositionSide;
  /** |mark − liquidation price| ÷ mark, a fraction; infinite without such a price, `null` unknown. */
  readonly liquidationDistance: number | null;
  /** The next funding in quote, positive where the owner pays; 0 without any, `null` unknown. */
  readonly fundingDueQuote: number | null;
  readonly nextFundingMs: number | null;
}

/** Open positions, and whose are not known: there may be more than these. */
export interface KnownPositions {
  readonly held: readonly AccountPosition[];
  /** Accounts that could not be read lately. */
  readonly unread: readonly string[];
}

export interface AccountView {
  /** As last read; `null` where nothing could be read lately. */
  positions(): KnownPositions | null;
  /** The side of an active liquidation cascade in the asset; `null` where that is unknown. */
  cascade(asset: string): PositionSide | "none" | null;
}
