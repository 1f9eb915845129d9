/** Reads a metrics page back: the service as its operator sees it. */

/** One sample per name and labels, as `tapewatch_frames_total{venue="bybit-spot"}`. */
export class MetricsPage {
  readonly #samples = new Map<string, number>();

  constructor(text: string) {
    for (const line of text.split("\n")) {
      const at = line.lastIndexOf(" ");
      if (!line.startsWith("#") && at > 0) {
        this.#samples.set(line.slice(0, at), Number(line.slice(at + 1)));
      }
    }
  }

  /** Sum over all samples of a name whose labels hold these texts. */
  sum(name: string, ...labels: readonly string[]): number {
    return this.#of(name, labels).reduce((sum, value) => sum + value, 0);
  }

  /** @throws {RangeError} where there is not one sample of a name whose labels hold these texts */
  only(name: string, ...labels: readonly string[]): number {
    const [value, ...others] = this.#of(name, labels);
    if (value !== undefined && others.length === 0) return value;
    throw new RangeError(`There is not one ${name} of ${labels}`);
  }

  #of(name: string, labels: readonly string[]): number[] {
    const isOf = (key: string) =>
      (key === name || key.startsWith(`${name}{`)) && labels.every((label) => key.includes(label));
    return [...this.#samples].filter(([key]) => isOf(key)).map(([, value]) => value);
  }

  /** Upper bounds of a histogram and how many samples lie at or below each, over all labels. */
  histogram(name: string): Map<number, number> {
    const bins = new Map<number, number>();
    for (const [key, value] of this.#samples) {
      if (!key.startsWith(`${name}_bucket{`)) continue;
      const le = /le="([^"]+)"/.exec(key)?.[1] ?? "";
      const bound = le === "+Inf" ? Infinity : Number(le);
      bins.set(bound, (bins.get(bound) ?? 0) + value);
    }
    return bins;
  }
}

/**
 * The quantile of what a histogram took between two pages, interpolated within its bin as
 * Prometheus does; the last finite bound where it lies beyond that. `NaN` of nothing.
 */
export function quantileBetween(
  before: MetricsPage,
  after: MetricsPage,
  name: string,
  q: number,
): number {
  const [old, now] = [before.histogram(name), after.histogram(name)];
  const bins = [...now].map(([bound, count]) => ({ bound, count: count - (old.get(bound) ?? 0) }))
    .toSorted((a, b) => a.bound - b.bound);
  const rank = (bins.at(-1)?.count ?? 0) * q;
  let [bound, count] = [0, 0];
  for (const bin of bins) {
    if (bin.count >= rank && rank > 0) {
      if (bin.bound === Infinity) return bound;
      return bound + (bin.bound - bound) * (rank - count) / (bin.count - count);
    }
    ({ bound, count } = bin);
  }
  return NaN;
}
