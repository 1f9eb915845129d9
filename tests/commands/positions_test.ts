import { deepEqual, equal, match, ok } from "../assert.ts";
import type { Position } from "../../lib/account/types.ts";
import { NOW_MS } from "../market/fake_source.ts";
import { askAccounts, failed, told } from "./accounts.ts";
import { closed, TRADED } from "./perps.ts";

const SHORT: Position = {
  ...{ venue: "binance-perp", symbol: "BTCUSDT", base: "BTC", side: "short", sizeBase: 2 },
  ...{ entryPrice: 90, markPrice: 100, notionalUsd: 200, unrealizedUsd: -20, leverage: 10 },
  ...{ roe: -20 / 18, liquidationPrice: 110, liquidationDistance: 0.1 },
  ...{ fundingRate: 0.0001, nextFundingMs: NOW_MS + 3_600_000 },
};

interface Told {
  readonly positions: readonly {
    readonly nextFundingUsd: number | null;
    readonly tape: Record<string, unknown> | null;
  }[];
}

/** Rising prices and open interest, and takers who buy two for one that sells. */
const RISING = {
  series: [{
    venue: "binance-perp",
    latest: TRADED,
    buckets: closed(60, (ago) => ({
      ...{ o: 100 - ago, h: 101 - ago, l: 99 - ago, c: 100 - ago, oiBase: 1000 - ago * 3 },
    })),
  }],
};

Deno.test("a position says how far its end is, what it pays next, and what the tape does to it", async () => {
  const positions = [told("binance-perp", [SHORT])];
  const { text, data } = await askAccounts("/positions", { positions }, RISING);
  match(text, /^BTC short 2 · binance-perp BTCUSDT · 10×$/m);
  match(text, /^open −20\.0 USD · ROE −111\.11%$|^open −20 USD · ROE −111\.11%$/m);
  match(text, /^liq 110\.00, 10\.00% away$/m);
  match(text, /^next funding \+0\.02\d* USD in 1h \(\+0\.0100%\)$/m);
  match(
    text,
    /^Tape 15m: Δ \+15\.0k against you · OI \+\d\.\d\d% new longs, against you · no cascade$/m,
  );
  match(text, /^1\/1 accounts read · 15\/15 min/m);
  const [position] = (data as unknown as Told).positions;
  ok(Math.abs((position?.nextFundingUsd ?? 0) - 0.02) < 1e-12);
  deepEqual([position?.tape?.flow, position?.tape?.interest], ["against you", "against you"]);
});

Deno.test("a long pays where a short receives, and the same tape is with it", async () => {
  const positions = [told("binance-perp", [{ ...SHORT, side: "long" as const }])];
  const { text, data } = await askAccounts("/positions", { positions }, RISING);
  match(text, /Δ \+15\.0k with you · OI \+\d\.\d\d% new longs, with you/);
  ok(Math.abs(((data as unknown as Told).positions[0]?.nextFundingUsd ?? 0) + 0.02) < 1e-12);
});

Deno.test("a cascade of the position's own side is against it", async () => {
  const series = [{
    venue: "binance-perp",
    latest: TRADED,
    buckets: closed(120, (ago) => ({
      ...{ h: ago === 1 ? 130 : 101, c: ago <= 1 ? 130 : 100, l: 99 },
      ...(ago === 1 ? { liqShortQuote: 900_000, liqShorts: 40 } : {}),
    })),
  }];
  const positions = [told("binance-perp", [SHORT])];
  const { text } = await askAccounts("/positions", { positions }, { series });
  match(text, /short cascade active, against you/);
  const long = [told("binance-perp", [{ ...SHORT, side: "long" as const }])];
  match(
    (await askAccounts("/positions", { positions: long }, { series })).text,
    /active, with you/,
  );
});

Deno.test("a cascade that nobody could judge is unknown, not none", async () => {
  const series = [{
    venue: "binance-perp",
    latest: TRADED,
    buckets: closed(60, () => ({ liqLongQuote: null, liqShortQuote: null })),
  }];
  const positions = [told("binance-perp", [SHORT])];
  match((await askAccounts("/positions", { positions }, { series })).text, /· cascade unknown$/m);
});

Deno.test("what is unknown of a position is a dash, and a fault stands beside what was read", async () => {
  const bare: Position = {
    ...{
      venue: "bybit-perp",
      symbol: "<X>\u200bUSDT",
      base: "<X>\u200b",
      side: "long",
      sizeBase: 1,
    },
    ...{ entryPrice: null, markPrice: null, notionalUsd: null, unrealizedUsd: null },
    ...{ leverage: null, roe: null, liquidationPrice: null, liquidationDistance: null },
    ...{ fundingRate: null, nextFundingMs: null },
  };
  const positions = [told("bybit", [bare]), failed("binance-perp", "too often")];
  const { html, buttons } = await askAccounts("/positions", { positions });
  match(html, /<b>&lt;X&gt; long 1<\/b> · bybit-perp &lt;X&gt;USDT\n/);
  match(html, /entry — · mark — · — USD\nopen — USD · ROE —\nno liquidation price/);
  match(html, /next funding —\nTape: no enabled venue lists it/);
  match(html, /⚠ binance-perp: too often\n1\/2 accounts read/);
  equal(buttons?.[0]?.length, 2);
});

Deno.test("many positions are cut to the largest, all are in the data", async () => {
  const many = Array.from(
    { length: 60 },
    (_, i) => ({ ...SHORT, notionalUsd: i, sizeBase: i + 1 }),
  );
  const { text, data } = await askAccounts(
    "/positions",
    { positions: [told("bybit", many)] },
    RISING,
  );
  match(text, /and 52 smaller ones/);
  match(text, /BTC short 60/);
  equal((data as unknown as Told).positions.length, 60);
});

Deno.test("no position is said", async () => {
  match(
    (await askAccounts("/positions", { positions: [told("bybit", [])] })).text,
    /No open USDT or USDC contract/,
  );
});
