import { deepEqual, equal, ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import type { Bucket } from "../../lib/market/bucket.ts";
import { answer } from "../../lib/reply/answer.ts";
import type { Desk } from "../../lib/reply/command.ts";
import { type FakeSeries, fakeSource, NOW_MS } from "../market/fake_source.ts";
import { fakeAccounts } from "./accounts.ts";
import { closed, TRADED } from "./perps.ts";
import { fakeDesk, setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

const rows = closed(90, (ago) => ({ oiBase: 1000 - ago }));
/** One minute is not covered, the last three were repaired. */
const torn = rows.map((bucket, i): Bucket => {
  if (i === 80) return { ...bucket, coverageMs: 0 };
  return i > 86 ? { ...bucket, source: "repaired" } : bucket;
});

const series: readonly FakeSeries[] = [
  { venue: "a-spot", buckets: rows, latest: TRADED },
  { venue: "a-perp", buckets: rows, latest: { ...TRADED, oiBase: 1000, oiMs: NOW_MS } },
  { venue: "b-perp", buckets: torn, latest: TRADED },
];
const source = fakeSource({ series, listed: ["PEPE"] });

async function why(text: string, about: string | null = null, desk: Desk = fakeDesk(["BTC"])) {
  const reply = await answer(
    text,
    setting({ commands, source, about, desk, account: fakeAccounts({}) }),
  );
  assertSound(reply);
  return reply;
}

Deno.test("/why of an answer shows its formulas and what they stood on", async () => {
  const { text, data } = await why("/why", "/oi BTC");
  equal(text, GOLDEN);
  const json = JSON.stringify(data);
  ok(json.includes('"coverage":[{"venue":"a-perp","minutesComplete":60,"minutesAsked":60}'), json);
  ok(json.includes('"repaired":3,"candle":0'), json);
});

const GOLDEN = `Why /oi BTC · 14:05 UTC
• OI USD = OI coins × mark price (last price where no mark is known)
• ΔOI = OI at the window's end − OI at its start, coins, summed over the venues that know both; a minute without OI takes the last value of the five minutes before
• ΔOI% = ΔOI ÷ OI at the start
• Price = close at the end ÷ close at the start − 1, of the first perpetual in venue order that is heard and knows both
• Quadrant: sign of price and of ΔOI%, each beyond ±0.25 %; an inference
• CVD = Σ (taker buy − taker sell) of the perpetuals from the window's start, USD
• CVD/OI = that CVD in coins ÷ OI in coins at the end, both of the venues that know their OI
• Source: the venues' OI streams and polls, their trades; closed minutes only
Inputs
1m: 14:04 – 14:05, 1m
5m: 14:00 – 14:05, 5m
15m: 13:50 – 14:05, 15m
30m: 13:35 – 14:05, 30m
60m: 13:05 – 14:05, 1h
a-perp: 60/60 min complete
b-perp: 59/60 min complete
3 minutes repaired by id, 0 from candles
59/60 min · b-perp −1 · 3 repaired · 2 s old`;

Deno.test("the command can be named instead, in any form", async () => {
  const titles = [
    ["/why /cvd BTC 15m", "Why /cvd BTC 15m ·"],
    ["/why cvd", "Why /cvd ·"],
    ["/why cvd btc", "Why /cvd btc ·"],
    ["/why btc", "Why /price btc ·"],
    ["/why /cvd@some_bot BTC", "Why /cvd@some_bot BTC ·"],
  ];
  for (const [typed = "", title = ""] of titles) {
    const { text } = await why(typed);
    ok(text.startsWith(title), text);
  }
  // Words win over the answer that is replied to.
  ok((await why("/why /price BTC", "/oi BTC")).text.startsWith("Why /price BTC"));
});

Deno.test("why of a why is why of the answer below it", async () => {
  for (const about of ["/why /oi BTC", "/why@some_bot why /oi BTC"]) {
    ok((await why("/why", about)).text.startsWith("Why /oi BTC ·"), about);
  }
  ok((await why("/why /why /why /oi BTC")).text.startsWith("Why /oi BTC ·"));
});

Deno.test("without anything to explain it says how to ask", async () => {
  for (const text of ["/why", "/why /why", "/why why"]) {
    const reply = await why(text);
    ok(reply.text.startsWith("Reply /why to an answer, or name a command"), reply.text);
  }
});

Deno.test("what the command refuses is passed on", async () => {
  ok((await why("/why /cvd NOPE")).text.startsWith("No symbol NOPE"));
  ok((await why("/why /cvdd")).text.startsWith("No command /cvdd"));
  ok((await why("/why <i>x</i>")).html.includes("&lt;i&gt;"));
});

Deno.test("asking why does nothing again: no watching, no remembering", async () => {
  const done: string[] = [];
  const desk: Desk = {
    ...fakeDesk(["BTC"]),
    watch(asset) {
      done.push(`watch ${asset}`);
      return Promise.resolve("added");
    },
    unwatch(asset) {
      done.push(`unwatch ${asset}`);
      return Promise.resolve("removed");
    },
    remember(_asker, key) {
      done.push(`remember ${key}`);
      return Promise.resolve();
    },
  };
  for (const text of ["/watch add pepe", "/watch remove btc", "/brief"]) {
    await why("/why", text, desk);
  }
  deepEqual(done, []);
});

Deno.test("every command can be asked why", async () => {
  for (const { name, formulas = [] } of commands) {
    if (name === "why") continue;
    const { text } = await why(`/why /${name}`);
    for (const formula of formulas) ok(text.includes(formula), `${name}: ${formula}`);
  }
});

Deno.test("a long question has no button that Telegram would refuse", async () => {
  const { buttons } = await why(`/why /price BTC ${"/ ".repeat(40)}`);
  for (const { ask } of (buttons ?? []).flat()) {
    ok(new TextEncoder().encode(ask).length <= 64);
  }
});

Deno.test("every answer of these commands tells its clock in the asker's zone", async () => {
  const desk = fakeDesk(["BTC"]);
  await desk.remember("local", "zone", "Asia/Tokyo");
  const names = ["oi", "funding btc", "funding", "liquidations", "top10", "watch", "status"];
  for (const name of [...names, "brief", "why /oi"]) {
    const { text } = await why(`/${name}`, null, desk);
    ok(text.includes("23:05 Tokyo"), text);
    ok(!text.includes("14:05"), text);
  }
});
