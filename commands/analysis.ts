// This module is pure.
/** `/analysis`: the whole picture of a symbol in one screen, and one sentence about it. */
import type { ByMarket } from "../lib/market/flow.ts";
import { DEAD_BAND } from "../lib/market/study/interest.ts";
import { problemReply, readArguments } from "../lib/reply/arguments.ts";
import type { Command } from "../lib/reply/command.ts";
import { bold, escape, pre } from "../lib/reply/html.ts";
import {
  compact,
  delta,
  percent,
  price as priceText,
  signedPercent,
  UNKNOWN,
} from "../lib/reply/numbers.ts";
import { fit, pad, table } from "../lib/reply/table.ts";
import { age, clock } from "../lib/reply/times.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { ageText, isOld, MARK_FRESH_MS, TICKER_FRESH_MS } from "./_ages.ts";
import { type AnalysisStudy, studyAnalysis } from "./_analysis_study.ts";
import { isFresh } from "./_price_study.ts";
import { originRemarks } from "./_tape.ts";
import { neighbours, shortPercent, times } from "./_texts.ts";
import { agreementText } from "./momentum.ts";

const COLUMNS = 34;
const LABEL = 8;

export const analysis: Command = {
  name: "analysis",
  usage: "[symbol]",
  description: "The whole picture of a symbol in one screen",
  details: [
    "Price, day VWAP and bands, CVD, RVOL, momentum, OI, funding, liquidations, book.",
    "What OI and price mean together is an inference; the sentence cites its numbers.",
    "Each part in full: /price /volume /cvd /momentum /flow. Example: /analysis ETH",
  ],
  formulas: [
    "VWAP, bands, RVOL, z as in /volume; CVD as in /cvd; composite as in /momentum",
    "OI = change over the last 60 closed minutes in coins, venues that know both ends",
    "quadrant: price and OI over those 60 minutes, a move within 0.25 % says nothing",
    "funding = rate · 8 ÷ hours, mean weighted by OI; APR = rate · 8760 ÷ hours, simple",
    "liquidations by the position that was closed, last 60 closed minutes; ≥ = sampled by a venue",
    "book = (bid − ask) ÷ (bid + ask), top 20 levels of the market named",
  ],
  async run({ words, source, commands, asker, desk }) {
    const read = readArguments(words, source, { asset: "BTC", timeframe: 15 });
    const { problem, asset } = read;
    // Every part has its own window, so a timeframe that is typed does no harm.
    if (problem && problem.kind !== "timeframe") {
      return problemReply({ ...read, problem }, (name) => `/analysis ${name}`);
    }
    const study = await studyAnalysis(source, asset);
    const sentence = sentenceOf(study);
    const zone = await zoneOf({ asker, desk });
    return {
      html: page({ ...study, sentence }, originRemarks(asset, study.tape), zone),
      data: { ...study, sentence },
      buttons: [
        [
          { label: "Refresh", ask: `/analysis ${asset}` },
          ...neighbours(commands, asset, ["cvd", "flow", "oi"]),
        ],
        neighbours(commands, asset, ["volume", "momentum", "price"]),
      ],
    };
  },
};

/** The study and what was said of it. */
type Told = AnalysisStudy & { readonly sentence: string };

function page(study: Told, remarks: readonly string[], zone: Zone): string {
  return [
    heading(study, zone),
    pre(vwapLines(study)),
    pre(cvdLines(study, zone)),
    pre(otherLines(study)),
    study.sentence,
    ...aged(study),
    ...withoutInterest(study),
    ...remarks,
    trustLine(study.trust),
  ].join("\n");
}

/** What is older than its neighbours of this minute. */
function aged({ price, funding, fundingAgeMs }: AnalysisStudy): string[] {
  return [
    ...(price && isOld(price.change24h, price.tickerAgeMs, TICKER_FRESH_MS)
      ? [`24 h change ${ageText(price.tickerAgeMs)}`]
      : []),
    ...(isOld(funding.rate8h, fundingAgeMs, MARK_FRESH_MS)
      ? [`Funding ${ageText(fundingAgeMs)}`]
      : []),
  ];
}

/** Venues that are in no sum of the OI; where it is unknown there is no sum. */
function withoutInterest({ interest: { without, deltaBase } }: AnalysisStudy): string[] {
  return without.length === 0 || deltaBase === null
    ? []
    : [`OI 60m without ${without.map(escape).join(", ")}`];
}

function heading({ symbol, price, nowMs }: AnalysisStudy, zone: Zone): string {
  const now = `${clock(nowMs, zone)} ${escape(zone.label)}`;
  if (!price) return `${bold(symbol)} · no price yet · ${now}`;
  const old = isFresh(price) ? "" : `, ${age(price.ageMs)}`;
  const change = price.change24h === null ? "" : ` · 24 h ${signedPercent(price.change24h, 1)}`;
  const title = bold(`${symbol} ${priceText(price.price)}`);
  return `${title} · ${escape(price.venue)}${old}${change} · ${now}`;
}

function vwapLines({ vwap }: AnalysisStudy): string[] {
  const { all, sigmas } = vwap;
  const band = (low: number | null, high: number | null) => `${priceText(low)} ${priceText(high)}`;
  return [
    field("VWAP", `${priceText(all?.vwap ?? null)} price ${sigmaText(sigmas)}`),
    field("±1σ", band(all?.lower1 ?? null, all?.upper1 ?? null)),
    field("±2σ", band(all?.lower2 ?? null, all?.upper2 ?? null)),
  ];
}

function cvdLines({ cvd }: AnalysisStudy, zone: Zone): string[] {
  const line = (name: string, { spot, perp, all }: ByMarket<number | null>) => [
    name,
    ...[spot, perp, all].map(delta),
  ];
  const { "15m": quarter, "60m": hour, day } = cvd;
  const levels = ({ spot, perp, all }: typeof hour) => ({
    spot: spot.cvd,
    perp: perp.cvd,
    all: all.cvd,
  });
  return table(["CVD from", "spot", "perp", "all"], [
    line("15m", levels(quarter)),
    line("60m", levels(hour)),
    line(clock(day.fromMs, zone), day),
  ]);
}

function otherLines(study: AnalysisStudy): string[] {
  const { volume, momentum, interest, funding, liquidations, book } = study;
  const { "15m": quarter, "60m": hour } = volume;
  const isLeast = liquidations.lowerBound || liquidations.missing > 0;
  const least = isLeast && liquidations.quote !== null ? "≥" : "";
  const { up, down, flat, unknown, composite } = momentum;
  return [
    field("RVOL", `15m ${times(quarter?.rvol ?? null)} 60m ${times(hour?.rvol ?? null)}`),
    field("z", `15m ${delta(quarter?.spikeScore ?? null)} 60m ${delta(hour?.spikeScore ?? null)}`),
    field("Momentum", `${up}▲ ${down}▼ of ${up + down + flat + unknown} (${delta(composite)})`),
    field("OI 60m", `${shortPercent(interest.deltaPct)} of ${compact(interest.fromBase)} coins`),
    field("Funding", `8h ${signedPercent(funding.rate8h, 4)} APR ${shortPercent(funding.apr)}`),
    field(
      "Liq 60m",
      `L ${least}${compact(liquidations.longQuote)} S ${least}${compact(liquidations.shortQuote)}`,
    ),
    field(
      `Book ${book?.levels ?? ""}`,
      `${signedPercent(book?.imbalance ?? null, 0)} 5m ${
        signedPercent(book?.imbalance5m ?? null, 0)
      } ${book?.venue ?? ""}`,
    ),
  ].map((line) => line.trimEnd());
}

function field(name: string, value: string): string {
  return fit(`${pad(fit(name, LABEL), LABEL, "right")} ${value}`, COLUMNS);
}

function sigmaText(sigmas: number | null): string {
  const text = delta(sigmas);
  return text === UNKNOWN ? text : `${text}σ`;
}

/** One plain sentence of what is known; every claim with its number. */
function sentenceOf(study: AnalysisStudy): string {
  const clauses = [
    vwapClause(study),
    cvdClause(study),
    rvolClause(study),
    momentumClause(study),
    interestClause(study),
  ].filter((clause) => clause !== null);
  if (clauses.length === 0) return "Nothing is known yet.";
  const text = `${clauses.join("; ")}.`;
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function vwapClause({ vwap }: AnalysisStudy): string | null {
  const { price, sigmas } = vwap;
  if (price === null || sigmas === null) return null;
  const size = compact(Math.abs(sigmas));
  const where = sigmas < 0 ? "below" : "above";
  return `the last close ${priceText(price)} is ${size}σ ${where} the day's VWAP`;
}

function cvdClause({ cvd }: AnalysisStudy): string | null {
  const { delta: net, deltaPct } = cvd["60m"].all;
  if (net === null) return null;
  if (net === 0) return "takers were even over 60m";
  const who = net > 0 ? "bought" : "sold";
  return `takers ${who} ${compact(Math.abs(net))} USD net over 60m (Δ ${
    signedPercent(deltaPct, 1)
  })`;
}

function rvolClause({ volume }: AnalysisStudy): string | null {
  const rvol = volume["60m"]?.rvol ?? null;
  return rvol === null ? null : `the last hour's volume was ${times(rvol)} the mean`;
}

function momentumClause({ momentum }: AnalysisStudy): string | null {
  if (momentum.composite === null) return null;
  return agreementText({ agreement: momentum }).split(" · ")[0] ?? null;
}

function interestClause({ interest }: AnalysisStudy): string | null {
  const { deltaPct, priceChange, quadrant } = interest;
  if (deltaPct === null || priceChange === null || quadrant === null) return null;
  const moves = `price ${shortPercent(priceChange)} with OI ${shortPercent(deltaPct)} over 60m`;
  return quadrant === "none"
    ? `${moves}: no reading, a move is within ${percent(DEAD_BAND)}`
    : `${moves}: ${quadrant} (inferred)`;
}
