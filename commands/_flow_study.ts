// This module is pure.
/** Everything /cvd says, computed: bars, rolling windows and both anchored CVDs. */
import { type ByMarket, cvdSeries, type Flow, flowOf, joinFlows } from "../lib/market/flow.ts";
import { MINUTE_MS } from "../lib/market/bucket.ts";
import type { Source } from "../lib/market/source.ts";
import { type Trust, trustOf } from "../lib/market/trust.ts";
import {
  lastBars,
  rollingWindow,
  type Span,
  type Timeframe,
  timeframeName,
  TIMEFRAMES,
  utcDay,
} from "../lib/market/windows.ts";
import { type HeldSeries, type Origin, originOf, readTape, seriesOf, venuesOf } from "./_tape.ts";

export const BARS = 12;

// Type aliases: the study leaves as the reply's data.

/** A bar; its CVD levels are anchored at the start of the first bar shown. */
export type FlowBar = ByMarket<Flow> & {
  readonly t: number;
  readonly cvd: ByMarket<number | null>;
  readonly forming: boolean;
  /** Every closed minute of it is complete in every venue. */
  readonly complete: boolean;
};

/** CVD from the window's start to its end is its delta, so both are the same number. */
export type WindowFlow = Flow & { readonly cvd: number | null };

export type FlowWindow = ByMarket<WindowFlow> & { readonly fromMs: number; readonly toMs: number };

/** Levels at the end of the last closed minute, and the time at which they were zero. */
export type AnchoredCvd = ByMarket<number | null> & {
  readonly anchorMs: number;
  readonly toMs: number;
};

export type FlowStudy = {
  readonly symbol: string;
  readonly timeframe: string;
  readonly nowMs: number;
  readonly tape: Origin;
  readonly venues: readonly string[];
  readonly bars: readonly FlowBar[];
  readonly windows: { readonly [timeframe: string]: FlowWindow };
  /** Anchored at the first bar shown. */
  readonly cvd: AnchoredCvd;
  /** Anchored at UTC midnight, with its own count of minutes. */
  readonly dayCvd: AnchoredCvd & { readonly trust: Trust };
  /** Over all closed minutes behind the bars and the windows. */
  readonly trust: Trust;
};

export async function studyFlow(
  source: Source,
  asset: string,
  timeframe: Timeframe,
): Promise<FlowStudy> {
  const nowMs = source.nowMs();
  const spans = lastBars(timeframe, BARS, nowMs);
  const day = utcDay(nowMs);
  const longest = rollingWindow(Math.max(...TIMEFRAMES), nowMs);
  const firstBarMs = spans[0]?.fromMs ?? longest.fromMs;
  const shown = { fromMs: Math.min(firstBarMs, longest.fromMs), toMs: longest.toMs };
  const tape = await readTape(source, asset, {
    fromMs: Math.min(shown.fromMs, day.fromMs),
    toMs: longest.toMs + MINUTE_MS,
  });
  return {
    symbol: asset,
    timeframe: timeframeName(timeframe),
    nowMs,
    tape: originOf(tape),
    venues: venuesOf(tape),
    bars: studyBars(tape, spans, nowMs),
    windows: Object.fromEntries(TIMEFRAMES.map((minutes) => [
      timeframeName(minutes),
      studyWindow(tape, rollingWindow(minutes, nowMs)),
    ])),
    cvd: anchored(tape, { fromMs: firstBarMs, toMs: longest.toMs }),
    dayCvd: { ...anchored(tape, day), trust: trustOf(tape, day, nowMs, "sided") },
    trust: trustOf(tape, shown, nowMs, "sided"),
  };
}

/** CVD anchored at the start of a span is the delta of the span. */
function anchored(tape: readonly HeldSeries[], { fromMs, toMs }: Span): AnchoredCvd {
  const { spot, perp, all } = flows(tape, { fromMs, toMs });
  return { anchorMs: fromMs, toMs, spot: spot.delta, perp: perp.delta, all: all.delta };
}

function studyBars(tape: readonly HeldSeries[], spans: readonly Span[], nowMs: number): FlowBar[] {
  // Minutes that have not begun are nothing to miss.
  const endMs = rollingWindow(1, nowMs).toMs + MINUTE_MS;
  const begun = spans.map(({ fromMs, toMs }) => ({ fromMs, toMs: Math.min(toMs, endMs) }));
  const parts = begun.map((span) => flows(tape, span));
  const cvd = {
    spot: cvdSeries(parts.map((part) => part.spot.delta)),
    perp: cvdSeries(parts.map((part) => part.perp.delta)),
    all: cvdSeries(parts.map((part) => part.all.delta)),
  };
  return begun.flatMap((span, i) => {
    const part = parts[i];
    if (!part) return [];
    const { minutesComplete, minutesAsked } = trustOf(tape, span, nowMs, "sided");
    return [{
      t: span.fromMs,
      ...part,
      cvd: { spot: cvd.spot[i] ?? null, perp: cvd.perp[i] ?? null, all: cvd.all[i] ?? null },
      forming: i === begun.length - 1,
      complete: minutesComplete === minutesAsked,
    }];
  });
}

/** One rolling window of /cvd. */
export function studyWindow(tape: readonly HeldSeries[], span: Span): FlowWindow {
  const { spot, perp, all } = flows(tape, span);
  const withCvd = (flow: Flow): WindowFlow => ({ ...flow, cvd: flow.delta });
  return { ...span, spot: withCvd(spot), perp: withCvd(perp), all: withCvd(all) };
}

/** Spot, perpetuals and both together in a span. */
export function flows(tape: readonly HeldSeries[], span: Span): ByMarket<Flow> {
  const spot = flowOf(seriesOf(tape, "spot"), span);
  const perp = flowOf(seriesOf(tape, "perp"), span);
  return { spot, perp, all: joinFlows(spot, perp) };
}
