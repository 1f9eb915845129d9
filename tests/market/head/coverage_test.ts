import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import { Coverage, type Hole } from "../../../lib/market/head/coverage.ts";
import {
  Column,
  MinuteRing,
  Source,
  WINDOW_MINUTES,
} from "../../../lib/market/head/minute_ring.ts";

const T0 = Date.UTC(2026, 10, 20, 10, 0);
const MINUTE = T0 / MINUTE_MS;

function setting(): { ring: MinuteRing; coverage: Coverage } {
  const ring = new MinuteRing();
  const coverage = new Coverage(ring, (minute) => {
    const at = ring.touch(minute);
    if (ring.cells[at + Column.source] === Source.none) {
      ring.cells[at + Column.source] = Source.live;
    }
    return at;
  });
  return { ring, coverage };
}

function covered(ring: MinuteRing, minute: number): number {
  const at = ring.find(minute);
  return at < 0 ? 0 : ring.coverageMs(at);
}

Deno.test("time is credited once, however often it is reported", () => {
  const { ring, coverage } = setting();
  coverage.cover(T0, T0 + 10_000);
  coverage.cover(T0, T0 + 10_000);
  coverage.cover(T0 + 5_000, T0 + 12_000);
  equal(covered(ring, MINUTE), 12_000);
});

Deno.test("fractions of a millisecond are never credited", () => {
  const { ring, coverage } = setting();
  coverage.cover(T0 + 0.4, T0 + 999.9);
  equal(covered(ring, MINUTE), 998);
});

Deno.test("closing a hole gives back what it took and no more, whatever happened meanwhile", () => {
  const { ring, coverage } = setting();
  coverage.cover(T0, T0 + 20_000);
  const other = coverage.open(T0 + 1_000, T0 + 2_000);
  coverage.cover(T0 + 30_000, T0 + 60_000);
  // Half of this hole lies in the dark time, which was never credited.
  const hole = coverage.open(T0 + 15_000, T0 + 30_000);
  coverage.cover(T0 + 70_000, T0 + 80_000);
  coverage.close(hole);
  equal(covered(ring, MINUTE), 50_000 - 1_000);
  coverage.close(other);
  equal(covered(ring, MINUTE), 50_000);
});

Deno.test("an old hole never takes the slot of a newer minute", () => {
  const { ring, coverage } = setting();
  coverage.cover(T0, T0 + MINUTE_MS);
  const now = T0 + (WINDOW_MINUTES + 5) * MINUTE_MS;
  coverage.cover(now, now + MINUTE_MS);
  const minute = now / MINUTE_MS;
  coverage.open(T0, T0 + 10 * MINUTE_MS);
  equal(covered(ring, minute), MINUTE_MS);
  equal(ring.find(MINUTE + 5), -1);
});

Deno.test("a minute that was limited stays so until it is proven complete", () => {
  const { ring, coverage } = setting();
  coverage.cover(T0, T0 + MINUTE_MS);
  coverage.limit(MINUTE, 42_000);
  coverage.limit(MINUTE, 50_000);
  equal(covered(ring, MINUTE), 42_000);
  coverage.complete(MINUTE);
  equal(covered(ring, MINUTE), MINUTE_MS);
});

Deno.test("the time between two lives of the stream is dark, and credited only when bridged", () => {
  const { ring, coverage } = setting();
  coverage.cover(T0, T0 + 10_000);
  equal(coverage.dark(), null);
  coverage.cover(T0 + 25_000, T0 + 60_000);
  deepEqual(coverage.dark(), { fromMs: T0 + 10_000, toMs: T0 + 25_000 });
  coverage.forgetDark();
  equal(coverage.dark(), null);
  coverage.bridge(T0 + 12_000, T0 + 25_000);
  equal(covered(ring, MINUTE), 58_000);
});

Deno.test("coverage never claims more than was live and unharmed", () => {
  const at = fc.integer({ min: 0, max: 180 }).map((seconds) => seconds * 1_000);
  const step = fc.oneof(
    fc.record({ kind: fc.constant("cover" as const), from: at, to: at }),
    fc.record({ kind: fc.constant("hole" as const), from: at, to: at }),
    fc.record({ kind: fc.constant("close" as const), from: at, to: at }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const { ring, coverage } = setting();
    const live = new Set<number>();
    const holes: { hole: Hole; from: number; to: number }[] = [];
    for (const { kind, from: a, to: b } of steps) {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      if (kind === "cover") {
        coverage.cover(T0 + from, T0 + to);
        for (let ms = from; ms < to; ms += 1_000) live.add(ms / 1_000);
      } else if (kind === "hole") {
        holes.push({ hole: coverage.open(T0 + from, T0 + to), from, to });
      } else {
        const closed = holes.shift();
        if (closed) coverage.close(closed.hole);
      }
    }
    for (let nth = 0; nth < 3; nth++) {
      const claimed = covered(ring, MINUTE + nth);
      const seconds = [...live].filter((second) => Math.floor(second / 60) === nth).length;
      ok(claimed <= seconds * 1_000);
      const harmed = holes.some(({ from, to }) =>
        from < (nth + 1) * MINUTE_MS && to >= nth * MINUTE_MS
      );
      if (harmed) ok(claimed < MINUTE_MS, `minute ${nth} claims ${claimed} with an open hole`);
      if (seconds === 0) equal(claimed, 0);
    }
  }));
});

Deno.test("a clock that was far ahead for a while takes nothing from the time after", () => {
  const { ring, coverage } = setting();
  coverage.cover(T0, T0 + 5_000);
  const wrong = T0 + 365 * 86_400_000;
  coverage.cover(wrong, wrong + 3_000);
  coverage.cover(T0 + 8_000, T0 + 60_000);
  ok(covered(ring, MINUTE) <= 57_000);
  ok(covered(ring, MINUTE) >= 52_000);
  coverage.cover(T0 + 8_000, T0 + 120_000);
  equal(covered(ring, MINUTE + 1), 60_000);
});
