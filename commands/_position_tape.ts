// This module is pure.
/** What the tape does to a position: flow, open interest and cascades, against it or with it. */
import type { Position } from "../lib/account/types.ts";
import { flowOf, sidesKnown } from "../lib/market/flow.ts";
import type { Source } from "../lib/market/source.ts";
import { type Cascade } from "../lib/market/study/liquidation/cascade.ts";
import {
  changeOf,
  interestChange,
  type Quadrant,
  quadrantOf,
} from "../lib/market/study/interest.ts";
import { type Trust, trustOf } from "../lib/market/trust.ts";
import { rollingWindow } from "../lib/market/windows.ts";
import { delta, signedPercent } from "../lib/reply/numbers.ts";
import { studyLiquidations } from "./_liquidation_study.ts";
import { priceSeriesOver, readTape } from "./_tape.ts";

const MINUTES = 15;
/** A value at the window's start may be one carried from up to five minutes before. */
const CARRY_MINUTES = 6;

type Bearing = "with you" | "against you";

// A type alias: it leaves as the reply's data.
export type PositionTape = {
  readonly minutes: number;
  /** Taker buy − taker sell of all markets of the asset, USD. */
  readonly delta: number | null;
  readonly flow: Bearing | null;
  readonly oiPct: number | null;
  readonly quadrant: Quadrant | null;
  /** Where the price went as open interest changed. */
  readonly interest: Bearing | null;
  readonly cascade: Pick<Cascade, "state" | "position" | "severity"> & {
    readonly bearing: Bearing | null;
    /** Whether it could be judged in the window. */
    readonly known: boolean;
  };
  readonly trust: Trust;
};

/** `null` where no enabled venue lists the asset. */
export async function studyPositionTape(
  source: Source,
  { base, side }: Pick<Position, "base" | "side">,
): Promise<PositionTape | null> {
  if (await source.ensure(base) === "unlisted") return null;
  const nowMs = source.nowMs();
  const span = rollingWindow(MINUTES, nowMs);
  const longer = rollingWindow(MINUTES + CARRY_MINUTES, nowMs);
  const tape = await readTape(source, base, longer);
  const { delta } = flowOf(tape.map(({ buckets }) => buckets), span);
  const perps = tape.filter(({ market }) => market === "perp");
  const oiPct = interestChange(perps, span).deltaPct;
  const priced = priceSeriesOver(tape, span);
  const moved = changeOf(priced?.buckets ?? [], span, (bucket) => bucket.c);
  const quadrant = quadrantOf(moved, oiPct);
  const { state, position, severity, judged, asOfMs } =
    (await studyLiquidations(source, base)).cascade;
  return {
    minutes: MINUTES,
    delta,
    flow: bearingOf(delta, side),
    oiPct,
    quadrant,
    interest: quadrant === null || quadrant === "none" ? null : bearingOf(moved, side),
    // A cascade closes positions of one side by force, and pushes the price against it.
    cascade: {
      ...{ state, position, severity },
      bearing: position === null ? null : position === side ? "against you" : "with you",
      known: judged && asOfMs !== null && asOfMs > span.fromMs,
    },
    trust: trustOf(tape, span, nowMs, sidesKnown),
  };
}

/** A rise is with a long and against a short. */
function bearingOf(move: number | null, side: "long" | "short"): Bearing | null {
  if (move === null || move === 0) return null;
  return move > 0 === (side === "long") ? "with you" : "against you";
}

/** `Tape 15m: Δ −1.20M against you · OI +0.31% new shorts, against you · no cascade` */
export function positionTapeLine(tape: PositionTape | null): string {
  if (tape === null) return "Tape: no enabled venue lists it";
  const bears = (bearing: Bearing | null, before: string) => bearing ? `${before}${bearing}` : "";
  const { state, position, bearing, known } = tape.cascade;
  const quadrant = tape.quadrant === null || tape.quadrant === "none" ? "" : ` ${tape.quadrant}`;
  const cascade = position === null
    ? known ? "no cascade" : "cascade unknown"
    : `${position} cascade ${state}${bears(bearing, ", ")}`;
  return [
    `Tape ${tape.minutes}m: Δ ${delta(tape.delta)}${bears(tape.flow, " ")}`,
    `OI ${signedPercent(tape.oiPct)}${quadrant}${bears(tape.interest, ", ")}`,
    cascade,
  ].join(" · ");
}
