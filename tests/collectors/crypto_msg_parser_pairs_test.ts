/**
 * Frames with the values that crypto-msg-parser's tests assert, and a table of those that we
 * read otherwise on purpose. Only the trades, funding and books of linear markets are ours.
 */
import * as assert from "../assert.ts";
import { binancePerp } from "../../collectors/binance_perp.ts";
import { binanceSpot } from "../../collectors/binance_spot.ts";
import { bybitPerp } from "../../collectors/bybit_perp.ts";
import { bybitSpot } from "../../collectors/bybit_spot.ts";
import type { Level, MarketEvent } from "../../lib/market/events.ts";
import { testWithData } from "../shared_data.ts";
import { eventsOf } from "./reading.ts";
import { linesOf } from "./recordings.ts";

const UNUSED = "a stream that we do not collect";
const DIFF = "Binance's book is read from partial frames, a diff is nothing";
const COIN_M = "COIN-M counts contracts: its host is not ours, and today its frames say st 2";
const REST = "a REST reply, no frame";
const V2 = "Bybit's API before v5, which is gone";

/** Exchange, kind and case → why we differ, and how many events we read. */
const DIFFERENCES: Readonly<Record<string, readonly [reason: string, events: number]>> = {
  "binance l2_event spot": [DIFF, 0],
  "binance l2_event linear_future": [DIFF, 0],
  "binance l2_event inverse_swap": [DIFF, 0],
  "binance l2_topk inverse_future": [COIN_M, 1],
  "binance l2_topk inverse_swap": [COIN_M, 1],
  "binance bbo inverse_future": [UNUSED, 0],
  "binance bbo inverse_swap": [UNUSED, 0],
  "binance ticker spot": [UNUSED, 0],
  "binance ticker inverse_future": [UNUSED, 0],
  "binance ticker linear_future": [UNUSED, 0],
  "binance ticker inverse_swap": [UNUSED, 0],
  "binance ticker linear_swap": [UNUSED, 0],
  "binance ticker option": [UNUSED, 0],
  "binance candlestick inverse_future": [UNUSED, 0],
  "binance candlestick inverse_swap": [UNUSED, 0],
  "binance l2_snapshot spot": [REST, 0],
  "binance l2_snapshot linear_future": [REST, 0],
  "binance l2_snapshot linear_swap": [REST, 0],
  "binance open_interest inverse_swap": [REST, 0],
  "bybit trade inverse_future": [V2, 0],
  "bybit trade linear_swap": [V2, 0],
  "bybit l2_orderbook inverse_future_update": [V2, 0],
  "bybit l2_orderbook inverse_swap_update": [V2, 0],
  "bybit l2_orderbook linear_swap_update": [V2, 0],
  "bybit candlestick inverse_swap": [V2, 0],
  "bybit ticker inverse_future_snapshot": [V2, 0],
  "bybit ticker inverse_swap_snapshot": [V2, 0],
  "bybit ticker linear_swap_snapshot": [V2, 0],
  "bybit l2_snapshot inverse_future": [V2, 0],
  "bybit l2_snapshot linear_swap": [V2, 0],
  "bybit open_interest inverse_swap": [V2, 0],
};

interface Pair {
  readonly exchange: string;
  readonly kind: string;
  readonly case: string;
  readonly raw: string;
  /** Assertions as the Rust text they were: `trade.side` must be `TradeSide::Buy`. */
  readonly expect: readonly { readonly field: string; readonly value: string }[];
}

testWithData("every pair of crypto-msg-parser agrees with us, or the table says why not", () => {
  const differing = new Set<string>();
  for (const exchange of ["binance", "bybit"]) {
    for (const line of linesOf(`pairs_crypto-msg-parser/${exchange}.ndjson`)) {
      const pair: Pair = JSON.parse(line);
      const name = `${exchange} ${pair.kind} ${pair.case}`;
      const events = eventsOf(collectorOf(pair), pair.raw);
      const row = DIFFERENCES[name];
      if (row) {
        assert.equal(events.length, row[1], name);
        differing.add(name);
        assert.ok(!agrees(events, pair), `${name} agrees, take it out of the table`);
      } else {
        assert.ok(agrees(events, pair), `${name} differs: ${line}\n${JSON.stringify(events)}`);
      }
    }
  }
  assert.deepEqual([...differing].sort(), Object.keys(DIFFERENCES).sort());
});

function collectorOf({ exchange, case: of }: Pair) {
  if (exchange === "bybit") return of === "spot" ? bybitSpot : bybitPerp;
  return of === "spot" ? binanceSpot : binancePerp;
}

/** True where our events state every asserted value that our model has, and at least one. */
function agrees(events: readonly MarketEvent[], pair: Pair): boolean {
  let compared = 0;
  for (const { field, value } of pair.expect) {
    const ours = valueOf(events, field);
    if (ours === undefined) continue;
    compared++;
    if (typeof ours === "string" ? value !== ours : !near(ours, numberOf(value))) return false;
  }
  return compared > 0;
}

/** Our value for an asserted field; `undefined` where our model has none, or no event. */
function valueOf(events: readonly MarketEvent[], field: string): number | string | undefined {
  const match = /^(trade|funding_rate|orderbook)s?(?:\[(\d+)\])?\.(.+)$/.exec(field);
  const event = events[Number(match?.[2] ?? 0)];
  const name = match?.[3] ?? "";
  switch (event?.kind) {
    case "trade":
      if (name === "side") return event.side === "buy" ? "TradeSide::Buy" : "TradeSide::Sell";
      if (name === "quantity_base") return event.size;
      if (name === "quantity_quote") return event.price * event.size;
      return undefined;
    case "derivative":
      if (name === "funding_rate") return event.fundingRate ?? NaN;
      if (name === "funding_time") return event.nextFundingMs ?? NaN;
      return name === "timestamp" ? event.timeMs : undefined;
    case "depth":
      if (name === "timestamp") return event.timeMs ?? NaN;
      return levelValue(event.bids, event.asks, name);
    default:
      return undefined;
  }
}

function levelValue(bids: readonly Level[], asks: readonly Level[], name: string) {
  const count = /^(bids|asks)\.len\(\)$/.exec(name);
  if (count) return (count[1] === "bids" ? bids : asks).length;
  const match = /^(bids|asks)\[(\d+)\]\.(price|quantity_base)$/.exec(name);
  if (!match) return undefined;
  const level = (match[1] === "bids" ? bids : asks)[Number(match[2])];
  return level?.[match[3] === "price" ? 0 : 1] ?? NaN;
}

/** Reads `Some(0.094)`, `0.043 * 58665.00`, `100.0 / 61094.5`, `round(…)`. */
function numberOf(text: string): number {
  const bare = text.replace(/^(?:Some|round)\((.*)\)$/, "$1");
  const [left = "", operator, right] = bare.split(/\s*([*/])\s*/);
  const [a, b] = [Number(left), Number(right ?? 1)];
  return operator === "/" ? a / b : a * b;
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}
