import { deepEqual, equal, match, ok } from "../assert.ts";
import fc from "fast-check";
import * as z from "zod/mini";
import { emptyBucket, MINUTE_MS } from "../../lib/market/bucket.ts";
import { Buckets } from "../../lib/web/schemas.ts";
import { bench, NOW_MS, refusal } from "./fake.ts";

const OPEN_MS = NOW_MS - 30_000;

async function rows(query: string) {
  const { get } = bench();
  const reply = await get(`/api/v1/buckets?${query}`);
  equal(reply.status, 200, query);
  const body: unknown = await reply.json();
  return { ...z.parse(Buckets, body), keys: Object.keys(Object(body)) };
}

Deno.test("buckets have the published fields in their published order, null for unknown", async () => {
  const { get } = bench();
  const text = await (await get(
    `/api/v1/buckets?venue=bybit-perp&symbol=BTCUSDT&from=${OPEN_MS}&to=${NOW_MS}`,
  )).text();
  const keys = "t o h l c buyBase sellBase buyQuote sellQuote buys sells largeBuyQuote " +
    "largeSellQuote liqLongQuote liqShortQuote oiBase fundingRate markPrice imbalance " +
    "coverageMs source volBase volQuote";
  const body = JSON.parse(text);
  deepEqual(Object.keys(body), ["venue", "symbol", "tf", "buckets"]);
  deepEqual(Object.keys(body.buckets[0]), keys.split(" "));
  equal(body.buckets[0].buyQuote, null);
  equal(body.buckets[0].buyBase, 1);
});

Deno.test("without a range the last hour comes, the open minute included", async () => {
  const { venue, symbol, tf, buckets } = await rows("venue=bybit-perp&symbol=BTC");
  deepEqual([venue, symbol, tf], ["bybit-perp", "BTCUSDT", 1]);
  equal(buckets.length, 60);
  equal(buckets.at(-1)?.t, OPEN_MS);
});

Deno.test("bars are aligned to the epoch and made of the minutes inside the range", async () => {
  const from = OPEN_MS - 7 * MINUTE_MS;
  const { buckets } = await rows(
    `venue=bybit-perp&symbol=BTC&tf=5&from=${from}&to=${OPEN_MS + 1}`,
  );
  deepEqual(buckets.map(({ t, buys }) => [(OPEN_MS - t) / MINUTE_MS, buys]), [
    [10, 2],
    [5, 5],
    [0, 1],
  ]);
  const late = await rows(
    `venue=bybit-perp&symbol=BTC&from=${OPEN_MS - 1.5 * MINUTE_MS}&to=${OPEN_MS}`,
  );
  deepEqual(late.buckets.map(({ t }) => t), [OPEN_MS - MINUTE_MS]);
});

Deno.test("a bar knows its large trades where all of its minutes do, liquidations are a bound", async () => {
  const { get, source } = bench();
  const [candleMs, deadMs] = [OPEN_MS - 4 * MINUTE_MS, OPEN_MS - 8 * MINUTE_MS];
  source.change = (minute) => {
    const known = { largeBuyQuote: 10, largeSellQuote: 0, liqLongQuote: 5, liqShortQuote: 0 };
    if (minute.t === deadMs) return emptyBucket(minute.t);
    return minute.t === candleMs
      ? { ...minute, buys: null, sells: null, buyBase: null, sellBase: null, source: "candle" }
      : { ...minute, ...known };
  };
  const from = OPEN_MS - 10 * MINUTE_MS;
  const path = `/api/v1/buckets?venue=bybit-perp&symbol=BTC&tf=5&from=${from}&to=${OPEN_MS}`;
  const { buckets } = z.parse(Buckets, await (await get(path)).json());
  deepEqual(
    buckets.map(({ t, buys, largeBuyQuote, largeSellQuote, liqLongQuote, liqShortQuote }) => [
      ...[(OPEN_MS - t) / MINUTE_MS, buys, largeBuyQuote, largeSellQuote],
      ...[liqLongQuote, liqShortQuote],
    ]),
    [
      [10, 4, 40, 0, 20, 0],
      [5, null, null, null, 20, 0],
    ],
  );
});

Deno.test("a symbol is a native name or an asset, in any case and any script", async () => {
  const cases = {
    "btc": "BTCUSDT",
    "btcusdt": "BTCUSDT",
    "BTC/USDT": "BTCUSDT",
    "pepe": "1000PEPEUSDT",
    "1000pepeusdt": "1000PEPEUSDT",
    "币安人生": "币安人生USDT",
    "币安人生usdt": "币安人生USDT",
  };
  for (const [typed, symbol] of Object.entries(cases)) {
    const found = await rows(`venue=Bybit-Perp&symbol=${encodeURIComponent(typed)}`);
    equal(found.symbol, symbol, typed);
  }
});

Deno.test("what is not collected is 404 with the nearest names", async () => {
  const { get } = bench();
  deepEqual(await refusal(get("/api/v1/buckets?venue=bybit-prep&symbol=BTC")), [
    404,
    "not_found",
    'No venue "bybit-prep" is collected; nearest: bybit-perp, binance-spot',
  ]);
  const [status, , message] = await refusal(get("/api/v1/buckets?venue=bybit-perp&symbol=PEP"));
  equal(status, 404);
  match(message, /^"PEP" is not collected on bybit-perp; nearest: PEPE, /);
});

Deno.test("every wrong parameter is 400 with the fix", async () => {
  const { get, source } = bench();
  const base = "venue=bybit-perp&symbol=BTC";
  const cases: Record<string, RegExp> = {
    "": /^venue is missing: it wants a venue/,
    "venue=bybit-perp": /^symbol is missing: it wants an asset/,
    "venue=&symbol=BTC": /^venue wants a venue, as in binance-perp, not ""/,
    [`${base}&tf=0`]: /^tf wants whole minutes from 1 to 1440, not 0/,
    [`${base}&tf=1441`]: /^tf wants whole minutes/,
    [`${base}&tf=1.5`]: /^tf wants whole minutes from 1 to 1440, not "1.5"/,
    [`${base}&tf=`]: /^tf wants whole minutes/,
    [`${base}&from=yesterday`]: /^from wants whole milliseconds/,
    [`${base}&from=-1`]: /^from wants milliseconds since the epoch, from 0 on, not -1/,
    [`${base}&to=99999999999999999`]: /^to wants/,
    [`${base}&from=${NOW_MS}&to=${NOW_MS}`]: /must be before/,
    [`${base}&from=0`]: /^The range holds \d+ buckets of 1 min: ask for a shorter range/,
    [`${base}&timeframe=5`]: /^timeframe is not known here: leave it out/,
    [`${base}&venue=x`]: /^"venue" is given twice/,
    [`venue=bybit-perp&symbol=${"x".repeat(65)}`]: /^symbol wants .{0,200}$/,
  };
  for (const [query, expected] of Object.entries(cases)) {
    const [status, code, message] = await refusal(get(`/api/v1/buckets?${query}`));
    deepEqual([status, code], [400, "bad_request"], query);
    match(message, expected);
  }
  equal(source.asked.length, 0);
});

Deno.test("ten thousand buckets are served, one more is not", async () => {
  const { get } = bench();
  const base = "/api/v1/buckets?venue=bybit-perp&symbol=BTC&tf=1";
  const from = NOW_MS - 10_000 * MINUTE_MS;
  const most = await get(`${base}&from=${from}&to=${NOW_MS}`);
  equal(most.status, 200);
  await most.body?.cancel();
  equal((await refusal(get(`${base}&from=${from - 1}&to=${NOW_MS}`)))[0], 400);
});

Deno.test("no query string, however odd, is answered with a fault of ours", async () => {
  const { get } = bench();
  const name = fc.constantFrom("venue", "symbol", "from", "to", "tf", "x", "__proto__");
  const value = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom(
      "bybit-perp",
      "BTC",
      "%",
      "%ff",
      "1e3",
      "0x10",
      "NaN",
      "-0",
      "8640000000000000",
    ),
    fc.maxSafeNat().map(String),
  );
  const query = fc.array(fc.tuple(name, value), { maxLength: 6 })
    .chain((pairs) =>
      fc.constantFrom(
        String(new URLSearchParams(pairs.map(([key, text]) => [key, text.toWellFormed()]))),
        pairs.map(([key, text]) => `${key}=${text.replace(/[#\s]/g, "")}`).join("&"),
      )
    );
  await fc.assert(
    fc.asyncProperty(query, async (text) => {
      const reply = await get(`/api/v1/buckets?${text.toWellFormed()}`);
      await reply.body?.cancel();
      ok(reply.status < 500, `${reply.status} for ${text}`);
    }),
    { numRuns: 300 },
  );
});
