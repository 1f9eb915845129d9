import { deepEqual, equal, rejects } from "../../assert.ts";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import type { SeriesInfo } from "../../../lib/market/source.ts";
import { Norms } from "../../../lib/tape/past/norms.ts";

const HOUR_MS = 60 * MINUTE_MS;
const T = Date.UTC(2026, 10, 20, 14, 5);

function market(venue: string, liquidations: SeriesInfo["liquidations"] = "complete"): SeriesInfo {
  const kind = venue.endsWith("-spot") ? "spot" : "perp";
  return { venue, market: kind, symbol: "BTCUSDT", base: "BTC", quote: "USDT", liquidations };
}

const PERP = market("bybit-perp");

/** Three days of minutes in which 1 USD was liquidated, but 900 in a part of them long ago. */
function tape(quoteAt: (t: number) => number = () => 1) {
  const clock = { nowMs: T };
  const asked: string[] = [];
  const held = { failure: false };
  const minutes = {
    readOnce({ venue }: { readonly venue: string }, fromMs: number, toMs: number) {
      if (held.failure) return Promise.reject(new Error("the store is shut"));
      asked.push(`${venue} ${(toMs - fromMs) / HOUR_MS}`);
      const rows: Bucket[] = [];
      for (let t = fromMs; t < toMs; t += MINUTE_MS) {
        const quote = quoteAt(t);
        const side = { liqLongQuote: quote, liqLongs: 1, liqShortQuote: 0, liqShorts: 0 };
        rows.push({ ...emptyBucket(t), ...side, coverageMs: MINUTE_MS, source: "live" });
      }
      return Promise.resolve(rows);
    },
  };
  const norms = new Norms({ minutes, keptMs: 72 * HOUR_MS, nowMs: () => clock.nowMs });
  return { clock, asked, held, norms };
}

Deno.test("all that is stored counts, up to the last full hour, of markets that publish", async () => {
  // 60 minutes of 4320, two days ago: more than one in a hundred.
  const storm = Date.UTC(2026, 10, 18, 20);
  const { asked, norms } = tape((t) => t >= storm && t < storm + HOUR_MS ? 900 : 1);
  const series = [PERP, market("a-spot"), market("b-perp", "none")];
  deepEqual(await norms.of("BTC", series), {
    toMs: Date.UTC(2026, 10, 20, 14),
    minutes: 4320,
    p99Quote: 900,
  });
  deepEqual([...new Set(asked)], ["bybit-perp 6"], "piece by piece");
});

Deno.test("it is read once an hour, and who comes meanwhile waits for the same", async () => {
  const { clock, asked, norms } = tape();
  const both = await Promise.all([norms.of("BTC", [PERP]), norms.of("BTC", [PERP])]);
  equal(both[0], both[1]);
  equal(asked.length, 12);
  // Right after the hour that of the hour before serves: nobody waits for the new one.
  clock.nowMs += HOUR_MS;
  equal(await norms.of("BTC", [PERP]), both[0]);
  equal(asked.length, 12);
  const source = { assets: () => ["BTC"], seriesOf: () => [PERP] };
  await norms.fill(source, new AbortController().signal);
  equal((await norms.of("BTC", [PERP])).toMs, Date.UTC(2026, 10, 20, 15));
  equal(asked.length, 24);
  await norms.fill(source, new AbortController().signal);
  equal(asked.length, 24);
});

Deno.test("an old norm is not told where nobody makes new ones, nor one of an asset that left", async () => {
  const { clock, asked, norms } = tape();
  await norms.of("BTC", [PERP]);
  clock.nowMs += 2 * HOUR_MS;
  equal((await norms.of("BTC", [PERP])).toMs, Date.UTC(2026, 10, 20, 16));
  equal(asked.length, 24);
  await norms.fill({ assets: () => [], seriesOf: () => [] }, new AbortController().signal);
  await norms.of("BTC", [PERP]);
  equal(asked.length, 36);
});

Deno.test("a failed reading is not kept", async () => {
  const { held, norms } = tape();
  held.failure = true;
  await rejects(norms.of("BTC", [PERP]), /shut/);
  held.failure = false;
  equal((await norms.of("BTC", [PERP])).minutes, 4320);
});
