// This module is pure.
import type { Armed } from "./armed.ts";
import type { Step } from "./minutes.ts";

/** A rule at an asset that is news now. */
export interface Fired {
  readonly armed: Armed;
  readonly asset: string;
  readonly value: number;
  /** When it was so: the print's time, or the end of the minute that is judged. */
  readonly atMs: number;
  readonly step: Step | null;
  /** The daily cap is reached with it. */
  readonly isLast: boolean;
}
