// This module is pure.
/** What an answer stood on, read out of its data: spans, venues, coverage, repairs. */
import type { Source } from "../lib/market/source.ts";
import type { Json } from "../lib/reply/command.ts";

/** Nobody reads more, and a message holds no more. */
const SPANS = 12;
const DEPTH = 4;

type Fields = { readonly [key: string]: Json };

// Type aliases: the inputs leave as the reply's data.

export type NamedSpan = { readonly name: string; readonly fromMs: number; readonly toMs: number };
export type Anchor = { readonly name: string; readonly anchorMs: number };

export type VenueCoverage = {
  readonly venue: string;
  readonly minutesComplete: number;
  readonly minutesAsked: number;
};

export type Inputs = {
  readonly nowMs: number | null;
  readonly spans: readonly NamedSpan[];
  readonly anchors: readonly Anchor[];
  readonly venues: readonly string[];
  /** Empty where the answer stands on no minutes. */
  readonly coverage: readonly VenueCoverage[];
  readonly repaired: number | null;
  readonly candle: number | null;
};

export function inputsOf(data: Json, source: Source): Inputs {
  const fields = fieldsOf(data);
  const trust = fieldsOf(fields.trust ?? null);
  const venues = venuesIn(fields, source);
  const spans: NamedSpan[] = [];
  const anchors: Anchor[] = [];
  collect(data, "all", DEPTH, spans, anchors);
  return {
    nowMs: numberOf(fields.nowMs),
    spans: spans.slice(0, SPANS),
    anchors: anchors.slice(0, SPANS),
    venues,
    coverage: coverageOf(trust, venues),
    repaired: numberOf(trust.repaired),
    candle: numberOf(trust.candle),
  };
}

function coverageOf(trust: Fields, venues: readonly string[]): VenueCoverage[] {
  const minutesAsked = numberOf(trust.minutesAsked);
  if (minutesAsked === null) return [];
  const missing = new Map(
    listOf(trust.missing).map((row) => {
      const { venue, minutes } = fieldsOf(row);
      return [textOf(venue) ?? "", numberOf(minutes) ?? 0];
    }),
  );
  return venues.map((venue) => ({
    venue,
    minutesComplete: minutesAsked - (missing.get(venue) ?? 0),
    minutesAsked,
  }));
}

/** Those the answer names, else all that have the asset; and those that are missing. */
function venuesIn(fields: Fields, source: Source): string[] {
  const listed = listOf(fields.venues).map((venue) =>
    textOf(venue) ?? textOf(fieldsOf(venue).venue)
  );
  const inRows = listOf(fields.rows).map((row) => textOf(fieldsOf(row).venue));
  const symbol = textOf(fields.symbol);
  const ofAsset = symbol === null ? [] : source.seriesOf(symbol).map((info) => info.venue);
  const missing = listOf(fieldsOf(fields.trust ?? null).missing)
    .map((row) => textOf(row) ?? textOf(fieldsOf(row).venue));
  const named = [listed, inRows, ofAsset]
    .map((list) => list.filter((venue) => venue !== null))
    .find((list) => list.length > 0) ?? [];
  return [...new Set([...named, ...missing.filter((venue) => venue !== null)])];
}

/** Every span and anchor, under the name of the field that holds it; equal spans once. */
function collect(
  value: Json,
  name: string,
  depth: number,
  spans: NamedSpan[],
  anchors: Anchor[],
): void {
  if (value === null || typeof value !== "object" || depth < 0) return;
  const fields = fieldsOf(value);
  const [fromMs, toMs] = [numberOf(fields.fromMs), numberOf(fields.toMs)];
  const known = spans.some((span) => span.fromMs === fromMs && span.toMs === toMs);
  if (fromMs !== null && toMs !== null && !known) spans.push({ name, fromMs, toMs });
  const anchorMs = numberOf(fields.anchorMs);
  if (anchorMs !== null) anchors.push({ name, anchorMs });
  for (const [key, part] of Object.entries(fields)) {
    collect(part, key, depth - 1, spans, anchors);
  }
}

/** The fields of an object; of anything else, lists included, none. */
function fieldsOf(value: Json): Fields {
  return value === null || typeof value !== "object" || isList(value) ? {} : value;
}

function listOf(value: Json | undefined): readonly Json[] {
  return value !== undefined && isList(value) ? value : [];
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}

function textOf(value: Json | undefined): string | null {
  return typeof value === "string" ? value : null;
}
