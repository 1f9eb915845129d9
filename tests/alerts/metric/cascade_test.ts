import { deepEqual, equal, ok } from "../../assert.ts";
import type { Reading, ViewSeries } from "../../../lib/alerts/metric/metric.ts";
import { metricNamed } from "../../../lib/alerts/metric/table.ts";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import { armed, BEGIN_MS, END_MS, markets } from "../engine_on.ts";
import { MovingSource } from "../moving_source.ts";

const FROM_MS = 1_760_000_040_000 - 1_760_000_040_000 % MINUTE_MS;
const RUN_IN = 30;

/** Long positions of so much are closed in a minute that falls by three percent. */
const falling = (liqLongQuote: number): Partial<Bucket> => ({
  ...{ h: 100, l: 97, c: 97, liqLongQuote, liqLongs: 9, liqShortQuote: 0, liqShorts: 0 },
});
/** Rebuilt from prints: of its liquidations nobody tells what was not heard. */
const rebuilt = (bucket: Partial<Bucket>): Partial<Bucket> => ({
  ...{ ...bucket, source: "repaired", liqShortQuote: null, liqShorts: null },
});

function tape(newest: readonly Partial<Bucket>[]): readonly Bucket[] {
  const calm = Array.from({ length: RUN_IN }, (): Partial<Bucket> => ({}));
  return [...calm, ...newest].map((more, nth) => ({
    ...emptyBucket(FROM_MS + nth * MINUTE_MS),
    ...{ coverageMs: MINUTE_MS, source: "live", h: 100.5, l: 99.5, c: 100 },
    ...{ liqLongQuote: 0, liqLongs: 0, liqShortQuote: 0, liqShorts: 0, ...more },
  }));
}

/** What the minutes after the run-in are read as; of each all versions, as they become known. */
function readings(minutes: readonly (readonly Partial<Bucket>[])[]): Reading[] {
  const metric = metricNamed("cascade");
  ok(metric?.pace === "minute");
  const { read } = metric.open();
  return minutes.flatMap((versions, nth) =>
    versions.map((version) => {
      const before = minutes.slice(0, nth).map((all) => all.at(-1) ?? {});
      const series: ViewSeries = {
        ...{ venue: "bybit-perp", market: "perp", liquidations: "complete", volumes: null },
        ...{ buckets: tape([...before, version]), newestMs: FROM_MS },
      };
      const endMs = FROM_MS + (RUN_IN + nth + 1) * MINUTE_MS;
      return read({ asset: "BTC", endMs, series: [series], liquidationP99: null }, 1);
    })
  );
}

const LACKING = "bybit-perp lacks 1 of 1 min";

Deno.test("what is known of a minute's liquidations may begin a cascade, never end one", () => {
  const [large, calm] = [falling(900_000), {}];
  const minutes = [[rebuilt(calm)], [rebuilt(large)], ...Array(3).fill([rebuilt(calm)])];
  deepEqual(readings([...minutes, [calm], [calm]]), [
    { lacking: LACKING },
    { lacking: LACKING, atLeast: 1 },
    ...Array(3).fill({ lacking: LACKING }),
    // Quiet for sixty seconds only at the second whole one's end.
    { value: 1 },
    { value: 0 },
  ]);
});

Deno.test("a minute that is read again with more in it is judged as if for the first time", () => {
  const part = rebuilt(falling(900_000));
  const whole = { ...falling(900_000), liqShortQuote: 800_000, liqShorts: 8 };
  deepEqual(readings([[part, whole], [{}]]), [
    { lacking: LACKING, atLeast: 1 },
    { value: 0 },
    { value: 0 },
  ]);
});

Deno.test("a cascade goes on through minutes that are known in part, and is not told twice", async () => {
  const at = (nth: number, more: Partial<Bucket>, place: number, row: Bucket): Bucket =>
    (row.t - BEGIN_MS) / MINUTE_MS === nth && place === 0 ? { ...row, ...more } : row;
  // After its first minute one is rebuilt and calm as far as it was heard, and then it goes on.
  const source = new MovingSource(
    markets("BTC", 5, () => null).map((one, place) => ({
      ...one,
      buckets: one.buckets.map((row) => {
        const calm = { ...row, liqLongQuote: 0, liqLongs: 0, liqShortQuote: 0, liqShorts: 0 };
        let now = at(40, falling(9e6), place, calm);
        for (const nth of [41, 42, 43]) now = at(nth, rebuilt({}), place, now);
        return at(44, falling(9e6), place, now);
      }),
    })),
    BEGIN_MS + 500,
  );
  const { engine, of } = await armed(source, ["btc cascade cooldown 0 cap 1000"]);
  const known = new Set<number | null>();
  for (; source.now < END_MS; source.now += 1_000) {
    await engine.tick();
    const nth = (source.now - BEGIN_MS) / MINUTE_MS;
    if (nth > 42 && nth < 44) known.add(engine.minutes.newest("BTC", "cascade", 1));
  }
  equal(of(0).length, 1);
  ok(!known.has(0), [...known].join());
});
