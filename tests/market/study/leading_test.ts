import { deepEqual, equal } from "../../assert.ts";
import { type Bucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import type { Market } from "../../../lib/market/collector.ts";
import {
  isHeardAt,
  isHeardBy,
  leadersAt,
  leadingNow,
  leadingOver,
  mostKnowing,
} from "../../../lib/market/study/leading.ts";
import { closed, EDGE_MS } from "../../commands/perps.ts";
import { NOW_MS } from "../fake_source.ts";

interface Held {
  readonly venue: string;
  readonly market: Market;
  readonly buckets: readonly Bucket[];
}

/** Minutes with a price where `traded` says so, by how many minutes ago they ended. */
function held(venue: string, traded: (ago: number) => boolean = () => true): Held {
  const market = venue.endsWith("-spot") ? "spot" : "perp";
  return { venue, market, buckets: closed(90, (ago) => traded(ago) ? {} : { c: null }) };
}

const names = (series: readonly Held[]) => series.map(({ venue }) => venue);
const HOUR = { fromMs: EDGE_MS - 60 * MINUTE_MS, toMs: EDGE_MS };
const young = (ago: number) => ago < 20;
const silent = (ago: number) => ago > 5;

Deno.test("a market is heard while its price stands, by minutes and by prints alike", () => {
  for (const minutesAgo of [0, 4, 5, 6, 30]) {
    const { buckets } = held("a-perp", (ago) => ago >= minutesAgo);
    equal(isHeardAt({ buckets }, EDGE_MS), minutesAgo < 6, `${minutesAgo}`);
    // The last print of the last minute that had one; seen in the minute before the edge's end.
    const tradeMs = EDGE_MS - minutesAgo * MINUTE_MS - 1;
    equal(isHeardBy({ tradeMs }, EDGE_MS - 1), minutesAgo < 6, `${minutesAgo}`);
  }
  equal(isHeardBy({ tradeMs: null }, NOW_MS), false);
  equal(isHeardBy(null, NOW_MS), false);
});

Deno.test("heard ones lead before silent ones, perpetuals before spot, in venue order", () => {
  const [spot, a, b] = [held("a-spot"), held("a-perp"), held("b-perp")];
  const [dead, deadSpot] = [held("c-perp", silent), held("b-spot", silent)];
  deepEqual(names(leadersAt([spot, dead, a, b], EDGE_MS)), ["a-perp", "b-perp"]);
  deepEqual(names(leadersAt([dead, deadSpot, spot], EDGE_MS)), ["a-spot"]);
  deepEqual(names(leadersAt([deadSpot, dead], EDGE_MS)), ["c-perp"]);
  deepEqual(names(leadersAt([deadSpot], EDGE_MS)), ["b-spot"]);
  deepEqual(leadersAt([], EDGE_MS), []);
  deepEqual(leadersAt([{ ...a, market: "options" }], EDGE_MS), []);
});

Deno.test("over a span the first leads that knows both ends, else the first", () => {
  const [a, b, late] = [held("a-perp"), held("b-perp"), held("c-perp", young)];
  equal(leadingOver([a, b], HOUR), a);
  equal(leadingOver([late, a, b], HOUR), a);
  equal(leadingOver([late, held("a-spot")], HOUR), late);
  // A hole inside the span leaves a change as known as it was.
  const holed = held("d-perp", (ago) => ago < 10 || ago > 50);
  equal(leadingOver([holed, a], HOUR), holed);
  equal(leadingOver([], HOUR), null);
});

Deno.test("of those that lack something the one leads that knows most, of equals the first", () => {
  const pick = (parts: readonly number[]) => {
    const asked: number[] = [];
    const found = mostKnowing(parts.map((part, at) => ({ part, at })), ({ part, at }) => {
      asked.push(at);
      return part;
    });
    return [found?.at ?? null, asked];
  };
  deepEqual(pick([0.2, 0.7, 0.7, 0.1]), [1, [0, 1, 2, 3]]);
  // Nobody is asked in vain.
  deepEqual(pick([0.2, 1, 1]), [1, [0, 1]]);
  deepEqual(pick([0, 0]), [0, [0, 1]]);
  deepEqual(pick([]), [null, []]);
});

Deno.test("prints that are old are not the asset's price while another market is heard", () => {
  const now = (
    ...rows: readonly [market: Market, price: number | null, agoMs: number | null][]
  ) => {
    const series = rows.map(([market, price, agoMs]) => ({
      market,
      latest: { price, tradeMs: agoMs === null ? null : NOW_MS - agoMs },
    }));
    const { leading, heard } = leadingNow(series, ({ latest }) => latest, NOW_MS);
    return [leading?.latest.price ?? null, heard];
  };
  deepEqual(now(["spot", 1, 0], ["perp", 2, 0], ["perp", 3, 0]), [2, true]);
  deepEqual(now(["spot", 1, 0], ["perp", 2, 600_000], ["perp", 3, 0]), [3, true]);
  deepEqual(now(["spot", 1, 0], ["perp", 2, 600_000]), [1, true]);
  deepEqual(now(["spot", 1, 600_000], ["perp", null, null], ["perp", 2, 900_000]), [2, false]);
  deepEqual(now(["perp", null, null]), [null, false]);
  deepEqual(now(), [null, false]);
});
