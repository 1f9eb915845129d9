/** REST of the simulated venues agrees with the truth, page by page, and keeps their limits. */
import * as assert from "../assert.ts";
import { isRecord } from "./engine/faults.ts";
import { type Exchange, type MinuteTruth, startExchange } from "./exchange.ts";
import { json, PlainClient, rows, wait } from "./plain_client.ts";

const HISTORY = { tickMs: 10, historyMinutes: 20, cascadesPerHour: 0, tradesPerSecond: 200 };

const near = (a: unknown, b: number) =>
  assert.ok(Math.abs(Number(a) - b) <= 1e-7 * Math.max(1e-3, Math.abs(b)), `${a} is not ${b}`);

async function still(exchange: Exchange): Promise<void> {
  await wait(50);
  exchange.trading(false);
  await wait(30);
}

Deno.test("aggTrades by id give every trade of the truth once, from history into the present", async () => {
  await using exchange = await startExchange(HISTORY);
  await still(exchange);
  for (const market of ["spot", "perp"] as const) {
    const [base, path] = market === "spot"
      ? [exchange.env.BINANCE_SPOT_REST, "/api/v3/aggTrades"]
      : [exchange.env.BINANCE_PERP_REST, "/fapi/v1/aggTrades"];
    const truth = exchange.truth(`binance-${market}`, "ETHUSDT");
    let fromId = truth[0]?.firstId ?? 0;
    const sums = new Map<number, { buys: number; sells: number; buyQuote: number }>();
    for (;;) {
      const url = `${base}${path}?symbol=ETHUSDT&limit=1000&fromId=${fromId}`;
      const page = rows(await json(url));
      if (page.length === 0) break;
      assert.equal(page[0]?.a, fromId);
      for (const row of page) {
        const minute = Math.floor(Number(row.T) / 60_000) * 60_000;
        const sum = sums.get(minute) ?? { buys: 0, sells: 0, buyQuote: 0 };
        sums.set(minute, sum);
        if (row.m === true) sum.sells++;
        else {
          sum.buys++;
          sum.buyQuote += Number(row.p) * Number(row.q);
        }
      }
      fromId = Number(page.at(-1)?.a) + 1;
    }
    assert.ok(sums.size >= 20);
    for (const row of truth) {
      const sum = sums.get(row.t) ?? { buys: 0, sells: 0, buyQuote: 0 };
      assert.equal(sum.buys, row.buys);
      assert.equal(sum.sells, row.sells);
      near(sum.buyQuote, row.buyQuote);
    }
  }
});

Deno.test("aggTrades by time keep the window of an hour and refuse an id beside it", async () => {
  await using exchange = await startExchange(HISTORY);
  await still(exchange);
  const url = `${exchange.env.BINANCE_PERP_REST}/fapi/v1/aggTrades?symbol=BTCUSDT`;
  const toMs = Math.floor(exchange.nowMs() / 60_000) * 60_000;
  const page = rows(await json(`${url}&startTime=${toMs - 60_000}&endTime=${toMs - 1}`));
  const minute = exchange.truth("binance-perp", "BTCUSDT").find((row) => row.t === toMs - 60_000);
  assert.equal(page.length, Math.min(500, (minute?.buys ?? 0) + (minute?.sells ?? 0)));
  const both = await json(`${url}&fromId=1&startTime=${toMs}`);
  assert.ok(isRecord(both) && both.code === -1128);
  const wide = await json(`${url}&startTime=${toMs - 7_200_000}&endTime=${toMs}`);
  assert.ok(isRecord(wide) && wide.code === -1127);
  const wrong = await json(`${exchange.env.BINANCE_PERP_REST}/fapi/v1/aggTrades?symbol=NOPE`);
  assert.ok(isRecord(wrong) && wrong.code === -1121);
});

Deno.test("Klines of both venues are the truth, in five-minute bars as well", async () => {
  await using exchange = await startExchange(HISTORY);
  await still(exchange);
  const truth = exchange.truth("binance-perp", "1000PEPEUSDT");
  const binance = `${exchange.env.BINANCE_PERP_REST}/fapi/v1/klines?symbol=1000PEPEUSDT`;
  const minutes = await json(`${binance}&interval=1m&startTime=${truth[0]?.t}`);
  assert.ok(Array.isArray(minutes) && minutes.length >= 20);
  for (const [t, o, h, l, c, base, , quote, , buyBase, buyQuote] of minutes) {
    const row = find(truth, t);
    [[o, row.o], [h, row.h], [l, row.l], [c, row.c]].forEach(([text, price]) => {
      if (price !== null) near(text, Number(price) * 1000);
    });
    near(Number(base) * 1000, row.buyBase + row.sellBase);
    near(Number(buyBase) * 1000, row.buyBase);
    near(quote, row.buyQuote + row.sellQuote);
    near(buyQuote, row.buyQuote);
  }
  const bars = await json(`${binance}&interval=5m&limit=2`);
  assert.ok(Array.isArray(bars) && bars.length === 2);
  const inside = truth.filter((row) => row.t >= bars[0][0] && row.t < bars[0][0] + 300_000);
  near(bars[0][10], inside.reduce((sum, row) => sum + row.buyQuote, 0));
  const bybit =
    `${exchange.env.BYBIT_REST}/v5/market/kline?category=spot&symbol=SOLUSDT&interval=1`;
  const body = await json(`${bybit}&limit=10`);
  assert.ok(isRecord(body) && isRecord(body.result) && Array.isArray(body.result.list));
  const list: string[][] = body.result.list;
  assert.deepEqual(
    list.map((row) => Number(row[0])),
    list.map((row) => Number(row[0])).toSorted((a, b) => b - a),
  );
  for (const [t, , , , , base, quote] of list) {
    const row = find(exchange.truth("bybit-spot", "SOLUSDT"), Number(t));
    near(base, row.buyBase + row.sellBase);
    near(quote, row.buyQuote + row.sellQuote);
  }
});

function find(truth: readonly MinuteTruth[], t: number): MinuteTruth {
  const row = truth.find((minute) => minute.t === t);
  assert.ok(row, `the truth has no minute ${t}`);
  return row;
}

Deno.test("Bybit's recent trades are the stream's, newest first, sixty at most on spot", async () => {
  await using exchange = await startExchange({
    ...HISTORY,
    tradesPerSecond: 3000,
    historyMinutes: 1,
  });
  await using client = await PlainClient.open(`${exchange.env.BYBIT_WS}/v5/public/spot`);
  await client.ask({ op: "subscribe", args: ["publicTrade.BTCUSDT"], req_id: "1" });
  await wait(200);
  await still(exchange);
  const url = `${exchange.env.BYBIT_REST}/v5/market/recent-trade?category=spot&symbol=BTCUSDT`;
  const recent = rows(await json(`${url}&limit=1000`));
  assert.equal(recent.length, 60);
  const streamed = client.topic("publicTrade.BTCUSDT")
    .flatMap(({ data }) => Array.isArray(data) ? data.filter(isRecord) : []);
  assert.ok(streamed.length > 0);
  const newest = recent.slice(0, streamed.length).map((row) => row.execId).reverse();
  assert.deepEqual(newest, streamed.map((row) => row.i).slice(-60));
});

Deno.test("Linear instruments come in pages, with rows that nobody can trade", async () => {
  await using exchange = await startExchange({ ...HISTORY, historyMinutes: 0, symbols: 30 });
  const url = `${exchange.env.BYBIT_REST}/v5/market/instruments-info?category=linear&limit=10`;
  const seen: Record<string, unknown>[] = [];
  let cursor = "";
  do {
    const page = await json(url + (cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`));
    seen.push(...rows(page));
    assert.ok(isRecord(page) && isRecord(page.result));
    cursor = String(page.result.nextPageCursor);
  } while (cursor !== "");
  assert.equal(seen.length, 33);
  assert.equal(new Set(seen.map((row) => row.symbol)).size, 33);
  const info = await json(`${exchange.env.BINANCE_PERP_REST}/fapi/v1/exchangeInfo`);
  assert.ok(isRecord(info) && Array.isArray(info.symbols));
  const names = info.symbols.filter(isRecord).map((row) => row.symbol);
  assert.ok(names.includes("1000PEPEUSDT") && !names.includes("HYPEUSDT"));
  assert.ok(seen.some((row) => row.symbol === "HYPEUSDT"));
});

Deno.test("Open interest is one-sided on Binance and two-sided on Bybit, with history", async () => {
  await using exchange = await startExchange({ ...HISTORY, historyMinutes: 60 });
  const perp = exchange.env.BINANCE_PERP_REST;
  const one = await json(`${perp}/fapi/v1/openInterest?symbol=BTCUSDT`);
  assert.ok(isRecord(one) && Number(one.openInterest) > 0);
  const past = rows(await json(`${perp}/futures/data/openInterestHist?symbol=BTCUSDT&period=5m`));
  assert.ok(past.length >= 11 && past.every((row) => Number(row.sumOpenInterest) > 0));
  const url = `${exchange.env.BYBIT_REST}/v5/market/open-interest?category=linear&symbol=BTCUSDT`;
  const both = rows(await json(`${url}&intervalTime=5min&limit=3`));
  assert.equal(both.length, 3);
  assert.ok(Number(both[0]?.timestamp) > Number(both[1]?.timestamp));
  near(both[0]?.openInterest, 2 * Number(both[0]?.singleOpenInterest));
  const info = rows(await json(`${perp}/fapi/v1/fundingInfo`));
  assert.deepEqual(info.map((row) => [row.symbol, row.fundingIntervalHours]), [["DOGEUSDT", 4]]);
  const rates = rows(await json(`${perp}/fapi/v1/fundingRate?symbol=BTCUSDT&limit=3`));
  assert.equal(Number(rates[2]?.fundingTime) - Number(rates[1]?.fundingTime), 8 * 3_600_000);
  const history = `${exchange.env.BYBIT_REST}/v5/market/funding/history?category=linear`;
  const bare = await json(`${history}&symbol=BTCUSDT&startTime=1`);
  assert.ok(isRecord(bare) && bare.retCode === 10001);
});

Deno.test("Weight is counted in a header, then answered with 429, then with 418", async () => {
  let nowMs = 1_800_000_000_000;
  const limits = { spot: 10 };
  const options = { tickMs: 0, historyMinutes: 0, limits, banMs: 30_000, now: () => nowMs };
  await using exchange = await startExchange(options);
  const ask = async () => {
    const response = await fetch(
      `${exchange.env.BINANCE_SPOT_REST}/api/v3/aggTrades?symbol=BTCUSDT`,
    );
    await response.body?.cancel();
    return response;
  };
  const first = await ask();
  assert.equal(first.headers.get("X-MBX-USED-WEIGHT-1M"), "4");
  await ask();
  const refused = await ask();
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("Retry-After"), "60");
  for (let again = 0; again < 9; again++) assert.equal((await ask()).status, 429);
  const banned = await ask();
  assert.equal(banned.status, 418);
  assert.equal(banned.headers.get("Retry-After"), "30");
  nowMs += 60_001;
  assert.equal((await ask()).status, 200);
});

Deno.test("Bybit bans an address that asks 600 times in five seconds", async () => {
  const options = { tickMs: 0, historyMinutes: 0, limits: { bybit: 3 } };
  await using exchange = await startExchange({ ...options, now: () => 1_800_000_000_000 });
  const statuses: number[] = [];
  for (let nth = 0; nth < 5; nth++) {
    const response = await fetch(`${exchange.env.BYBIT_REST}/v5/market/time`);
    await response.body?.cancel();
    statuses.push(response.status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 403, 403]);
});
