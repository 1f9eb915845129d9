/** Rules that are not about one asset's trades alone: silence, gaps, tickers, watch lists. */
import { deepEqual, equal, ok } from "../../assert.ts";
import { firingsIn, readStored } from "../../../lib/alerts/run/replay.ts";
import { type Bucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import type { TickerRow } from "../../../lib/market/source.ts";
import { armed, BEGIN_MS, END_MS, markets, START_MS } from "../engine_on.ts";
import { type MovingMarket, MovingSource, random } from "../moving_source.ts";
import { plainFirings } from "../plain.ts";
import { firingsOf } from "../plain_rule.ts";
import { ruleOf } from "../ruling.ts";

/** What the silence and the gaps are, told from the minutes. */
function plainly(rule: ReturnType<typeof ruleOf>, all: readonly MovingMarket[]) {
  const at = (rows: readonly Bucket[], t: number) => rows[(t - START_MS) / MINUTE_MS];
  const read = (endMs: number) => {
    if (rule.metric === "gap") {
      let torn = 0;
      for (let i = 1; i <= (rule.windowMinutes ?? 0); i++) {
        const t = endMs - i * MINUTE_MS;
        if (all.some(({ buckets }) => at(buckets, t)?.coverageMs !== MINUTE_MS)) torn++;
      }
      return torn;
    }
    const silences = all.map(({ buckets }) => {
      let minutes = 0;
      while (at(buckets, endMs - (minutes + 1) * MINUTE_MS)?.coverageMs === 0) minutes++;
      return minutes;
    });
    return Math.max(...silences);
  };
  return Object.assign(read, { known: () => -Infinity });
}

Deno.test("silence and gaps fire where the minutes say so, live and stored", async () => {
  const torn = (minute: number) =>
    minute >= 10 && minute < 16 || minute >= 40 && minute < 43 || minute >= 60 && minute < 62
      ? 0
      : minute % 17 === 5
      ? 59_000
      : null;
  const all = markets("BTC", 5, torn);
  const texts = ["btc silent cooldown 0", "btc silent > 4 cooldown 0", "btc gap 5m > 1 cooldown 0"]
    .concat("btc gap 15m cooldown 0", "btc gap 30m > 5 back 0 cooldown 0");
  const source = new MovingSource(all, BEGIN_MS + 500);
  const { engine, of } = await armed(source, texts);
  for (; source.now < END_MS + 30_000; source.now += 2_000) await engine.tick();
  for (const [nth, text] of texts.entries()) {
    const rule = ruleOf(text);
    const wanted = firingsOf(rule, plainly(rule, all), BEGIN_MS, (END_MS - BEGIN_MS) / MINUTE_MS);
    deepEqual(of(nth).map(({ atMs }) => atMs).filter((atMs) => atMs <= END_MS), wanted, text);
    ok(wanted.length >= (text.includes("> 4") ? 1 : 2), `${text}: ${wanted.length}`);
    const span = { fromMs: BEGIN_MS - MINUTE_MS, toMs: END_MS };
    const read = await readStored(source, "BTC", rule, span, () => Promise.resolve());
    const would = await firingsIn(rule, [read], () => Promise.resolve());
    deepEqual(would.map(({ timeMs }) => timeMs), wanted, `${text}, stored`);
  }
});

Deno.test("a silence longer than memory reaches is told as long as it is", async () => {
  const all = markets("BTC", 5, (minute) => minute >= 2 && minute < 104 ? 0 : null);
  const rule = ruleOf("btc silent > 95 cooldown 0");
  const source = new MovingSource(all, BEGIN_MS + 500);
  const { engine, of } = await armed(source, ["btc silent > 95 cooldown 0"]);
  for (; source.now < END_MS; source.now += 2_000) await engine.tick();
  const wanted = firingsOf(rule, plainly(rule, all), BEGIN_MS, (END_MS - BEGIN_MS) / MINUTE_MS);
  equal(wanted.length, 1);
  deepEqual(of(0).map(({ atMs }) => atMs), wanted);
  deepEqual(wanted, [BEGIN_MS + (2 + 96) * MINUTE_MS]);
});

Deno.test("silence is told within seconds of the minute that makes it so", async () => {
  const all = markets("BTC", 5, (minute) => minute >= 10 && minute < 16 ? 0 : null);
  const source = new MovingSource(all, BEGIN_MS + 500);
  const { engine, of } = await armed(source, ["btc silent"]);
  const lags: number[] = [];
  for (; source.now < BEGIN_MS + 20 * MINUTE_MS; source.now += Math.max(20, engine.restMs())) {
    await engine.tick();
    if (lags.length < of(0).length) lags.push(source.now - (of(0)[0]?.atMs ?? 0));
  }
  equal(lags.length, 1);
  ok(Number(lags[0]) <= 3_000, `${lags[0]} ms`);
});

Deno.test("a rule on the watch list fires for each asset as for itself, within one cap", async () => {
  const sets = [markets("BTC", 5, () => null), markets("ETH", 50, () => null)];
  const text = "watch move 5m > 0.7% cooldown 5m";
  for (const cap of [1000, 4]) {
    const source = new MovingSource(sets.flat(), BEGIN_MS + 500);
    const { engine, of } = await armed(source, [`${text} cap ${cap}`]);
    for (; source.now < END_MS + 30_000; source.now += 2_000) await engine.tick();
    const wanted = sets.flatMap((all, place) => {
      const rule = ruleOf(text.replace("watch", "btc"));
      return plainFirings(rule, all, BEGIN_MS, (END_MS - BEGIN_MS) / MINUTE_MS)
        .map((atMs) => ({ atMs, asset: ["BTC", "ETH"][place] ?? "" }));
    }).sort((a, b) => a.atMs - b.atMs || a.asset.localeCompare(b.asset)).slice(0, cap);
    const found = of(0).filter(({ atMs }) => atMs <= END_MS).map(({ atMs, asset }) => ({
      atMs,
      asset,
    }));
    deepEqual(found, wanted);
    ok(wanted.length >= 4, `${wanted.length}`);
    if (cap > 4) equal(new Set(wanted.map(({ asset }) => asset)).size, 2);
  }
});

Deno.test("rules on all listed markets fire for each of them at the readings of the tickers", async () => {
  const source = new MovingSource(markets("BTC", 5, () => null), START_MS);
  const next = random(3);
  const assets = Array.from({ length: 40 }, (_, i) => `C${i}`);
  const changes = new Map(assets.map((asset) => [asset, next() * 0.3 - 0.15]));
  const texts = [
    "market change24h > 10% cooldown 0 cap 1000",
    "market change24h < -10% cooldown 30m cap 1000",
    "market turnover24h > 9m cooldown 0 cap 1000",
    "c3 change24h crosses 0.5% back 0 cooldown 0 cap 1000",
    "market change24h flips cooldown 0 cap 7",
  ];
  const { engine, of } = await armed(source, texts);
  const heard: { timeMs: number; rows: readonly TickerRow[] }[] = [];
  for (let reading = 0; reading < 90; reading++, source.now += MINUTE_MS) {
    for (const [asset, change] of changes) changes.set(asset, change * 0.9 + (next() - 0.5) * 0.16);
    source.tickerRows = assets.map((base): TickerRow => ({
      ...{ venue: "binance-perp", market: "perp", symbol: `${base}USDT`, base, quote: "USDT" },
      ...{ change24h: changes.get(base) ?? 0, quoteVolume24h: next() * 1e7 },
      ...{ lastPrice: 1, oiBase: null, fundingRate: null },
    }));
    source.tickersReadMs = source.now;
    heard.push({ timeMs: source.now, rows: source.tickerRows });
    await engine.tick();
    // Until the tickers are read anew nothing is judged twice.
    source.now += 1_000;
    await engine.tick();
    source.now -= 1_000;
  }
  for (const [nth, text] of texts.entries()) {
    const rule = ruleOf(text);
    const wanted = assets.filter((asset) => !text.startsWith("c3") || asset === "C3").flatMap(
      (asset) => {
        const read = (timeMs: number) => {
          const row = heard.find((one) => one.timeMs === timeMs)?.rows.find(({ base }) =>
            base === asset
          );
          const { change24h = null, quoteVolume24h = null } = row ?? {};
          return rule.metric === "turnover24h" ? quoteVolume24h : (change24h ?? NaN) * 100;
        };
        const reader = Object.assign(read, { known: () => -Infinity });
        return firingsOf(rule, reader, START_MS, 89).map((atMs) => `${atMs} ${asset}`);
      },
    );
    const found = of(nth).map(({ atMs, asset }) => `${atMs} ${asset}`);
    // Which ones of a reading come first is left open; a cap takes the first.
    if (wanted.length <= rule.capPerDay) deepEqual(found.toSorted(), wanted.toSorted(), text);
    else {
      equal(found.length, rule.capPerDay, text);
      ok(found.every((one) => wanted.includes(one)), text);
    }
    ok(wanted.length >= 3, `${text}: ${wanted.length}`);
  }
});
