import { deepEqual, equal, ok } from "../assert.ts";
import { studyBrief } from "../../commands/_brief_study.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import type { Desk, Json } from "../../lib/reply/command.ts";
import {
  type FakeSeries,
  fakeSource,
  type FakeSourceOptions,
  NOW_MS,
} from "../market/fake_source.ts";
import { blank, closed, EDGE_MS, TRADED } from "./perps.ts";
import { fakeDesk, setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

/** A day before 14:00, and the quarter before that. */
const DAY = 1440 + 15 + 5;
const MINUTE_MS = 60_000;

/** A repeatable wave between −1 and 1 that no length of window fits into. */
const wave = (ago: number, length: number) => Math.sin(ago / length) * Math.cos(ago / 17);

/** Minutes between 14:00, where the last closed quarter ends, and 14:05. */
const OPEN = 5;
const END_MS = EDGE_MS - OPEN * MINUTE_MS;

/** A usual day, and in the hour up to 14:00 whatever is given. */
function market(base: string, lastHour: (ago: number) => object): FakeSeries {
  return {
    venue: "a-perp",
    base,
    latest: TRADED,
    buckets: closed(DAY, (ago) => ({
      ...{ buyQuote: 10_000 + 3000 * wave(ago, 41), sellQuote: 10_000 },
      ...{ c: 100 + wave(ago, 53), oiBase: 1000 + 5 * wave(ago, 67) },
      ...{ fundingRate: 0.0001, fundingIntervalHours: 8 },
      ...(ago >= OPEN && ago < 60 + OPEN ? lastHour(ago - OPEN) : {}),
    })),
  };
}

const series = [
  market("BTC", () => ({})),
  market("ETH", (ago) => ({ buyQuote: 80_000, c: 100 + (60 - ago) / 10, fundingRate: 0.0003 })),
  market("SOL", (ago) => ({ liqLongQuote: ago === 5 ? 750_000 : 0, liqLongs: ago === 5 ? 9 : 0 })),
];
const watched = ["BTC", "ETH", "SOL"];

async function brief(text: string, desk: Desk, options: FakeSourceOptions = { series }) {
  const reply = await answer(text, setting({ commands, source: fakeSource(options), desk }));
  assertSound(reply);
  return reply;
}

Deno.test("/brief reads as it should on a phone", async () => {
  equal((await brief("/brief", fakeDesk(watched))).text, GOLDEN);
});

const GOLDEN = `Brief · 14:05 UTC
13:00 – 14:00, 1h
            change   usual     z
ETH fund. +0.0200% 0.0000% +71.8
SOL liq.      750k       0 +71.8
ETH CVD     +4.20M  +1.71k +56.0
ETH price   +6.78%   0.00%  +7.4
BTC price   +0.83%   0.00%  +0.9
z against up to 89 windows of 24 h
60/60 min · 2 s old`;

Deno.test("what was made unusual is found, the largest first", async () => {
  const { rows, fromMs, toMs } = await studyBrief(fakeSource({ series }), watched, 60);
  equal(toMs, END_MS);
  equal(fromMs, END_MS - 60 * MINUTE_MS);
  equal(rows.length, 5);
  const found = rows.map((row) => `${row.symbol} ${row.metric}`);
  for (const wanted of ["ETH cvd", "ETH price", "ETH funding", "SOL liquidations"]) {
    ok(found.includes(wanted), found.join());
  }
  const sizes = rows.map((row) => Math.abs(row.z));
  deepEqual(sizes, sizes.toSorted((a, b) => b - a));
  equal(rows.find((row) => row.metric === "cvd")?.change, 60 * 70_000);
  equal(rows.find((row) => row.metric === "liquidations")?.change, 750_000);
});

Deno.test("a usual day has nothing beyond the mark", async () => {
  const calm = [market("BTC", () => ({}))];
  const { text } = await brief("/brief 1h", fakeDesk(["BTC"]), { series: calm });
  ok(text.includes("Nothing beyond |z| 3.5"), text);
});

Deno.test("the window begins at the asker's last look, which is his own", async () => {
  const desk = fakeDesk(watched);
  const at = async (nowMs: number) => {
    const { data } = await brief("/brief", desk, { series, nowMs });
    return field(data, "minutes");
  };
  equal(await at(NOW_MS - 130 * MINUTE_MS), 60);
  equal(await at(NOW_MS), 135);
  const other = await answer(
    "/brief",
    setting({
      commands,
      source: fakeSource({ series }),
      desk,
      asker: { id: "tg:2", owner: false, privateChat: true },
    }),
  );
  equal(field(other.data, "minutes"), 60);
});

Deno.test("a refresh within five minutes is the same look", async () => {
  const desk = fakeDesk(watched);
  const at = async (nowMs: number) =>
    field((await brief("/brief", desk, { series, nowMs })).data, "lastLookMs");
  await at(NOW_MS - 100 * MINUTE_MS);
  equal(await at(NOW_MS - 10 * MINUTE_MS), NOW_MS - 100 * MINUTE_MS);
  equal(await at(NOW_MS - 6 * MINUTE_MS), NOW_MS - 100 * MINUTE_MS);
  // Five minutes after the look, not after its refresh, a new one begins.
  equal(await at(NOW_MS - 5 * MINUTE_MS), NOW_MS - 10 * MINUTE_MS);
});

Deno.test("a look long ago is cut to eight hours, and says so", async () => {
  const desk = fakeDesk(watched);
  await desk.remember("local", "brief", { lookMs: NOW_MS - 3 * 86_400_000, sinceMs: null });
  const { text } = await brief("/brief", desk);
  ok(text.includes("06:00 – 14:00, 8h; last look 17 Nov 14:05, 8 h at most"), text);
});

Deno.test("a length that is asked for is no look", async () => {
  const desk = fakeDesk(watched);
  equal(field((await brief("/brief 4h", desk)).data, "minutes"), 240);
  equal(field((await brief("/brief 50", desk)).data, "minutes"), 60);
  equal(await desk.recall("local", "brief"), null);
});

Deno.test("a memory from the future or of another shape is as good as none", async () => {
  const desk = fakeDesk(watched);
  for (const value of [7, "x", [], {}, { lookMs: NOW_MS + 1 }, { lookMs: "yesterday" }]) {
    await desk.remember("local", "brief", value);
    equal(field((await brief("/brief", desk)).data, "lastLookMs"), null);
  }
});

Deno.test("a length that cannot be compared is refused", async () => {
  for (const typed of ["9h", "0", "soon", "481", "1h 2h"]) {
    ok((await brief(`/brief ${typed}`, fakeDesk())).text.startsWith("No length"), typed);
  }
});

Deno.test("nothing watched, no history, no data and a flat day are answered", async () => {
  ok((await brief("/brief", fakeDesk())).text.includes("Nothing is watched"));
  const young = [{ venue: "a-perp", buckets: closed(50, () => ({})) }];
  const first = await brief("/brief", fakeDesk(["BTC"]), { series: young });
  ok(first.text.includes("Too little history to call anything unusual"), first.text);
  ok(first.text.endsWith("45/60 min · a-perp −15 · no data yet"), first.text);
  const rows = closed(DAY, () => ({ oiBase: 5 }));
  for (const buckets of [rows, blank(rows), []]) {
    await brief("/brief", fakeDesk(["BTC"]), { series: [{ venue: "a-perp", buckets }] });
  }
  await brief("/brief", fakeDesk(["BTC"]), { series: [{ venue: "a-spot", buckets: rows }] });
});

Deno.test("a venue stands in the trust line once, with its worst series", async () => {
  const torn = (base: string, whole: number) => ({
    venue: "a-perp",
    base,
    buckets: closed(whole, () => ({})),
  });
  const { trust } = await studyBrief(
    fakeSource({ series: [torn("BTC", 50), torn("ETH", 20)] }),
    ["BTC", "ETH"],
    60,
  );
  deepEqual(trust.missing, [{ venue: "a-perp", minutes: 45 }]);
  equal(trust.minutesComplete, 15);
});

Deno.test("a day of twenty assets on two venues is folded at once", async () => {
  const [one] = series;
  const many = Array.from({ length: 40 }, (_, i) => ({
    ...one,
    venue: i % 2 === 0 ? "a-perp" : "b-perp",
    base: `C${i >> 1}`,
  }));
  const source = fakeSource({ series: many });
  const assets = Array.from({ length: 20 }, (_, i) => `C${i}`);
  await studyBrief(source, assets, 60);
  const beganMs = performance.now();
  await studyBrief(source, assets, 60);
  const took = performance.now() - beganMs;
  // Usually 20 ms; the machine may be busy with other tests.
  ok(took < 250, `${took} ms`);
});

function field(data: Json, name: string): Json {
  ok(data !== null && typeof data === "object" && !Array.isArray(data));
  return new Map(Object.entries(data)).get(name) ?? null;
}

Deno.test("a venue that is down and was never heard is missing", async () => {
  const venues = [
    { venue: "a-perp", market: "perp", live: true, reason: null },
    { venue: "b-perp", market: "perp", live: false, reason: "region block" },
    { venue: "b-spot", market: "spot", live: false, reason: "region block" },
  ] as const;
  const { text } = await brief("/brief", fakeDesk(watched), { series, venues });
  ok(text.endsWith("0/60 min · b-perp −60 · 2 s old"), text);
});
