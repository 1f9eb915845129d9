// This module is pure.
/** The venues that Tapewatch can collect from. */
import type { Collector } from "../lib/market/collector.ts";
import { binancePerp } from "./binance_perp.ts";
import { binanceSpot } from "./binance_spot.ts";
import { bybitPerp } from "./bybit_perp.ts";
import { bybitSpot } from "./bybit_spot.ts";

// To add a venue: write `collectors/<venue>_<market>.ts`, which exports one Collector, and
// list it here. Give it sample frames in `tests/collectors/`; the tests over all venues
// (invariants, garbage, registry) find it by themselves. What several markets of a venue
// share goes into a file that starts with an underscore.

/** In the order in which replies list the venues. */
export const COLLECTORS: readonly Collector[] = [
  binancePerp,
  bybitPerp,
  binanceSpot,
  bybitSpot,
];
