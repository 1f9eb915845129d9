/** The engine with rules armed on made-up markets, and what fired of each. */
import type { AccountView } from "../../lib/alerts/account.ts";
import { Book } from "../../lib/alerts/run/book.ts";
import { Engine } from "../../lib/alerts/run/engine.ts";
import type { Fired } from "../../lib/alerts/run/fired.ts";
import { createLog } from "../../lib/log.ts";
import { MINUTE_MS } from "../../lib/market/bucket.ts";
import { FakeRecords } from "./fake_records.ts";
import { type MovingMarket, type MovingSource, wildMinutes } from "./moving_source.ts";
import { ruleOf } from "./ruling.ts";

export const START_MS = Date.UTC(2026, 10, 18, 6);
const MINUTES = 240;
export const BEGIN_MS = START_MS + 130 * MINUTE_MS;
/** The last minute that is judged. */
export const END_MS = BEGIN_MS + (MINUTES - 135) * MINUTE_MS;

/** Two perpetuals; `torn` gives the second one's coverage where it is not whole. */
export const markets = (base: string, seed: number, torn: (minute: number) => number | null) =>
  ["binance-perp", "bybit-perp"].map((venue, place): MovingMarket => ({
    venue,
    base,
    buckets: wildMinutes({ seed: seed + place, fromMs: START_MS, minutes: MINUTES }).map((row) => {
      const coverageMs = place === 1 ? torn((row.t - BEGIN_MS) / MINUTE_MS) : null;
      return coverageMs === null ? row : { ...row, coverageMs };
    }),
  }));

export async function armed(source: MovingSource, texts: readonly string[], account?: AccountView) {
  const book = new Book(new FakeRecords(), "test");
  await book.load();
  const fired: Fired[] = [];
  const told: string[] = [];
  const engine = new Engine({
    ...{ source, book, watched: () => source.assets(), account: () => account ?? null },
    fired: (bunch) => fired.push(...bunch),
    blind: ({ id }, lacking) => told.push(`${id} ${lacking}`),
    log: createLog({ level: "error" }),
  });
  for (const text of texts) await book.add("tg:1", ruleOf(text), source.now);
  const of = (nth: number) => fired.filter(({ armed: { id } }) => id === `a${nth + 1}`);
  return { engine, of, told };
}
