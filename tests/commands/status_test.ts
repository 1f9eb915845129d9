import { equal, ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import type { Status } from "../../lib/reply/command.ts";
import { fakeSource, NOW_MS } from "../market/fake_source.ts";
import { fakeDesk, setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

const source = fakeSource({
  series: [
    { venue: "binance-spot", latest: { tradeMs: NOW_MS - 1500 } },
    { venue: "bybit-perp", latest: { tradeMs: NOW_MS - 90_000 } },
  ],
});

const busy: Partial<Status> = {
  version: "0.1.0",
  startedMs: NOW_MS - 3 * 86_400_000 - 4 * 3_600_000,
  residentBytes: 51_250_000,
  venues: [
    {
      ...{ venue: "binance-spot", live: true, reason: null, markets: 20, frames: 1_234_567 },
      ...{ trades: 987_654, parseErrors: 0, reconnects: 3, gaps: 2 },
    },
    {
      ...{ venue: "bybit-perp", live: false, reason: "403 <region>", markets: 0, frames: 0 },
      ...{ trades: 0, parseErrors: 12, reconnects: 41, gaps: 0 },
    },
  ],
  repair: { waiting: 3, repaired: 120, lost: 1 },
  store: {
    ...{ rowsWritten: 345_678, bytesWritten: 34_567_890, rowsSkipped: 0, writeErrors: 0 },
    disk: {
      ...{ state: "ok", fileBytes: 92_345_678 },
      ...{ reserveBytes: 32_000_000, reserveGoalBytes: 32_000_000 },
    },
    writable: true,
  },
};

async function status(given: Partial<Status>) {
  const desk = fakeDesk([], given);
  const reply = await answer("/status", setting({ commands, source, desk }));
  assertSound(reply);
  return reply;
}

Deno.test("/status reads as it should on a phone", async () => {
  const { text, html } = await status(busy);
  equal(text, GOLDEN);
  ok(html.includes("403 &lt;region&gt;"));
});

const GOLDEN = `Tapewatch 0.1.0 · up 3d4h · 14:05 UTC
bybit-perp: 403 <region>
             mkts trades frames
binance-spot   20   988k  1.23M
!bybit-perp     0      0      0
             gaps reconn. parse
binance-spot    2       3     0
!bybit-perp     0      41    12
! not live
Repair: 3 min waiting, 120 repaired, 1 lost
Store: 346k rows, 34.6 MB written, 0 write errors, 0 unreadable
Disk: 92.3 MB used, 32.0 MB in reserve
Memory 51.3 MB
1/2 venues live · 1 s old`;

Deno.test("every count is in the data", async () => {
  const { data } = await status(busy);
  const text = JSON.stringify(data);
  for (const part of ['"uptimeMs":273600000', '"frames":1234567', '"fileBytes":92345678']) {
    ok(text.includes(part), part);
  }
  ok(text.includes('"trust":{"venuesLive":1,"venuesAsked":2,"ageMs":1500}'), text);
});

Deno.test("a low disk stops the writing, and says how much it holds of what it should", async () => {
  const use = { fileBytes: 92_345_678, reserveBytes: 4_000_000, reserveGoalBytes: 32_000_000 };
  const counts = { rowsWritten: 0, bytesWritten: 0, rowsSkipped: 4, writeErrors: 2 };
  const told = { ok: "", low: " — low, no minute is written", full: " — full, nothing is written" };
  for (const state of ["ok", "low", "full"] as const) {
    const store = { ...counts, disk: { ...use, state }, writable: state === "ok" };
    const { text } = await status({ ...busy, store });
    const line = `Disk: 92.3 MB used, 4.0 MB of 32.0 MB in reserve${told[state]}`;
    ok(text.includes(`${line}\n`), text);
    ok(text.includes("2 write errors, 4 unreadable"), text);
  }
});

Deno.test("a store that is no file has no disk", async () => {
  ok((await status({})).text.includes("Disk: not watched\n"));
});

Deno.test("without a venue and without data it answers", async () => {
  const reply = await answer("/status", setting({ commands, source: fakeSource() }));
  assertSound(reply);
  ok(reply.text.includes("No venue is enabled"), reply.text);
  ok(reply.text.endsWith("0/0 venues live · no data yet"), reply.text);
});
