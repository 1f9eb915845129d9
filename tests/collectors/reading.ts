/** How the tests over collectors call one, and what must hold for every event of any venue. */
import * as assert from "../assert.ts";
import type { Collector, Notice } from "../../lib/market/collector.ts";
import type { Level, MarketEvent } from "../../lib/market/events.ts";

/** The events of a frame, in order. */
export function eventsOf(collector: Collector, frame: string): MarketEvent[] {
  const events: MarketEvent[] = [];
  assert.equal(collector.parse(frame, (event) => events.push(event)), undefined, frame);
  return events;
}

/** The notice of a frame, which must hold no events. */
export function noticeOf(collector: Collector, frame: string): Notice | undefined {
  return collector.parse(frame, () => assert.fail(`events in ${frame}`));
}

/** Asserts that the frame is refused as text, with itself clipped, and nothing is delivered. */
export function refuses(collector: Collector, frame: string): void {
  const sink = () => assert.fail(`an event was delivered of ${frame}`);
  assert.throws(() => collector.parse(frame, sink), (error: unknown) => {
    assert.ok(error instanceof SyntaxError, `${error} is no SyntaxError`);
    assert.equal(error.constructor, SyntaxError);
    assert.ok(error.message.includes(collector.venue));
    assert.ok(error.message.includes(frame.slice(0, 200)));
    assert.ok(error.message.length < 500, error.message);
    return true;
  });
}

// Bitcoin's first trade on an exchange, and a moment far beyond any test's.
const EPOCH_FROM_MS = Date.UTC(2010, 0);
const EPOCH_TO_MS = Date.UTC(2040, 0);

/** Invariants of every event, whatever the venue. `documented` samples have invented times. */
export function assertSane(event: MarketEvent, documented = false): void {
  const where = JSON.stringify(event);
  assert.ok(event.symbol.length > 0, where);
  if (event.timeMs !== null) {
    assert.ok(Number.isSafeInteger(event.timeMs) && event.timeMs > 0, where);
    if (!documented) assert.ok(event.timeMs > EPOCH_FROM_MS && event.timeMs < EPOCH_TO_MS, where);
  }
  switch (event.kind) {
    case "trade":
      assertPositive(event.price, where);
      assertPositive(event.size, where);
      assert.ok(event.side === "buy" || event.side === "sell", where);
      assert.ok(Number.isSafeInteger(event.id) && event.id >= 0, where);
      break;
    case "omitted":
      assert.ok(Number.isSafeInteger(event.id) && event.id >= 0, where);
      break;
    case "liquidation":
      assertPositive(event.price, where);
      assertPositive(event.size, where);
      assert.ok(event.position === "long" || event.position === "short", where);
      break;
    case "derivative":
      for (const value of [event.markPrice, event.fundingIntervalHours, event.nextFundingMs]) {
        if (value !== null) assertPositive(value, where);
      }
      if (event.fundingRate !== null) assert.ok(Number.isFinite(event.fundingRate), where);
      if (event.oiBase !== null) assert.ok(event.oiBase >= 0 && event.oiBase < Infinity, where);
      break;
    case "depth":
      for (const level of [...event.bids, ...event.asks]) assertLevel(level, where);
      break;
  }
}

/** Best level first on both sides, and the sides do not cross. */
export function assertOrdered(bids: readonly Level[], asks: readonly Level[]): void {
  const up = (levels: readonly Level[]) => levels.map((level) => level[0]);
  assert.deepEqual(up(bids), up(bids).toSorted((a, b) => b - a));
  assert.deepEqual(up(asks), up(asks).toSorted((a, b) => a - b));
  const [bid, ask] = [bids[0], asks[0]];
  if (bid && ask) assert.ok(bid[0] < ask[0]);
}

function assertPositive(value: number, where: string): void {
  assert.ok(value > 0 && value < Infinity, where);
}

function assertLevel([price, size]: Level, where: string): void {
  assertPositive(price, where);
  assert.ok(size >= 0 && size < Infinity, where);
}
