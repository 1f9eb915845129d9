import { deepEqual, equal, match, ok } from "../assert.ts";
import type { Json } from "../../lib/reply/command.ts";
import { type Alerting, alerting, MEMBER } from "./alerting.ts";
import { ask } from "./asking.ts";
import { FORMING_MS, tapeOf } from "./tape_of.ts";

/** Three days in which 3M longs are closed by force every twelve hours, over five minutes. */
function market() {
  const buckets = tapeOf(72, (ago) => ({
    c: 100 + Math.sin(ago / 200),
    more: {
      ...{ liqLongQuote: ago % 720 < 5 && ago > 5 ? 600_000 : 1_000, liqShortQuote: 0 },
      ...{ liqLongs: 3, liqShorts: 0, oiBase: 1000, fundingRate: 0.0001 },
    },
  }));
  const latest = { price: 100, tradeMs: FORMING_MS };
  return { series: [{ venue: "binance-perp", base: "BTC", buckets, latest }] };
}

/** `made.data.rule.text` and the like. */
function at(data: Json | undefined, ...path: readonly string[]): Json {
  const [first, ...rest] = path;
  if (first === undefined) return data ?? null;
  const inside = typeof data === "object" && data !== null && !Array.isArray(data) ? data : {};
  return at(Object.entries(inside).find(([key]) => key === first)?.[1], ...rest);
}

Deno.test("a rule is read back, tried on what is stored, and armed", async () => {
  const { ask, alerts } = await alerting(market());
  const reply = await ask("/alert btc liq 5m > 2m");
  match(reply.text, /^a1 armed: BTC liq 5m > 2M$/m);
  match(reply.text, /BTC: liquidations of the last 5 min above 2M/);
  match(reply.text, /In the last 72 h it would have fired 5 times, 1\.7 a day/);
  equal(at(reply.data, "dryRun", "fired"), 5);
  equal(alerts.armed, 1);
});

Deno.test("a rule that is too rare or too loud offers thresholds for one and three a day", async () => {
  const { ask } = await alerting({
    series: [{
      venue: "binance-perp",
      base: "BTC",
      // Every quarter-hour a burst, each of another size.
      buckets: tapeOf(72, (ago) => ({
        c: 100,
        buyQuote: ago % 15 === 0 ? 10_000 * (1 + (ago * 7919) % 97) : 100,
        sellQuote: 100,
      })),
    }],
  });
  for (
    const text of ["/alert btc volume 1m > 1b", "/alert btc volume 1m > 1k cooldown 0 cap 999"]
  ) {
    const reply = await ask(text);
    const labels = reply.buttons?.flat().map(({ label }) => label) ?? [];
    const offered = labels.filter((label) => /^[13] a day: /.test(label));
    ok(offered.length >= 1, `${text}: ${labels}`);
    const set = reply.buttons?.flat().find(({ label }) => label === offered[0]);
    const changed = await ask(set?.ask ?? "");
    const fired = at(changed.data, "dryRun", "fired");
    ok(typeof fired === "number" && fired >= 2 && fired <= 12, `${set?.ask}: ${fired} in 72 h`);
  }
});

Deno.test("what is so already is said to fire only after it has come back", async () => {
  const { ask, alerts } = await alerting(market());
  await ask("/alert btc funding > 0.001%");
  await alerts.engine.tick();
  match((await ask("/alert why a1")).text, /0\.0100% \(BTC\), it must come back before it fires/);
});

Deno.test("a rule can be built by buttons, from nothing", async () => {
  const { ask } = await alerting(market());
  let text = "/alert";
  for (const press of ["btc", "liq", "5m"]) {
    const reply = await ask(text);
    const button = reply.buttons?.flat().find(({ label }) => label === press);
    ok(button, `${text}: ${reply.buttons?.flat().map(({ label }) => label)}`);
    text = button.ask;
  }
  equal(text, "/alert btc liq 5m");
  match((await ask(text)).text, /from what on\?/);
  match((await ask(`${text} > 1m`)).text, /a1 armed/);
  const words = await ask("/alert btc quadrant 15m is");
  ok(words.buttons?.flat().some(({ label }) => label.includes("new-longs")));
});

Deno.test("what cannot be read names its neighbours, and a press mends it", async () => {
  const { ask } = await alerting(market());
  const reply = await ask("/alert btc likk 5m > 2m");
  equal(at(reply.data, "problem", "kind"), "metric");
  const mended = reply.buttons?.flat()[0]?.ask ?? "";
  match(mended, /^\/alert btc liq/);
  match((await ask("/alert btc liq 5m > 2m loud")).text, /No option loud/);
  match((await ask("/alert &amp;x price > 1")).html, /&amp;amp;x/);
});

Deno.test("rules are changed, muted, re-armed and deleted by their owner alone", async () => {
  const { ask, alerts }: Alerting = await alerting(market());
  await ask("/alert btc liq 5m > 2m");
  match((await ask("/alert set a1 3m")).text, /a1 armed: BTC liq 5m > 3M/);
  match((await ask("/alert harder a1")).text, /a1 armed: BTC liq 5m > 3\.75M/);
  match((await ask("/alert mute a1 2h")).text, /is muted until 16:05 UTC/);
  match((await ask("/alert unmute a1")).text, /listens/);
  match((await ask("/alert rearm a1")).text, /listens/);
  match((await ask("/alert why A1")).text, /Σ notional/);
  match((await ask("/alert set a1 lots")).text, /no threshold/);
  match((await ask("/alert mute a1 soon")).text, /No length soon/);
  for (const verb of ["why", "mute", "delete"]) {
    match((await ask(`/alert ${verb} a1`, MEMBER)).text, /You have no rule a1/);
  }
  const gone = await ask("/alert delete a1");
  match(gone.text, /is deleted; it fired 0 times/);
  equal(alerts.armed, 0);
  match((await ask(gone.buttons?.flat()[0]?.ask ?? "")).text, /a2 armed: BTC liq 5m > 3\.75M/);
});

Deno.test("the same rule twice is one rule", async () => {
  const { ask, alerts } = await alerting(market());
  await ask("/alert btc liq 5m > 2m");
  match((await ask("/alert BTC liquidations 5m above 2,000,000")).text, /^a1 armed/);
  equal(alerts.armed, 1);
});

Deno.test("whether a person's rules are full or all people's together is told apart", async () => {
  const { ask, alerts, records } = await alerting(market());
  const fill = async (...people: readonly string[]) => {
    for (const person of people) {
      for (let nth = 1; nth <= 1000; nth++) {
        await records.set(["alert", person, `a${nth}`], { text: "BTC price > 1000" });
      }
    }
    await alerts.load();
  };
  await fill(MEMBER.id);
  match((await ask("/alert btc price > 5", MEMBER)).text, /1000 rules are the most; delete some/);
  await fill("tg:1", "tg:2", "tg:3", "tg:4");
  match((await ask("/alert btc price > 5")).text, /All people together have 5000 rules/);
});

Deno.test("position rules are the owner's, and need an account", async () => {
  const { ask, alerts } = await alerting(market());
  match((await ask("/alert btc distance < 10%")).text, /No account is configured/);
  alerts.useAccount({ positions: () => ({ held: [], unread: [] }), cascade: () => null });
  match((await ask("/alert btc distance < 10%", MEMBER)).text, /for the owner/);
  match(
    (await ask("/alert btc distance < 10%")).text,
    /a1 armed[\s\S]*cannot be tried on the past/,
  );
});

Deno.test("rules survive a restart, with their places, counts and mutes", async () => {
  const first = await alerting(market());
  await first.ask("/alert btc liq 5m > 2m cap 3 silent");
  await first.ask("/alert watch price < 29");
  await first.ask("/alert mute a1 1d");
  await first.alerts.engine.tick();
  const second = await alerting(market());
  for (const [key, value] of first.records.rows) second.records.rows.set(key, value);
  await second.alerts.load();
  await second.alerts.engine.tick();
  const texts = async (from: Alerting) => at((await from.ask("/alerts")).data, "rules");
  deepEqual(await texts(second), await texts(first));
});

Deno.test("where nothing evaluates rules the command says so", async () => {
  match((await ask("/alert btc price > 1")).text, /service only/);
});

Deno.test("after the comparison thresholds are offered: from the past, the price, or the usual ones", async () => {
  const { ask, alerts } = await alerting(market());
  const words = async (text: string) =>
    (await ask(text)).buttons?.flat().map(({ label }) => label) ?? [];
  deepEqual(await words("/alert btc price >"), ["101", "102", "105"]);
  deepEqual(await words("/alert btc price <"), ["99", "98", "95"]);
  deepEqual(await words("/alert market turnover24h <"), ["10M", "50M"]);
  deepEqual(await words("/alert btc distance <"), ["10%", "5%", "3%"]);
  deepEqual(await words("/alert market change24h >"), ["5%", "10%", "20%"]);
  const [often] = await words("/alert btc liq 5m >");
  match(often ?? "", /^[\d.]+[kM]?$/);
  match((await ask(`/alert btc liq 5m > ${often}`)).text, /would have fired [1-9]/);
  equal(alerts.armed, 1);
});

Deno.test("what has no complete minute to be tried on says so, and no count", async () => {
  const buckets = tapeOf(3, () => ({ c: 100, more: { coverageMs: 100 } }));
  const { ask } = await alerting({ series: [{ venue: "binance-perp", base: "BTC", buckets }] });
  const { text } = await ask("/alert btc change 5m > 1%");
  match(text, /Cannot be tried yet: \d+ stored readings, none is complete/);
  ok(!text.includes("would have fired"));
});

Deno.test("a word that every object has is a symbol that nobody lists, not a verb", async () => {
  const { ask } = await alerting(market());
  for (const word of ["constructor", "__proto__", "toString"]) {
    match((await ask(`/alert ${word}`)).text, /^No symbol/, word);
  }
});
