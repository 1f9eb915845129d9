/** The metrics page once more, from raw trades and forced orders to values; nothing of ours in it. */
import type { Rule } from "../../../lib/alerts/rule/rule.ts";
import { plainDivergence, plainRsi, plainZ } from "../plain_formulas.ts";
import type { PlainReader } from "../plain_rule.ts";
import type { RawLiquidation, RawTrade } from "./tape.ts";

const MINUTE_MS = 60_000;

interface Minute {
  high: number;
  low: number;
  close: number;
  buy: number;
  sell: number;
  long: number;
  short: number;
}

/** A price stands for five minutes without a print; a market that printed none before is not heard. */
const CARRY = 6;

export class PlainTape {
  readonly minutes = new Map<number, Minute>();
  /** The first and last minute are not whole: the recording began and ended within them. */
  readonly firstMs: number;
  readonly lastMs: number;

  constructor(trades: readonly RawTrade[], liquidations: readonly RawLiquidation[] = []) {
    for (const { timeMs, price, size, sold } of trades) {
      const minute = this.#at(timeMs);
      minute.high = Math.max(minute.high, price);
      minute.low = Math.min(minute.low, price);
      minute.close = price;
      minute[sold ? "sell" : "buy"] += price * size;
    }
    for (const { timeMs, long, quote } of liquidations) {
      this.#at(timeMs)[long ? "long" : "short"] += quote;
    }
    const times = [...trades, ...liquidations].map(({ timeMs }) => timeMs);
    this.firstMs = Math.ceil(times.reduce((a, b) => Math.min(a, b)) / MINUTE_MS) * MINUTE_MS;
    this.lastMs = Math.floor(times.reduce((a, b) => Math.max(a, b)) / MINUTE_MS) * MINUTE_MS;
  }

  #at(timeMs: number): Minute {
    const t = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
    const sums = { buy: 0, sell: 0, long: 0, short: 0 };
    const held = this.minutes.get(t) ?? { high: -Infinity, low: Infinity, close: NaN, ...sums };
    this.minutes.set(t, held);
    return held;
  }

  /** The metric of a rule at a minute's end. */
  reader({ metric, windowMinutes }: Rule): PlainReader {
    const width = windowMinutes ?? 1;
    const read = (endMs: number): number | null => {
      const startMs = endMs - width * MINUTE_MS;
      if (startMs < this.firstMs) return null;
      switch (metric) {
        case "change":
          return this.#change(startMs, endMs);
        case "move": {
          const change = this.#change(startMs, endMs);
          return change === null ? null : Math.abs(change);
        }
        case "rsi":
          return this.#isHeard(endMs) ? this.#rsi(endMs, width) : null;
        case "rvol":
        case "volume-z":
          return this.#against(endMs, width, metric === "rvol");
        case "divergence":
          return this.#isHeard(endMs) ? this.#divergence(startMs, endMs) : null;
        case "gap":
          return 0;
        default:
          return this.#sum(startMs, endMs, PARTS[metric] ?? unknown(metric));
      }
    };
    return Object.assign(read, { known: () => -Infinity });
  }

  #sum(fromMs: number, toMs: number, part: (minute: Minute) => number): number {
    let sum = 0;
    for (let t = fromMs; t < toMs; t += MINUTE_MS) {
      const minute = this.minutes.get(t);
      if (minute) sum += part(minute);
    }
    return sum;
  }

  #isHeard(endMs: number): boolean {
    for (let i = 1; i <= CARRY; i++) if (this.minutes.has(endMs - i * MINUTE_MS)) return true;
    return false;
  }

  #standing(endMs: number): number | null {
    for (let i = 1; i <= CARRY; i++) {
      const close = this.minutes.get(endMs - i * MINUTE_MS)?.close;
      if (close !== undefined) return close;
    }
    return null;
  }

  #change(startMs: number, endMs: number): number | null {
    const [from, to] = [this.#standing(startMs), this.#standing(endMs)];
    return !this.#isHeard(endMs) || from === null || to === null ? null : (to / from - 1) * 100;
  }

  /** Closes of 240 bars, 48 h at most; where nothing traded the price stood still. */
  #rsi(endMs: number, width: number): number | null {
    const barMs = width * MINUTE_MS;
    // What the engine reads begins with the first minute that is known, whole or not.
    const reachMs = Math.max(
      this.firstMs - MINUTE_MS,
      endMs - Math.min(2880, 240 * width) * MINUTE_MS,
    );
    const closes: number[] = [];
    for (let t = Math.ceil(reachMs / barMs) * barMs; t < endMs; t += barMs) {
      let close: number | undefined;
      for (let at = t; at < t + barMs; at += MINUTE_MS) {
        close = this.minutes.get(at)?.close ?? close;
      }
      close ??= closes.at(-1);
      if (close !== undefined) closes.push(close);
    }
    return plainRsi(closes);
  }

  #against(endMs: number, width: number, relative: boolean): number | null {
    const barMs = width * MINUTE_MS;
    const volumeAt = (t: number) => this.#sum(t, t + barMs, volume);
    const now = volumeAt(endMs - barMs);
    const bars: number[] = [];
    for (let t = endMs - barMs - 1440 * MINUTE_MS; t < endMs - barMs; t += barMs) {
      if (t >= this.firstMs) bars.push(volumeAt(t));
    }
    const mean = bars.reduce((sum, one) => sum + one, 0) / bars.length;
    if (relative) return bars.length < 8 || mean === 0 ? null : now / mean;
    const traded = bars.filter((one) => one > 0);
    return traded.length < 8 || now === 0 ? null : plainZ(Math.log(now), traded.map(Math.log));
  }

  #divergence(startMs: number, endMs: number): number | null {
    const [highs, lows, deltas]: [number[], number[], number[]] = [[], [], []];
    for (let t = startMs; t < endMs; t += MINUTE_MS) {
      const minute = this.minutes.get(t);
      highs.push(minute?.high ?? NaN);
      lows.push(minute?.low ?? NaN);
      deltas.push(minute ? minute.buy - minute.sell : 0);
    }
    return plainDivergence(highs, lows, deltas);
  }
}

const volume = ({ buy, sell }: Minute) => buy + sell;

const PARTS: Readonly<Record<string, (minute: Minute) => number>> = {
  volume,
  delta: ({ buy, sell }) => buy - sell,
  cvd: ({ buy, sell }) => buy - sell,
  liq: ({ long, short }) => long + short,
  "liq-long": ({ long }) => long,
  "liq-short": ({ short }) => short,
};

function unknown(metric: string): never {
  throw new RangeError(`Cannot recompute ${metric}: it has no plain formula`);
}
