// This module is pure.
/** The state of a derivative, as frames tell it: into its minute's row, and what is known now. */
import type { Derivative } from "../events.ts";
import type { Latest } from "../source.ts";
import { Contract, type MinuteRing } from "./minute_ring.ts";

const STANDING = ["markPrice", "fundingRate", "oiBase"] as const;

export class DerivativeState {
  /** A frame leaves out what has not changed since the one before. */
  readonly #deltas: boolean;
  /** A whole frame has come: before it, nobody knows what a delta leaves out. */
  #hasWhole = false;
  #newestMs = 0;

  constructor(deltas: boolean) {
    this.#deltas = deltas;
  }

  /** Takes a frame into the row at `at` of its minute. */
  take(event: Derivative, ring: MinuteRing, at: number, latest: Latest): void {
    const { markPrice, fundingRate, fundingIntervalHours, nextFundingMs, oiBase, timeMs } = event;
    if (markPrice !== null) {
      latest.markPrice = markPrice;
      ring.setContract(at, Contract.markPrice, markPrice);
      latest.markMs = timeMs;
    }
    if (fundingRate !== null) {
      latest.fundingRate = fundingRate;
      ring.setContract(at, Contract.fundingRate, fundingRate);
    }
    if (fundingIntervalHours !== null) latest.fundingIntervalHours = fundingIntervalHours;
    if (latest.fundingIntervalHours !== null) {
      ring.setContract(at, Contract.fundingIntervalHours, latest.fundingIntervalHours);
    }
    if (nextFundingMs !== null) latest.nextFundingMs = nextFundingMs;
    if (oiBase !== null) {
      latest.oiBase = oiBase;
      ring.setContract(at, Contract.oiBase, oiBase);
      latest.oiMs = timeMs;
    }
    if (!this.#deltas) return;
    this.#hasWhole ||= markPrice !== null && oiBase !== null;
    if (this.#hasWhole && timeMs >= this.#newestMs) this.#stand(timeMs, ring, at, latest);
  }

  /** What a delta leaves out is as it was: it stands in this minute, too. */
  #stand(timeMs: number, ring: MinuteRing, at: number, latest: Latest): void {
    this.#newestMs = timeMs;
    for (const name of STANDING) {
      const held = ring.getContract(at, Contract[name]);
      if (held !== held) ring.setContract(at, Contract[name], latest[name] ?? NaN);
    }
    if (latest.oiBase !== null) latest.oiMs = timeMs;
    if (latest.markPrice !== null) latest.markMs = timeMs;
  }
}
