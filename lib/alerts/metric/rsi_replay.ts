// This module is pure.
/** Closes for RSI over stored minutes: bars are made once, as `priceBars` makes them each time. */
import { type Bucket, MINUTE_MS } from "../../market/bucket.ts";
import { isComplete } from "../../market/trust.ts";

interface Bar {
  /** `null` where nothing traded. */
  readonly close: number | null;
  readonly whole: boolean;
  /** Whether something is known of it, and of its first minute. */
  readonly known: boolean;
  readonly begun: boolean;
}

export class BarCloses {
  readonly #bars: Bar[] = [];
  readonly #firstBar: number;
  readonly #widthMs: number;

  constructor(minutes: readonly Bucket[], width: number) {
    const widthMs = this.#widthMs = width * MINUTE_MS;
    this.#firstBar = Math.floor((minutes[0]?.t ?? 0) / widthMs);
    let at = 0;
    for (let bar = this.#firstBar; at < minutes.length; bar++) {
      let close: number | null = null;
      let whole = 0;
      let [known, begun] = [false, false];
      for (let row = minutes[at]; row && row.t < (bar + 1) * widthMs; row = minutes[++at]) {
        if (isComplete(row)) whole++;
        if (row.source !== null) known = true;
        if (row.source !== null && row.t === bar * widthMs) begun = true;
        close = row.c ?? close;
      }
      this.#bars.push({ close, whole: whole === width, known, begun });
    }
  }

  /** Closes of the unbroken run of bars of a span; both ends are edges of bars. */
  within(fromMs: number, toMs: number): number[] {
    let at = Math.max(0, fromMs / this.#widthMs - this.#firstBar);
    const end = Math.min(this.#bars.length, toMs / this.#widthMs - this.#firstBar);
    while (at < end && !this.#bars[at]?.known) at++;
    if (at < end && !this.#bars[at]?.begun) at++;
    let closes: number[] = [];
    for (; at < end; at++) {
      const bar = this.#bars[at];
      const close = bar?.close ?? null;
      const before = closes.at(-1);
      if (close !== null) closes.push(close);
      else if (!bar?.whole) closes = [];
      else if (before !== undefined) closes.push(before);
    }
    return closes;
  }
}
