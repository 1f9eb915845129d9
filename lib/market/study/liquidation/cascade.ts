// This module is pure.
/**
 * The cascade detector as a state machine (metrics page, "Liquidations"; the definition is
 * ours, for no standard exists). A reading is what the last 60 s hold, whether it comes
 * from single events or from a stored minute.
 *
 *     watch ──trigger──▶ active ──60 s below half of the trigger──▶ ended ──1 h──▶ watch
 *                          ▲ └─ the other side triggers: a new one ─┘│
 *                          └───────────────trigger───────────────────┘
 */
import type { PositionSide } from "../../events.ts";
import { DEAD_BAND } from "../interest.ts";

export const CASCADE_WINDOW_MS = 60_000;
export const CASCADE_FLOOR_USD = 250_000;
/** Part of the symbol's own minutes that the trigger must not be below. */
export const CASCADE_PERCENTILE = 0.99;
const EVENTS = 5;
const SHARE = 0.7;
const ATRS = 1;
/** An active one ends when this long has passed below this part of its trigger. */
const QUIET_MS = 60_000;
const QUIET_PART = 0.5;
/** How long an ended one is told. */
const ENDED_MS = 3_600_000;
/** From this many times the trigger a cascade is severe. */
const SEVERE_PART = 2;

/** The last 60 s. */
export interface CascadeReading {
  readonly longQuote: number;
  readonly shortQuote: number;
  readonly longs: number;
  readonly shorts: number;
  /** From the highest price of the window down to the last one, in quote; `null` unknown. */
  readonly fall: number | null;
  /** From the lowest price of the window up to the last one. */
  readonly rise: number | null;
  /** ATR(14, 1m) of the closed minutes before, in quote. */
  readonly atr: number | null;
  /** OI at the window's start and now, in coins. */
  readonly oiBeforeBase: number | null;
  readonly oiBase: number | null;
}

// A type alias: it leaves as JSON.
export type Cascade = {
  readonly state: "watch" | "active" | "ended";
  /** Whose positions are closed; `null` in `watch`, as all that follows. */
  readonly position: PositionSide | null;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  /** The trigger that was reached, and the largest 60 s since, of that side. */
  readonly triggerQuote: number | null;
  readonly peakQuote: number | null;
  /** Since when the side is below half of the trigger. */
  readonly quietSinceMs: number | null;
  readonly oiBeforeBase: number | null;
  /** The deepest change of OI since then, a fraction; `null` unknown. */
  readonly oiPct: number | null;
  /** 1, and one more each for twice the trigger and for an OI drop beyond the dead-band. */
  readonly severity: number;
};

export const WATCHING: Cascade = {
  state: "watch",
  position: null,
  startedMs: null,
  endedMs: null,
  triggerQuote: null,
  peakQuote: null,
  quietSinceMs: null,
  oiBeforeBase: null,
  oiPct: null,
  severity: 0,
};

/** Notional of one side in 60 s from which a cascade may begin. */
export function cascadeTrigger(ownPercentile: number | null): number {
  return Math.max(CASCADE_FLOOR_USD, ownPercentile ?? 0);
}

/** The side that a reading makes a cascade of, or `null`; unknown price or ATR makes none. */
export function triggeredSide(reading: CascadeReading, triggerQuote: number): PositionSide | null {
  const { longQuote, shortQuote, longs, shorts, fall, rise, atr } = reading;
  const long = longQuote >= shortQuote;
  const [quote, count, moved] = long ? [longQuote, longs, fall] : [shortQuote, shorts, rise];
  if (quote < triggerQuote || count < EVENTS) return null;
  if (quote < SHARE * (longQuote + shortQuote)) return null;
  // An ATR of zero says only that no minute before had a price: no yardstick.
  if (moved === null || atr === null || atr <= 0 || moved < ATRS * atr) return null;
  return long ? "long" : "short";
}

/** The state after a reading; `nowMs` never goes backwards. */
export function stepCascade(
  state: Cascade,
  reading: CascadeReading,
  triggerQuote: number,
  nowMs: number,
): Cascade {
  const side = triggeredSide(reading, triggerQuote);
  if (side !== null && (state.state !== "active" || side !== state.position)) {
    const { oiBeforeBase } = reading;
    const begun: Cascade = {
      ...{ ...WATCHING, state: "active", position: side, startedMs: nowMs },
      ...{ triggerQuote, oiBeforeBase },
    };
    return measured(begun, reading, nowMs);
  }
  if (state.state === "active") return measured(state, reading, nowMs);
  const old = state.endedMs !== null && nowMs - state.endedMs >= ENDED_MS;
  return old ? WATCHING : state;
}

/** An active cascade with a reading taken in, or its end. */
function measured(state: Cascade, reading: CascadeReading, nowMs: number): Cascade {
  const quote = state.position === "long" ? reading.longQuote : reading.shortQuote;
  const trigger = state.triggerQuote ?? 0;
  const quiet = quote < QUIET_PART * trigger;
  const quietSinceMs = quiet ? state.quietSinceMs ?? nowMs : null;
  if (quietSinceMs !== null && nowMs - quietSinceMs >= QUIET_MS) {
    return { ...state, state: "ended", quietSinceMs, endedMs: nowMs };
  }
  const peakQuote = Math.max(state.peakQuote ?? 0, quote);
  const before = state.oiBeforeBase ?? reading.oiBeforeBase;
  const changed = before !== null && before > 0 && reading.oiBase !== null
    ? (reading.oiBase - before) / before
    : null;
  const oiPct = changed === null || state.oiPct === null
    ? changed ?? state.oiPct
    : Math.min(changed, state.oiPct);
  const severe = peakQuote >= SEVERE_PART * trigger;
  const dropped = oiPct !== null && oiPct < -DEAD_BAND;
  const severity = 1 + (severe ? 1 : 0) + (dropped ? 1 : 0);
  return { ...state, quietSinceMs, peakQuote, oiBeforeBase: before, oiPct, severity };
}

/** A closed minute as a reading: its highs and lows came before its close. */
export interface CascadeMinute extends CascadeReading {
  readonly t: number;
}

/**
 * The state after stored minutes, ordered. A cascade across the edge of two minutes may
 * be smaller in each of them than in its own 60 s: minutes see it later, or not at all.
 */
export function cascadeOver(
  minutes: Iterable<CascadeMinute>,
  triggerQuote: number,
  from: Cascade = WATCHING,
): Cascade {
  let state = from;
  for (const minute of minutes) {
    state = stepCascade(state, minute, triggerQuote, minute.t + CASCADE_WINDOW_MS);
  }
  return state;
}
