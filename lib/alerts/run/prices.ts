// This module is pure.
/**
 * Price rules at every print. Each asset has two bounds, between which no rule of it
 * could change; a print between them costs a look-up and a few comparisons.
 */
import type { Rule } from "../rule/rule.ts";
import { type Armed, placeOf, setPlace } from "./armed.ts";
import { judge, type Place } from "./judge.ts";

const MINUTE_MS = 60_000;

/** Told of each firing, in the order in which they came. */
export type OnFired = (armed: Armed, asset: string, value: number, timeMs: number) => void;

interface Watched {
  readonly asset: string;
  readonly rules: Armed[];
  /** The market that stands for the asset; `null` while none is heard. */
  venue: string | null;
  /** A print at or beyond one of these may change a rule. */
  above: number;
  below: number;
  /** When the first cooldown ends of a rule that would fire but for it. */
  retryMs: number;
  price: number;
  timeMs: number;
}

export class PriceWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #fired: OnFired;
  /** Prints that had to be looked at closely. */
  looks = 0;

  constructor(fired: OnFired) {
    this.#fired = fired;
  }

  get assets(): Iterable<string> {
    return this.#watched.keys();
  }

  /** Watches exactly these; what an asset's rules remember is in the rules. */
  setRules(byAsset: ReadonlyMap<string, readonly Armed[]>): void {
    for (const asset of this.#watched.keys()) {
      if (!byAsset.has(asset)) this.#watched.delete(asset);
    }
    for (const [asset, rules] of byAsset) {
      const held = this.#watched.get(asset);
      this.#watched.set(asset, {
        ...{ asset, rules: [...rules], venue: held?.venue ?? null },
        ...{ above: -Infinity, below: Infinity, retryMs: 0 },
        price: held?.price ?? NaN,
        timeMs: held?.timeMs ?? 0,
      });
    }
  }

  /** The market whose prints count from now on. */
  follow(asset: string, venue: string | null): void {
    const watched = this.#watched.get(asset);
    if (watched) watched.venue = venue;
  }

  /** The newest price seen; `null` before the first. */
  priceOf(asset: string): number | null {
    const price = this.#watched.get(asset)?.price;
    return price === undefined || Number.isNaN(price) ? null : price;
  }

  /** A print of a market; on the path of every trade. */
  onTrade(asset: string, venue: string, price: number, timeMs: number): void {
    if (this.#watched.size === 0) return;
    const watched = this.#watched.get(asset);
    if (watched === undefined || watched.venue !== venue) return;
    // A print that comes late says nothing of now.
    if (timeMs < watched.timeMs) return;
    watched.price = price;
    watched.timeMs = timeMs;
    if (price < watched.above && price > watched.below && timeMs < watched.retryMs) return;
    this.#look(watched, timeMs);
  }

  /** Looks again at rules that only wait for the end of their cooldown. */
  tick(nowMs: number): void {
    for (const watched of this.#watched.values()) {
      if (nowMs >= watched.retryMs && !Number.isNaN(watched.price)) this.#look(watched, nowMs);
    }
  }

  #look(watched: Watched, nowMs: number): void {
    this.looks++;
    const { asset, price } = watched;
    let [above, below, retryMs] = [Infinity, -Infinity, Infinity];
    for (const armed of watched.rules) {
      const held = placeOf(armed, asset);
      const { place, count, verdict } = judge(armed.rule, held, armed.count, price, nowMs);
      setPlace(armed, asset, place);
      armed.count = count;
      if (verdict === "fired") this.#fired(armed, asset, price, nowMs);
      const bounds = verdict === "cooling" ? NEVER : boundsOf(armed.rule, place);
      if (verdict === "cooling") retryMs = Math.min(retryMs, cooledMs(armed.rule, place));
      above = Math.min(above, bounds.above);
      below = Math.max(below, bounds.below);
    }
    watched.above = above;
    watched.below = below;
    watched.retryMs = retryMs;
  }
}

interface Bounds {
  readonly above: number;
  readonly below: number;
}

const NEVER: Bounds = { above: Infinity, below: -Infinity };

/** Prices between which a rule stays as it is. */
function boundsOf(rule: Rule, place: Place): Bounds {
  const { comparison, threshold } = rule;
  const margin = Math.abs(threshold) * rule.backPart;
  const { armed, side } = place;
  switch (comparison) {
    case ">":
      return armed === true
        ? { ...NEVER, above: threshold }
        : { ...NEVER, below: threshold - margin };
    case "<":
      return armed === true
        ? { ...NEVER, below: threshold }
        : { ...NEVER, above: threshold + margin };
    default:
      if (armed !== true) return { above: threshold + margin, below: threshold - margin };
      if (side === 0) return { above: threshold, below: threshold };
      return side < 0 ? { ...NEVER, above: threshold } : { ...NEVER, below: threshold };
  }
}

/** Until then nothing that the price does matters: what cools stays as it is. */
function cooledMs({ cooldownMinutes }: Rule, { firedMs }: Place): number {
  return (firedMs ?? 0) + cooldownMinutes * MINUTE_MS;
}
