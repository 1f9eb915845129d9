// This module is pure.
/** One series of each kind: what counting does, and the lines that it is written as. */

export interface Counter {
  inc(by?: number): void;
  /** Counted elsewhere: asked at each scrape from now on, instead of `inc`. */
  read(callback: () => number): void;
}

export interface Gauge {
  set(value: number): void;
  /** Asked at each scrape from now on. `null` is unknown: the line is left out. */
  read(callback: () => number | null): void;
}

export interface Histogram {
  observe(value: number): void;
  /** Counted elsewhere, per bound and one beyond: asked at each scrape from now on. */
  read(callback: () => { readonly counts: ArrayLike<number>; readonly sum: number }): void;
}

/** A series that can write its own lines under `name` with the label text `labels`. */
export interface Cell {
  lines(name: string, labels: string): string;
}

export class CounterCell implements Counter, Cell {
  #value = 0;
  #callback: (() => number) | null = null;

  read(callback: () => number): void {
    this.#callback = callback;
  }

  inc(by = 1): void {
    // A counter that falls looks like a restart: whatever is not a rise is left out.
    if (by > 0) this.#value += by;
  }

  lines(name: string, labels: string): string {
    const value = this.#callback ? asked(this.#callback) : this.#value;
    return value === null ? "" : `${name}${braces(labels)} ${number(value)}\n`;
  }
}

export class GaugeCell implements Gauge, Cell {
  #value: number | null = null;
  #callback: (() => number | null) | null = null;

  set(value: number): void {
    this.#value = value;
    this.#callback = null;
  }

  read(callback: () => number | null): void {
    this.#callback = callback;
  }

  lines(name: string, labels: string): string {
    const value = this.#callback ? asked(this.#callback) : this.#value;
    return value === null ? "" : `${name}${braces(labels)} ${number(value)}\n`;
  }
}

/** One gauge that cannot be read must not cost the whole scrape. */
function asked(callback: () => number | null): number | null {
  try {
    return callback();
  } catch {
    return null;
  }
}

export class HistogramCell implements Histogram, Cell {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #callback: (() => { readonly counts: ArrayLike<number>; readonly sum: number }) | null = null;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  read(callback: () => { readonly counts: ArrayLike<number>; readonly sum: number }): void {
    this.#callback = callback;
  }

  observe(value: number): void {
    if (Number.isNaN(value)) return;
    let at = 0;
    while (at < this.#bounds.length && value > (this.#bounds[at] ?? Infinity)) at++;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += value;
  }

  lines(name: string, labels: string): string {
    const own = labels === "" ? "" : `${labels},`;
    let out = "";
    let total = 0;
    const { counts, sum } = this.#callback?.() ?? { counts: this.#counts, sum: this.#sum };
    for (let at = 0; at <= this.#bounds.length; at++) {
      total += counts[at] ?? 0;
      const bound = number(this.#bounds[at] ?? Infinity);
      out += `${name}_bucket{${own}le="${bound}"} ${total}\n`;
    }
    out += `${name}_sum${braces(labels)} ${number(sum)}\n`;
    return `${out}${name}_count${braces(labels)} ${total}\n`;
  }
}

function braces(labels: string): string {
  return labels === "" ? "" : `{${labels}}`;
}

/** A number as Go reads it: `+Inf`, `-Inf`, `NaN`. */
function number(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
