// This module is pure.
/** All series in memory, and which of their minutes are still to be written. */
import { type Instrument, seriesKey } from "../instrument.ts";
import { Series } from "./series.ts";
import type { SeriesOptions } from "./series_options.ts";

export class Head {
  readonly #series = new Map<string, Series>();

  /** The series of an instrument, made where it is new. */
  open(instrument: Instrument, options: SeriesOptions): Series {
    const key = seriesKey(instrument.venue, instrument.symbol);
    const held = this.#series.get(key);
    if (held) return held;
    const series = new Series(instrument, options);
    this.#series.set(key, series);
    return series;
  }

  get(venue: string, symbol: string): Series | undefined {
    return this.#series.get(seriesKey(venue, symbol));
  }

  /** Takes a series out of memory; its stored rows stay. */
  close(venue: string, symbol: string): void {
    this.#series.delete(seriesKey(venue, symbol));
  }

  all(): Iterable<Series> {
    return this.#series.values();
  }

  get size(): number {
    return this.#series.size;
  }

  /** Minutes that hold changes not yet written, oldest first. */
  dirtyMinutes(): number[] {
    const minutes = new Set<number>();
    for (const series of this.#series.values()) {
      for (const minute of series.ring.dirtyMinutes()) minutes.add(minute);
    }
    return [...minutes].sort((a, b) => a - b);
  }
}
