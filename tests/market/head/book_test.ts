import { equal } from "../../assert.ts";
import fc from "fast-check";
import type { Depth, Level } from "../../../lib/market/events.ts";
import { Book, imbalanceOf } from "../../../lib/market/head/book.ts";

function frame(snapshot: boolean, bids: readonly Level[], asks: readonly Level[]): Depth {
  return { kind: "depth", symbol: "BTCUSDT", timeMs: 0, snapshot, bids, asks };
}

/** The same side as a plain map: what a level is worth was said last. */
function sorted(frames: readonly (readonly Level[])[], sign: 1 | -1): Level[] {
  const side = new Map<number, number>();
  for (const [price, size] of frames.flat()) {
    if (size === 0) side.delete(price);
    else side.set(price, size);
  }
  return [...side].sort((a, b) => sign * (a[0] - b[0]));
}

Deno.test("a book kept from deltas has the imbalance of the sorted levels", () => {
  const price = fc.integer({ min: 1, max: 60 });
  const size = fc.integer({ min: 0, max: 4 });
  const frames = fc.array(fc.array(fc.tuple(price, size), { maxLength: 40 }), { maxLength: 12 });
  fc.assert(fc.property(frames, frames, (bids, asks) => {
    const book = new Book();
    book.apply(frame(true, [], []));
    for (const levels of bids) book.apply(frame(false, levels, []));
    for (const levels of asks) book.apply(frame(false, [], levels));
    equal(book.imbalance(), imbalanceOf(sorted(bids, -1), sorted(asks, 1)));
  }));
});

Deno.test("a delta before the first snapshot, or after a cut, is nothing", () => {
  const book = new Book();
  book.apply(frame(false, [[100, 1]], []));
  equal(book.imbalance(), null);
  book.apply(frame(true, [[100, 1]], [[101, 1]]));
  book.apply(frame(false, [[100, 0]], []));
  equal(book.imbalance(), -1);
  book.reset();
  book.apply(frame(false, [[100, 1]], []));
  equal(book.imbalance(), null);
  book.apply(frame(true, [[99, 1]], []));
  equal(book.imbalance(), 1, "nothing of before the cut is left");
});

Deno.test("levels beyond what a venue sends push out the worst ones", () => {
  const book = new Book();
  const far = Array.from({ length: 300 }, (_, i): Level => [1_000 - i, 1]);
  book.apply(frame(true, far, [[2_000, 1]]));
  book.apply(frame(false, [[5_000, 1], [1, 1]], []));
  const best: Level[] = [[5_000, 1], ...far.slice(0, 19)];
  equal(book.imbalance(), imbalanceOf(best, [[2_000, 1]]));
});
