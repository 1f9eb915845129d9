// This module is pure.
/** Where `DayRing.copyQuarters` writes: one for many series, whose values replace each other. */

/** What quarters were, side by side; NaN is unknown. See `QuarterFold`. */
export class QuarterColumns {
  readonly #known: readonly Float64Array[];
  readonly close: Float64Array;
  readonly delta: Float64Array;
  readonly liquidated: Float64Array;
  readonly oiBase: Float64Array;
  readonly fundingRate: Float64Array;
  readonly fundingIntervalHours: Float64Array;
  /** Of each quarter's time, 15 min at most; 0 of one that is not held. */
  readonly coverageMs: Float64Array;

  constructor(readonly count: number) {
    const column = () => new Float64Array(count);
    this.close = column();
    this.delta = column();
    this.liquidated = column();
    this.oiBase = column();
    this.fundingRate = column();
    this.fundingIntervalHours = column();
    this.coverageMs = column();
    this.#known = [
      ...[this.close, this.delta, this.liquidated],
      ...[this.oiBase, this.fundingRate, this.fundingIntervalHours],
    ];
  }

  /** Nothing is known of the quarters `[first, end)`. */
  forget(first: number, end: number): void {
    for (const values of this.#known) values.fill(NaN, first, end);
    this.coverageMs.fill(0, first, end);
  }
}
