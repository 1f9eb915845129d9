/**
 * Frames with the result that tardis-node's own tests expect of them. Where we differ on
 * purpose, a table says why and what we make of the frame; a pair that neither agrees nor
 * stands in the table fails, and so does a row that no longer differs.
 */
import * as assert from "../assert.ts";
import { tradeId } from "../../collectors/_bybit.ts";
import { binancePerp } from "../../collectors/binance_perp.ts";
import { binanceSpot } from "../../collectors/binance_spot.ts";
import { bybitPerp } from "../../collectors/bybit_perp.ts";
import { bybitSpot } from "../../collectors/bybit_spot.ts";
import type { Collector } from "../../lib/market/collector.ts";
import type { Level, MarketEvent } from "../../lib/market/events.ts";
import { testWithData } from "../shared_data.ts";
import { linesOf } from "./recordings.ts";

const COLLECTOR_OF: Readonly<Record<string, Collector>> = {
  "binance": binanceSpot,
  "binance-futures": binancePerp,
  "bybit": bybitPerp,
  "bybit-spot": bybitSpot,
};

const BEST = "the best bid and ask alone are not collected";
const DIFF = "Binance's book is read from partial frames, a diff is nothing";
const REST = "made up by tardis from a REST reply, no frame of the venue";
const V2 = "a topic of Bybit's API before v5, which is gone";
const LEVEL_1 = "read as a book of one level, not as a ticker";
const HALF = "inverse, and its open interest counts both sides: we halve it";

/** Exchange and number of the case in tardis's tests → why we differ, and what we say. */
const DIFFERENCES: Readonly<Record<string, readonly [reason: string, ours: string]>> = {
  "binance 3": [BEST, "nothing"],
  "binance 5": [REST, "nothing"],
  "binance 6": [DIFF, "nothing"],
  "binance-futures 1": ["an aggTrade without its id cannot be put in sequence", "refused"],
  "binance-futures 2": ["the last price comes from the trades", "nothing"],
  "binance-futures 7": [REST, "nothing"],
  "binance-futures 8": [DIFF, "nothing"],
  "binance-futures 9": [REST, "nothing"],
  "binance-futures 13": [
    "tardis takes the order's limit p, we take the average ap that was paid",
    "short of 0.014 at 4706.04",
  ],
  "binance-futures 15": [BEST, "nothing"],
  "bybit 3": [V2, "nothing"],
  "bybit 4": [V2, "nothing"],
  "bybit 5": [V2, "nothing"],
  "bybit 8": [V2, "nothing"],
  "bybit 12": [V2, "nothing"],
  "bybit 13": [V2, "nothing"],
  "bybit 17": [V2, "nothing"],
  "bybit 18": [V2, "nothing"],
  "bybit 19": [V2, "nothing"],
  "bybit 22": [V2, "nothing"],
  "bybit 23": [V2, "nothing"],
  "bybit 25": [V2, "nothing"],
  "bybit 27": [V2, "nothing"],
  "bybit 30": [V2, "nothing"],
  "bybit 31": [V2, "nothing"],
  "bybit 32": [V2, "nothing"],
  "bybit 33": [V2, "nothing"],
  "bybit 34": [V2, "nothing"],
  "bybit 35": [V2, "nothing"],
  "bybit 36": [V2, "nothing"],
  "bybit 41": [LEVEL_1, "snapshot of 1 + 1"],
  "bybit 45": [HALF, "open interest 224868338"],
  "bybit 46": [HALF, "open interest 224868337"],
  "bybit 51": [V2, "nothing"],
  "bybit 52": [LEVEL_1, "delta of 2 + 2"],
  "bybit-spot 4": [V2, "nothing"],
  "bybit-spot 5": [V2, "nothing"],
  "bybit-spot 9": [LEVEL_1, "delta of 1 + 0"],
};

interface TardisLevel {
  readonly price: number;
  readonly amount: number;
}

interface TardisEvent {
  readonly type: string;
  readonly symbol: string;
  readonly timestamp: string;
  readonly id?: string;
  readonly price?: number;
  readonly amount?: number;
  readonly side?: string;
  readonly markPrice?: number;
  readonly fundingRate?: number;
  readonly fundingTimestamp?: string;
  readonly openInterest?: number;
  readonly isSnapshot?: boolean;
  readonly bids?: readonly TardisLevel[];
  readonly asks?: readonly TardisLevel[];
}

interface TardisPair {
  readonly exchange: string;
  readonly test: string;
  readonly raw: unknown;
  readonly expected: readonly TardisEvent[];
}

testWithData("every pair of tardis agrees with us, or the table says why not", () => {
  const differing = new Set<string>();
  let agreed = 0;
  for (const [exchange, collector] of Object.entries(COLLECTOR_OF)) {
    for (const line of linesOf(`pairs_tardis-node/${exchange}.ndjson`)) {
      const pair: TardisPair = JSON.parse(line);
      const name = `${exchange} ${/\d+$/.exec(pair.test)?.[0]}`;
      const events = read(collector, JSON.stringify(pair.raw));
      if (events !== "refused" && agrees(events, pair.expected)) {
        agreed++;
        assert.ok(!(name in DIFFERENCES), `${name} agrees, take it out of the table`);
        continue;
      }
      const row = DIFFERENCES[name];
      assert.ok(row, `${name} differs: ${line}\nours: ${describe(events)}`);
      assert.equal(describe(events), row[1], name);
      differing.add(name);
    }
  }
  assert.deepEqual([...differing].sort(), Object.keys(DIFFERENCES).sort());
  assert.ok(agreed >= 15, `${agreed} pairs agree`);
});

function read(collector: Collector, frame: string): MarketEvent[] | "refused" {
  const events: MarketEvent[] = [];
  try {
    collector.parse(frame, (event) => events.push(event));
    return events;
  } catch (error) {
    assert.ok(error instanceof SyntaxError);
    return "refused";
  }
}

function agrees(ours: readonly MarketEvent[], theirs: readonly TardisEvent[]): boolean {
  return ours.length === theirs.length &&
    theirs.every((expected, at) => {
      const event = ours[at];
      return event !== undefined && event.symbol === expected.symbol && same(event, expected);
    });
}

function same(ours: MarketEvent, theirs: TardisEvent): boolean {
  const timeMs = Date.parse(theirs.timestamp);
  if (ours.timeMs !== timeMs) return false;
  switch (ours.kind) {
    case "trade":
      return theirs.type === "trade" && ours.price === theirs.price &&
        ours.size === theirs.amount && ours.side === theirs.side && ours.id === digest(theirs.id);
    case "liquidation":
      return theirs.type === "liquidation" && ours.price === theirs.price &&
        ours.size === theirs.amount &&
        ours.position === (theirs.side === "sell" ? "long" : "short");
    case "derivative":
      // Tardis repeats what earlier frames said; ours is null where this one says nothing.
      return theirs.type === "derivative_ticker" &&
        (ours.markPrice ?? theirs.markPrice) === theirs.markPrice &&
        (ours.fundingRate ?? theirs.fundingRate) === theirs.fundingRate &&
        (ours.oiBase ?? theirs.openInterest) === theirs.openInterest &&
        (ours.nextFundingMs === null ||
          ours.nextFundingMs === Date.parse(theirs.fundingTimestamp ?? ""));
    case "depth":
      return theirs.type === "book_change" && ours.snapshot === theirs.isSnapshot &&
        sameLevels(ours.bids, theirs.bids) && sameLevels(ours.asks, theirs.asks);
    case "omitted":
      return false;
  }
}

function sameLevels(ours: readonly Level[], theirs: readonly TardisLevel[] = []): boolean {
  return ours.length === theirs.length &&
    theirs.every(({ price, amount }, at) => ours[at]?.[0] === price && ours[at]?.[1] === amount);
}

/** The number that stands for a text id; of digits, computed another way than the collectors do. */
function digest(id = ""): number {
  if (id.includes("-")) return tradeId(id, "id");
  return Number(BigInt(id) % 10n ** 15n);
}

function describe(events: readonly MarketEvent[] | "refused"): string {
  if (events === "refused") return events;
  return events.map((event) => {
    switch (event.kind) {
      case "liquidation":
        return `${event.position} of ${event.size} at ${event.price}`;
      case "derivative":
        return `open interest ${event.oiBase}`;
      case "depth":
        return `${
          event.snapshot ? "snapshot" : "delta"
        } of ${event.bids.length} + ${event.asks.length}`;
      default:
        return event.kind;
    }
  }).join() || "nothing";
}
