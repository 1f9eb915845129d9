import { equal, match } from "../../assert.ts";
import { type Bucket, emptyBucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import { restartReport } from "../../../lib/tape/repair/restart_report.ts";

const T0 = Date.UTC(2026, 10, 20, 12, 0);

function minutes(count: number, coverageMs: number): Bucket[] {
  return Array.from({ length: count }, (_, i) => ({
    ...emptyBucket(T0 + i * MINUTE_MS),
    coverageMs,
  }));
}

Deno.test("the owner is told since when, until when, and that nothing is lost", () => {
  const report = restartReport(T0 + 30_000, T0 + 4 * MINUTE_MS + 10_000, [
    { venue: "binance-perp", buckets: minutes(5, MINUTE_MS) },
  ]);
  equal(
    report,
    "Restarted: blind 12:00:30–12:04:10 UTC (4 min). Minutes of markets repaired: 5. Nothing is lost.",
  );
});

Deno.test("what could not be made whole is counted per venue", () => {
  const report = restartReport(T0, T0 + 3 * MINUTE_MS, [
    { venue: "bybit-spot", buckets: minutes(3, 20_000) },
    { venue: "bybit-spot", buckets: minutes(1, MINUTE_MS) },
  ]);
  match(report ?? "", /Not whole: bybit-spot 5\.$/);
});

Deno.test("a break of seconds that cost nothing is not worth a message", () => {
  const whole = [{ venue: "binance-spot", buckets: minutes(1, MINUTE_MS) }];
  equal(restartReport(T0 + 1_000, T0 + 9_000, whole), null);
});
