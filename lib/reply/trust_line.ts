// This module is pure.
import type { Trust } from "../market/trust.ts";
import { escape } from "./html.ts";
import { age } from "./times.ts";

/**
 * The last line of a reply: `59/60 min · bybit-perp −1 · 2 repaired · 3 from candles · 2 s old`.
 * Repaired and candle minutes are counted over all series.
 */
export function trustLine(trust: Trust): string {
  const words = [`${trust.minutesComplete}/${trust.minutesAsked} min`];
  for (const { venue, minutes } of trust.missing) words.push(`${escape(venue)} −${minutes}`);
  if (trust.repaired > 0) words.push(`${trust.repaired} repaired`);
  if (trust.candle > 0) words.push(`${trust.candle} from candles`);
  words.push(trust.ageMs === null ? "no data yet" : age(trust.ageMs));
  return words.join(" · ");
}
