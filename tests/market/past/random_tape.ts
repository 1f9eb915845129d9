/** Made-up days with everything that goes wrong in them, for comparing two ways to one number. */
import { barStart, type Bucket, emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import { pastFrom, recentFrom, type Stretch } from "../../../lib/market/past/past.ts";
import { Random } from "../../sim/market/random.ts";

export interface RandomTape {
  readonly nowMs: number;
  /** A list of minutes per market, the forming one last. */
  readonly series: readonly (readonly Bucket[])[];
}

/** Two days and an hour of a few markets: the same for the same seed. */
export function randomTape(seed: number, markets = 3): RandomTape {
  const random = new Random(seed);
  const roll = () => random.next();
  const nowMs = Date.UTC(2026, 10, 20) + Math.floor(roll() * 2 * 86_400_000);
  const formingMs = barStart(nowMs, 1);
  const series = Array.from({ length: markets }, () => {
    const rows: Bucket[] = [];
    // A market may have begun only some hours ago.
    const held = roll() < 0.5 ? 49 * 60 + 60 : 30 + Math.floor(roll() * 3000);
    let price = 100 * (1 + roll());
    let mood = "whole";
    for (let ago = held; ago >= 0; ago--) {
      if (roll() < 0.03) mood = MOODS[Math.floor(roll() * MOODS.length)] ?? "whole";
      price *= 1 + (roll() - 0.5) / 500;
      const row = minuteOf(formingMs - ago * MINUTE_MS, mood, price, roll);
      if (row) rows.push(ago === 0 ? { ...row, coverageMs: nowMs - formingMs } : row);
    }
    return rows;
  });
  return { nowMs, series };
}

const MOODS = [
  ...["whole", "whole", "whole", "whole", "partly", "repaired", "candle", "sided candle"],
  ...["quiet", "empty", "absent", "no interest", "untold"],
];

function minuteOf(t: number, mood: string, price: number, roll: () => number): Bucket | null {
  if (mood === "absent") return null;
  if (mood === "empty") return emptyBucket(t);
  const [buyBase, sellBase] = mood === "quiet" ? [0, 0] : [1000 * roll() ** 4, 1000 * roll() ** 4];
  const [buyQuote, sellQuote] = [buyBase * price * 1.0001, sellBase * price * 0.9999];
  const spread = price * roll() / 1000;
  const liquidated = roll() < 0.1;
  const priced = mood !== "quiet";
  const row: Bucket = {
    ...emptyBucket(t),
    ...(priced ? { o: price, h: price + spread, l: price - spread, c: price + spread / 3 } : {}),
    ...{ buyBase, sellBase, buyQuote, sellQuote },
    ...{ volBase: buyBase + sellBase, volQuote: buyQuote + sellQuote, buys: 5, sells: 6 },
    ...{ liqLongQuote: 0, liqShortQuote: 0, liqLongs: 0, liqShorts: 0 },
    ...(liquidated ? { liqLongQuote: 1e6 * roll() ** 3, liqLongs: Math.ceil(9 * roll()) } : {}),
    ...(roll() < 0.05 ? { liqShortQuote: 4e5 * roll(), liqShorts: 6 } : {}),
    ...{ oiBase: 5e4 * (1 + roll() / 100), fundingRate: roll() / 1e4, fundingIntervalHours: 8 },
    ...{ coverageMs: MINUTE_MS, source: "live" },
  };
  const unsided = { buyBase: null, sellBase: null, buyQuote: null, sellQuote: null };
  const untold = { liqLongQuote: null, liqShortQuote: null, liqLongs: null, liqShorts: null };
  switch (mood) {
    case "partly":
      return { ...row, coverageMs: Math.floor(roll() * MINUTE_MS) };
    case "repaired":
      return { ...row, ...untold, source: "repaired" };
    case "candle":
      return { ...row, ...untold, ...unsided, buys: null, sells: null, source: "candle" };
    case "sided candle":
      return { ...row, ...untold, source: "candle" };
    case "no interest":
      return { ...row, oiBase: null };
    case "untold":
      return { ...row, liqLongs: null };
    default:
      return row;
  }
}

/** Minutes as a source tells them: one of which nothing is known is an empty bucket. */
export function filled(rows: readonly Bucket[]): Bucket[] {
  return rows.flatMap((row, i) => {
    const before: Bucket[] = [];
    for (let t = (rows[i - 1]?.t ?? Infinity) + MINUTE_MS; t < row.t; t += MINUTE_MS) {
      before.push(emptyBucket(t));
    }
    return [...before, row];
  });
}

/** The same minutes as questions read them: old ones in quarter-hours. */
export function split(minutes: readonly Bucket[], nowMs: number, fromMs: number): Stretch {
  const recentMs = recentFrom(nowMs);
  return {
    past: pastFrom(minutes, { fromMs, toMs: recentMs }),
    buckets: minutes.filter(({ t }) => t >= recentMs),
  };
}

/** Equal to nine digits wherever there are numbers, and exactly in all else. */
export function sameNumbers(actual: unknown, expected: unknown, at = ""): void {
  if (typeof actual === "number" && typeof expected === "number") {
    const near = Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
    if (!near && !Object.is(actual, expected)) {
      throw new Error(`${at}: ${actual} is not ${expected}`);
    }
    return;
  }
  if (typeof actual !== "object" || typeof expected !== "object" || !actual || !expected) {
    if (actual !== expected) throw new Error(`${at}: ${actual} is not ${expected}`);
    return;
  }
  const [a, b] = [Object.entries(actual), new Map(Object.entries(expected))];
  if (a.length !== b.size) throw new Error(`${at}: ${a.length} fields are not ${b.size}`);
  for (const [name, value] of a) sameNumbers(value, b.get(name), `${at}.${name}`);
}
