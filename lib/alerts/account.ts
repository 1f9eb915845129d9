// This module is pure.
/** What position rules need to know of the owner's account; whoever reads accounts gives it. */
import type { PositionSide } from "../market/events.ts";

export interface AccountPosition {
  readonly venue: string;
  readonly asset: string;
  readonly side: PositionSide;
  /** |mark − liquidation price| ÷ mark, a fraction; `null` where there is no such price. */
  readonly liquidationDistance: number | null;
  /** The next funding in quote, positive where the owner pays; `null` unknown. */
  readonly fundingDueQuote: number | null;
  readonly nextFundingMs: number | null;
}

export interface AccountView {
  /** Open positions as last read; `null` where they could not be read lately. */
  positions(): readonly AccountPosition[] | null;
  /** The side of an active liquidation cascade in the asset; `null` where none runs. */
  cascade(asset: string): PositionSide | null;
}
