import { deepEqual, equal } from "../assert.ts";
import type { Position, Report } from "../../lib/account/types.ts";
import { Positions } from "../../lib/app/alerts.ts";

type Reports = readonly Report<readonly Position[]>[];

const ETH: Position = {
  ...{ venue: "bybit-perp", symbol: "ETHUSDT", base: "ETH", side: "long", sizeBase: 1 },
  ...{ entryPrice: 3000, markPrice: 3000, notionalUsd: 3000, unrealizedUsd: 0, leverage: 10 },
  ...{ roe: 0, liquidationPrice: 2991, liquidationDistance: 0.003, fundingRate: 0.0001 },
  nextFundingMs: null,
};

const bybit = (...value: Position[]): Reports[number] => ({ account: "bybit", value, fault: null });
const refused: Reports[number] = { account: "binance-perp", value: null, fault: "-2015" };

Deno.test("what one account does not say holds up no other, and it is named", () => {
  const positions = new Positions(() => null);
  equal(positions.positions(), null);
  positions.take([refused, bybit(ETH)]);
  const { held, unread } = positions.positions() ?? {};
  deepEqual(held?.map(({ asset, liquidationDistance }) => [asset, liquidationDistance]), [
    ["ETH", 0.003],
  ]);
  deepEqual(unread, ["binance-perp"]);
});

Deno.test("an account's last answer counts for a minute, each one's for itself", () => {
  let nowMs = 0;
  const positions = new Positions(() => null, () => nowMs);
  positions.take([{ account: "binance-perp", value: [ETH], fault: null }, bybit(ETH)]);
  nowMs = 30_000;
  positions.take([refused, bybit()]);
  equal(positions.positions()?.held.length, 1);
  deepEqual(positions.positions()?.unread, []);
  nowMs = 61_000;
  positions.take([refused, bybit()]);
  deepEqual(positions.positions(), { held: [], unread: ["binance-perp"] });
  nowMs = 122_000;
  equal(positions.positions(), null);
});

Deno.test("without a liquidation price nothing is near; without a mark that is unknown", () => {
  const positions = new Positions(() => null);
  const none = { liquidationPrice: null, liquidationDistance: null };
  positions.take([bybit({ ...ETH, ...none }, { ...ETH, liquidationDistance: null })]);
  const distances = positions.positions()?.held.map((one) => one.liquidationDistance);
  deepEqual(distances, [Infinity, null]);
});

Deno.test("a dated future has no funding, a perpetual without a rate an unknown one", () => {
  const positions = new Positions(() => null);
  const unrated = { ...ETH, fundingRate: null };
  positions.take([bybit(unrated, { ...unrated, symbol: "ETHUSDT_260327" })]);
  deepEqual(positions.positions()?.held.map((one) => one.fundingDueQuote), [null, 0]);
});

Deno.test("a cascade that is not known is not none", () => {
  const values = new Map<string, number | null>([["A", 0], ["B", 1], ["C", 2], ["D", null]]);
  const positions = new Positions((asset) => values.get(asset) ?? null);
  const words = [...values.keys()].map((asset) => positions.cascade(asset));
  deepEqual(words, ["none", "long", "short", null]);
});
