import { deepEqual, equal, match, ok } from "../assert.ts";
import { MINUTE_MS } from "../../lib/market/bucket.ts";
import { NOW_MS } from "../market/fake_source.ts";
import { alerting, MEMBER, OWNER } from "./alerting.ts";
import { ask } from "./asking.ts";
import { tapeOf } from "./tape_of.ts";

function market() {
  const buckets = tapeOf(3, (ago) => ({ c: 100 + (ago % 7), more: { oiBase: 1000 } }));
  return {
    series: [{
      ...{ venue: "binance-perp", base: "BTC", buckets },
      latest: { price: 100, tradeMs: NOW_MS - 1000 },
    }],
  };
}

Deno.test("rules are listed closest to firing first, each person's own", async () => {
  const { ask, alerts } = await alerting(market());
  for (const level of [200, 110, 101]) await ask(`/alert btc price > ${level}`);
  await ask("/alert btc price < 50", MEMBER);
  alerts.engine.prices.onTrade("BTC", "binance-perp", 100, NOW_MS);
  const { text, data } = await ask("/alerts");
  deepEqual(text.match(/a\d(?= BTC)/g), ["a3", "a2", "a1"]);
  match(text, /a3 BTC price > 101 · now 100\.00 · 1\.0% off · 0 hits/);
  ok(JSON.stringify(data).includes('"distance":0.5'));
  match((await ask("/alerts", MEMBER)).text, /1 rules[\s\S]*a1 BTC price < 50/);
});

Deno.test("every rule is on some page, and each page leads to its neighbours", async () => {
  const { ask, alerts } = await alerting(market());
  for (let nth = 0; nth < 45; nth++) {
    const read = alerts.desk.understand(`btc price > ${101 + nth}`);
    ok(read.kind === "rule");
    await alerts.desk.arm(OWNER, read.rule);
  }
  const listed: string[] = [];
  const leads: string[][] = [];
  for (const text of ["/alerts", "/alerts page 2", "/alerts page 3"]) {
    const { text: page, buttons = [] } = await ask(text);
    listed.push(...page.match(/a\d+(?= BTC)/g) ?? []);
    leads.push(buttons.flat().filter(({ ask }) => /page|alerts$/.test(ask)).map(({ ask }) => ask));
  }
  equal(new Set(listed).size, 45);
  equal(listed.length, 45);
  deepEqual(leads, [
    ["/alerts page 2", "/alerts"],
    ["/alerts", "/alerts page 3", "/alerts page 2"],
    ["/alerts page 2", "/alerts page 3"],
  ]);
  match((await ask("/alerts page 2")).text, /^45 rules · 21–40 · /);
  match((await ask("/alerts page 9")).text, /41–45/);
  for (const typed of ["/alerts page", "/alerts page 0", "/alerts page 1 2", "/alerts page x"]) {
    match((await ask(typed)).text, /Cannot read/);
  }
});

Deno.test("what fired is told, the newest first", async () => {
  const { ask, alerts } = await alerting(market());
  await ask("/alert btc price crosses 100.5 back 0 cooldown 0");
  for (const [i, price] of [100, 101, 100, 101].entries()) {
    alerts.engine.prices.onTrade("BTC", "binance-perp", price, NOW_MS - 60_000 + i * 1000);
    await Promise.resolve();
    await alerts.herald.idle();
  }
  const { text } = await ask("/alerts history");
  deepEqual(text.match(/a1#\d/g), ["a1#3", "a1#2", "a1#1"]);
  equal(alerts.herald.stats.fired, 3);
  match((await ask("/alerts")).text, /3 hits/);
  match((await ask("/alerts")).text, /3 on their way/);
  ok(!(await ask("/alerts", MEMBER)).text.includes("on their way"));
  match((await ask("/alerts history", MEMBER)).text, /Nothing in the last 30 days/);
});

Deno.test("what fired is told in the words of its card", async () => {
  const { ask, records } = await alerting(market());
  const firing = (nth: number, metric: string, value: number, text: string) => ({
    ...{ kind: "firing", id: `1${nth}`, ruleId: `a${nth}`, hit: 1, person: OWNER.id, text },
    ...{ asset: "BTC", metric, value, atMs: NOW_MS - nth, severity: "normal", price: 100 },
    ...{ spark: "", trust: "", shownBy: "/price BTC" },
  });
  const fired = [
    firing(1, "change", -0.01, "BTC change 1m > -1%"),
    firing(2, "funding", 0.0126, "BTC funding > 0.01%"),
    firing(3, "quadrant", 1, "BTC quadrant 60m"),
    firing(4, "divergence", 2, "BTC divergence 60m is bearish"),
    firing(5, "liq", 2_310_000, "BTC liq 5m > 2M"),
  ];
  for (const one of fired) await records.set(["alert-history", OWNER.id, one.id], one);
  const { text, data } = await ask("/alerts history");
  const amounts = [...text.matchAll(/: ([^:]*) at 100/g)].map(([, amount]) => amount);
  deepEqual(amounts, ["2.31M", "bearish", "new longs", "0.0126%", "−0.0100%"]);
  ok(JSON.stringify(data).includes('"amount":"new longs"'));
});

Deno.test("a muted rule fires silently into its count, and not into the chat", async () => {
  const { ask, alerts } = await alerting(market());
  await ask("/alert btc price > 100.5 cooldown 0");
  await ask("/alerts mute all 2h");
  for (const price of [100, 101]) {
    alerts.engine.prices.onTrade("BTC", "binance-perp", price, NOW_MS);
  }
  await Promise.resolve();
  await alerts.herald.idle();
  equal(alerts.outbox.waiting, 0);
  equal(alerts.herald.stats.muted, 1);
  match((await ask("/alerts unmute all")).text, /1 rules listen again/);
});

Deno.test("quiet hours are set in the person's zone and shown", async () => {
  const { ask } = await alerting(market());
  match((await ask("/alerts")).text, /no quiet hours/);
  match((await ask("/alerts quiet 23:30 - 7")).text, /Quiet 23:30–07:00 UTC/);
  match((await ask("/alerts")).text, /quiet 23:30–07:00/);
  match((await ask("/alerts", MEMBER)).text, /no quiet hours/);
  match((await ask("/alerts quiet off")).text, /No quiet hours any more/);
  for (
    const typed of ["/alerts quiet", "/alerts quiet 25-7", "/alerts quiet 7-7", "/alerts loud"]
  ) {
    match((await ask(typed)).text, /Cannot read/);
  }
});

Deno.test("without Telegram no quiet hours are said to be kept", async () => {
  const { ask } = await alerting(market(), null);
  const { text } = await ask("/alerts quiet 23:00-07:00");
  match(text, /Quiet hours are not kept[\s\S]*no quiet hours · Alerts go out on Telegram/);
  ok(!text.includes("23:00"));
});

Deno.test("the morning note is set, told and taken back", async () => {
  const { ask, alerts } = await alerting(market());
  match((await ask("/brief daily")).text, /No morning note/);
  match((await ask("/brief daily 8")).text, /every day at 08:00 UTC/);
  equal((await alerts.desk.settings(OWNER)).dailyMinute, 8 * 60);
  match((await ask("/alerts")).text, /brief daily 08:00/);
  match((await ask("/brief daily off")).text, /No morning note/);
  match((await ask("/brief daily noon")).text, /No length/);
  ok(8 * MINUTE_MS > 0);
});

Deno.test("where nothing evaluates rules the command says so", async () => {
  match((await ask("/alerts")).text, /service only/);
});
