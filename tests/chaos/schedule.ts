/** What goes wrong and when: drawn from a seed, every kind of fault at least once. */
import type { Fault, VenueName } from "../sim/exchange.ts";
import { Dice } from "../dice.ts";

export type Blow =
  | { readonly atMs: number; readonly what: "fault"; readonly fault: Fault }
  /** `kill -9` of the service, which is started again at once. */
  | { readonly atMs: number; readonly what: "kill" };

const VENUES = ["binance-spot", "binance-perp", "bybit-spot", "bybit-perp"] as const;
/** Where the trades flow. */
const TRADE_ROUTES: Readonly<Record<VenueName, string>> = {
  "binance-spot": "stream",
  "binance-perp": "market",
  "bybit-spot": "spot",
  "bybit-perp": "linear",
};
const ASSETS = ["BTC", "ETH", "SOL"] as const;

/** To add a fault: one row. */
const FAULTS: readonly ((dice: Dice) => Fault)[] = [
  (dice) => ({ kind: "drop", venue: dice.pick(VENUES) }),
  () => ({ kind: "drop" }),
  (dice) => ({ kind: "refuse", venue: dice.pick(VENUES), seconds: dice.between(2, 6) }),
  // A whole route that says nothing, and one stream that does while its neighbours go on.
  (dice) => stalled(dice, dice.between(3, 9)),
  (dice) => ({ ...stalled(dice, dice.between(3, 9)), stream: dice.pick(ASSETS) }),
  (dice) => ({ ...stalled(dice, 0), kind: "mute", stream: dice.pick(ASSETS) }),
  (dice) => ({ kind: "garbage", seconds: dice.between(4, 10), perSecond: 20 }),
  (dice) => ({ kind: "duplicate", seconds: dice.between(4, 10), ratio: 0.3 }),
  (dice) => ({ kind: "late", seconds: dice.between(3, 8), ratio: 0.2, delayMs: 3_000 }),
  (dice) => ({ kind: "late", seconds: dice.between(3, 8), ratio: 0.3, delayMs: 400 }),
  (dice) => ({ kind: "reorder", seconds: dice.between(4, 10), ratio: 0.3 }),
  (dice) => ({ kind: "lose", seconds: dice.between(2, 6), ratio: 0.1, venue: dice.pick(VENUES) }),
  (dice) => ({ kind: "lose", seconds: dice.between(1, 3), ratio: 0.9 }),
  (dice) => ({ kind: "rest", seconds: dice.between(2, 6), status: 429, retryAfter: 2 }),
  (dice) => ({ kind: "rest", seconds: 2, status: 418, retryAfter: 3, venue: dice.pick(VENUES) }),
  (dice) => ({ kind: "rest", seconds: dice.between(3, 8), status: dice.pick([500, 502, 503]) }),
  (dice) => ({ kind: "slow", seconds: dice.between(3, 8), ms: 2_500 }),
  (dice) => ({ kind: "skew", ms: Math.round(dice.between(100, 3_000)) }),
  () => ({ kind: "shutdown", graceMs: 1_500 }),
];

function stalled(dice: Dice, seconds: number): Extract<Fault, { kind: "stall" }> {
  const venue = dice.pick(VENUES);
  return { kind: "stall", seconds, venue, route: TRADE_ROUTES[venue] };
}

/** Blows for `lengthMs`, in order of time: `kills` of them spread over it, faults in between. */
export function schedule(seed: number, lengthMs: number, kills: number): Blow[] {
  const dice = new Dice(seed);
  const blows: Blow[] = [];
  const faults = FAULTS.toSorted(() => dice.next() - 0.5);
  let nth = 0;
  let skewMs = 0;
  for (let atMs = 500; atMs < lengthMs; atMs += dice.between(1_200, 3_800)) {
    // Every kind comes once before any comes twice.
    const fault = faults[nth++ % faults.length]?.(dice);
    if (!fault) continue;
    // An exchange's clock may be anywhere, but what it stamped stays in order.
    if (fault.kind === "skew") skewMs += fault.ms;
    blows.push({
      atMs,
      what: "fault",
      fault: fault.kind === "skew" ? { ...fault, ms: skewMs } : named(fault),
    });
  }
  for (let kill = 0; kill < kills; kill++) {
    const atMs = (kill + dice.between(0.3, 0.9)) * lengthMs / kills;
    blows.push({ atMs, what: "kill" });
  }
  return blows.sort((a, b) => a.atMs - b.atMs);
}

/** Gives a stalled asset the name of its trade stream. */
function named(fault: Fault): Fault {
  if ((fault.kind !== "stall" && fault.kind !== "mute") || fault.stream === undefined) return fault;
  const stream = fault.venue?.startsWith("binance")
    ? `${fault.stream.toLowerCase()}usdt@aggTrade`
    : `publicTrade.${fault.stream}USDT`;
  return { ...fault, stream };
}
