import { deepEqual, equal, ok } from "../../assert.ts";
import { type Bucket, MINUTE_MS, QUARTER_MS } from "../../../lib/market/bucket.ts";
import { DAY_QUARTERS } from "../../../lib/market/past/day_ring.ts";
import { FINE_QUARTERS } from "../../../lib/market/past/fine_ring.ts";
import { LONG_QUARTERS, PastRing } from "../../../lib/market/past/ring.ts";
import { minute } from "../fake_source.ts";
import { heldQuarter, quarterFrom } from "../quarters.ts";
import { randomTape } from "./random_tape.ts";

const END_MS = Date.UTC(2026, 10, 20, 14, 0);

function fifteen(t: number, c = 100): Bucket[] {
  return Array.from(
    { length: 15 },
    (_, i) => minute(t + i * MINUTE_MS, i, 1, { c: c + i, h: c + i + 1, l: c + i - 1, oiBase: i }),
  );
}

Deno.test("a quarter comes back as its minutes make it, whatever they lack", () => {
  for (const seed of [1, 2, 3, 4]) {
    const { nowMs, series: [rows = []] } = randomTape(seed, 1);
    const endMs = Math.floor(nowMs / QUARTER_MS) * QUARTER_MS;
    const ring = new PastRing(false);
    for (let t = endMs - DAY_QUARTERS * QUARTER_MS; t < endMs; t += QUARTER_MS) {
      const minutes = rows.filter((row) => row.t >= t && row.t < t + QUARTER_MS);
      ring.put(t, minutes, endMs);
      deepEqual(heldQuarter(ring.day, t), quarterFrom(t, minutes));
    }
  }
});

Deno.test("detail goes with age, and the newest quarter takes the place of the oldest", () => {
  const ring = new PastRing(true);
  const count = LONG_QUARTERS + 30;
  for (let i = 0; i < count; i++) {
    const t = END_MS + i * QUARTER_MS;
    ring.put(t, fifteen(t, 1000 + i), t + QUARTER_MS);
  }
  const endMs = END_MS + count * QUARTER_MS;
  const aged = (age: number) => endMs - age * QUARTER_MS;
  for (const age of [1, FINE_QUARTERS, DAY_QUARTERS, LONG_QUARTERS]) {
    ok(ring.has(aged(age), endMs), `${age} quarters ago`);
    equal(ring.price("c", 15, aged(age)), 1000 + count - age + 14);
  }
  equal(ring.price("h", 5, aged(DAY_QUARTERS) + 5 * MINUTE_MS), 1000 + count - DAY_QUARTERS + 10);
  equal(ring.price("l", 1, aged(FINE_QUARTERS)), 1000 + count - FINE_QUARTERS - 1);
  equal(ring.fine.interestIn(ring.fine.slotOf(aged(FINE_QUARTERS)), 3), 3);
  equal(ring.has(aged(LONG_QUARTERS + 1), endMs), false);
  deepEqual(heldQuarter(ring.day, aged(DAY_QUARTERS + 1)), quarterFrom(aged(DAY_QUARTERS + 1), []));
  equal(ring.bits("whole", aged(LONG_QUARTERS)), 0x7fff);
  equal(ring.bits("sided", aged(DAY_QUARTERS + 1)), 0);
  ok(Number.isNaN(ring.price("c", 1, aged(FINE_QUARTERS + 1))));
});

Deno.test("what has changed stays readable until it is put again", () => {
  const ring = new PastRing(true);
  const t = END_MS - QUARTER_MS;
  ring.put(t, fifteen(t), END_MS);
  const { version } = ring;
  ring.forget(t);
  equal(ring.has(t, END_MS), false);
  equal(ring.price("c", 15, t), 114);
  ok(ring.version > version);
  ring.put(t, fifteen(t, 200), END_MS);
  equal(ring.has(t, END_MS), true);
  equal(ring.price("c", 15, t), 214);
  ring.put(t, fifteen(t, 300), END_MS, false);
  equal(ring.has(t, END_MS), false, "put while it was changing");
});

Deno.test("a price that is followed from now on has all quarters put again", () => {
  const ring = new PastRing(false);
  const t = END_MS - QUARTER_MS;
  ring.put(t, fifteen(t), END_MS);
  ok(Number.isNaN(ring.price("c", 15, t)));
  ring.followPrice();
  equal(ring.has(t, END_MS), false);
  ring.put(t, fifteen(t), END_MS);
  equal(ring.price("c", 5, t), 104);
});

Deno.test("a quarter of the future or of long ago takes nobody's place", () => {
  const ring = new PastRing(true);
  const t = END_MS - QUARTER_MS;
  ring.put(t, fifteen(t), END_MS);
  ring.put(t + LONG_QUARTERS * QUARTER_MS, fifteen(t), END_MS);
  ring.put(t - LONG_QUARTERS * QUARTER_MS, fifteen(t), END_MS);
  equal(ring.has(t, END_MS), true);
});

Deno.test("liquidations take room only where there were some", () => {
  const ring = new PastRing(true);
  const t = END_MS - QUARTER_MS;
  const rows = fifteen(t).map((row, i) => ({
    ...row,
    ...{
      liqLongQuote: i === 4 ? 700 : 0,
      liqShortQuote: 0,
      liqLongs: i === 4 ? 2 : 0,
      liqShorts: 0,
    },
  }));
  ring.put(t, rows, END_MS);
  deepEqual(ring.day.liquidations(t), [4, 700, 0, 2, 0]);
  ring.put(t, rows.slice(0, 4), END_MS);
  equal(ring.day.liquidations(t), null);
  equal(ring.bits("told", t), 0b1111);
});

Deno.test("bars of every length stand beside the sums of their quarters, in full rings", () => {
  const [endMs, age] = [END_MS + DAY_QUARTERS * QUARTER_MS, LONG_QUARTERS];
  const firstMs = endMs - age * QUARTER_MS;
  const base = (t: number) => 1000 * (1 + (t - firstMs) / QUARTER_MS);
  const rows = (t: number) =>
    fifteen(t, base(t)).map((row, i) => ({
      ...row,
      oiBase: -base(t) - i,
      fundingRate: 1 / base(t),
    }));
  const ring = new PastRing(true);
  for (let t = firstMs; t < endMs; t += QUARTER_MS) ring.put(t, rows(t), endMs);
  for (let t = firstMs; t < endMs; t += QUARTER_MS) {
    equal(ring.price("h", 15, t), base(t) + 15);
    equal(ring.price("l", 15, t), base(t) - 1);
    if (t < endMs - DAY_QUARTERS * QUARTER_MS) continue;
    deepEqual(heldQuarter(ring.day, t), quarterFrom(t, rows(t)));
    for (const i of [0, 5, 10]) equal(ring.price("c", 5, t + i * MINUTE_MS), base(t) + i + 4);
    if (t < endMs - FINE_QUARTERS * QUARTER_MS) continue;
    for (let i = 0; i < 15; i++) {
      equal(ring.price("l", 1, t + i * MINUTE_MS), base(t) + i - 1);
      equal(ring.fine.interestIn(ring.fine.slotOf(t), i), -base(t) - i);
    }
  }
});
