// This module is pure.
/** The message of one firing, or of several at once. */
import type { Button } from "../../reply/command.ts";
import { bold, escape } from "../../reply/html.ts";
import { price as priceText, signedPercent } from "../../reply/numbers.ts";
import { clockSeconds } from "../../reply/times.ts";
import type { Zone } from "../../reply/zone.ts";
import { metricNamed } from "../metric/table.ts";
import { valueText } from "../rule/text.ts";
import type { Firing } from "./firing.ts";

/** More than these are a list, with a line each. */
const CARDS = 3;
/** So many lines fit into a message, whatever they say. */
export const LINES = 20;

/** What the price did in the first minutes after a firing, fractions. */
export interface After {
  readonly minutes: number;
  /** By the firing's id; `null` unknown. */
  readonly changes: Readonly<Record<string, number | null>>;
}

export interface Message {
  readonly html: string;
  readonly buttons: readonly (readonly Button[])[];
}

/** Severe ones first, as they come; `repeat` marks what may have arrived before. */
export function message(
  firings: readonly Firing[],
  zone: Zone,
  repeat: boolean,
  after: readonly After[] = [],
): Message {
  const [only] = firings;
  const head = repeat ? ["(repeat) sent before, but its arrival is not known"] : [];
  if (only && firings.length === 1) {
    return { html: [...head, card(only, zone, after)].join("\n"), buttons: cardButtons(only) };
  }
  const parts = firings.length <= CARDS
    ? firings.map((firing) => `${card(firing, zone, after)}\n`)
    : firings.map((firing) => line(firing, zone, after));
  return {
    html: [...head, bold(`${firings.length} alerts`), ...parts].join("\n").trimEnd(),
    buttons: [[{ label: "All rules", ask: "/alerts" }, { label: "Mute all 1 h", ask: MUTE_ALL }]],
  };
}

const MUTE_ALL = "/alerts mute all 1h";

/** What fired it, as its metric is read: `2.31M`, `−0.0100%`, `new longs`. */
export function amount({ metric, value }: Pick<Firing, "metric" | "value">): string {
  const row = metricNamed(metric);
  return row ? valueText(row, value) : String(value);
}

function card(firing: Firing, zone: Zone, after: readonly After[]): string {
  const { asset, text, ruleId, hit, atMs, price, spark, trust } = firing;
  const title = metricNamed(firing.metric)?.title ?? firing.metric;
  return [
    `🔔 ${bold(`${asset} ${title} ${amount(firing)}`)}`,
    `${escape(text)} · ${ruleId}#${hit} · ${clockSeconds(atMs, zone)} ${escape(zone.label)}`,
    ...(price === null ? [] : [`price ${priceText(price)}${spark === "" ? "" : ` ${spark}`}`]),
    ...afterLine(firing, after),
    ...(firing.lastOf === undefined ? [] : [`${lastWords(firing.lastOf)}; silent until 00:00 UTC`]),
    ...(trust === "" ? [] : [trust]),
  ].join("\n");
}

function lastWords(cap: number): string {
  return `the last of ${cap} today`;
}

/** `+0.42% in 15 min · −1.10% in 60 min` */
function afterLine({ id }: Firing, after: readonly After[]): string[] {
  const parts = after.flatMap(({ minutes, changes }) => {
    const change = changes[id];
    return change === undefined || change === null
      ? []
      : [`${signedPercent(change)} in ${minutes} min`];
  });
  return parts.length === 0 ? [] : [`since: ${parts.join(" · ")}`];
}

function line(firing: Firing, zone: Zone, after: readonly After[]): string {
  const { text, ruleId, hit, asset, atMs, lastOf } = firing;
  const where = text.startsWith(asset) ? "" : `${escape(asset)} · `;
  const since = afterLine(firing, after).map((words) => ` · ${words}`).join("");
  return `• ${where}${escape(text)}: <b>${escape(amount(firing))}</b> · ${ruleId}#${hit} · ${
    clockSeconds(atMs, zone)
  }${lastOf === undefined ? "" : ` · ${lastWords(lastOf)}`}${since}`;
}

function cardButtons({ ruleId, text, shownBy }: Firing): Button[][] {
  const harder = / (?:is|flips|crosses) ?/.test(text)
    ? []
    : [{ label: /< -|> (?!-)/.test(text) ? "+25 %" : "−25 %", ask: `/alert harder ${ruleId}` }];
  return [
    [{ label: "Mute 1 h", ask: `/alert mute ${ruleId} 1h` }, ...harder],
    [
      { label: "Chart", ask: shownBy },
      { label: "Why", ask: `/alert why ${ruleId}` },
      { label: "Delete", ask: `/alert delete ${ruleId}` },
    ],
  ];
}
