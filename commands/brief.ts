// This module is pure.
/** `/brief`: what is unusual about the watched assets since the last look. */
import { closedQuarters } from "../lib/market/quarter.ts";
import type { BriefMetric } from "../lib/market/study/brief.ts";
import type { Ask, Asker, Button, Command, Desk, Reply } from "../lib/reply/command.ts";
import { bold, clean, echo, escape, pre } from "../lib/reply/html.ts";
import { compact, delta, signedPercent } from "../lib/reply/numbers.ts";
import { table } from "../lib/reply/table.ts";
import { clock, clockAndDay, duration } from "../lib/reply/times.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { clockMinute, clockText } from "./_clock.ts";
import { type BriefRow, type BriefStudy, LONGEST_MINUTES, studyBrief } from "./_brief_study.ts";

const MINUTE_MS = 60_000;
const KEY = "brief";
/** Where the last look is not known, or a length cannot be compared. */
const USUAL_MINUTES = 60;
/** Looks this close together are one: a refresh tells the same window. */
const SAME_LOOK_MS = 5 * MINUTE_MS;
/** Below this a robust z is what chance makes of a hundred values. */
const REMARKABLE = 3.5;

const LABELS: Readonly<Record<BriefMetric, string>> = {
  price: "price",
  cvd: "CVD",
  oi: "OI",
  funding: "fund.",
  liquidations: "liq.",
};

export const brief: Command = {
  name: "brief",
  usage: "[1h|4h|…|daily 08:00]",
  description: "The most unusual changes since your last look",
  changes: true,
  details: [
    "Price, CVD, OI, funding and liquidations of every watched asset's perpetuals, against " +
    "the windows of the same length in the last 24 h; the five largest |z|.",
    "From 15 minutes to 8 hours up to the last closed quarter-hour; 1 h at the first look. " +
    "Example: /brief 4h",
    "/brief daily 08:00 sends it every day at that time of your /zone; /brief daily off",
  ],
  formulas: [
    "window = from your last look to the last closed quarter-hour, in whole ones (bars of 15m)",
    "z = 0.6745 × (change − median) ÷ MAD over all earlier windows of its length in 24 h that " +
    "share no minute with it; at least 8 of them",
    "where more than half of those are the same, the mean absolute deviation × 1.2533 stands " +
    "in for MAD ÷ 0.6745, this window included; z is held within ±99",
    "price, OI: end ÷ start − 1; CVD: Σ delta, USD; liquidations: Σ both sides, USD; funding: " +
    "change of the mean 8 h rate",
    "price, OI and rate stand as they were last known in the bar that ends there; price needs " +
    "90 % of that bar's coverage, a sum 90 % of the window's",
    "spot where an asset has no perpetual; liquidations of live bars only",
  ],
  async run(ask) {
    const { words, source, asker, desk } = ask;
    if (words[0]?.toLowerCase() === "daily") return await daily(ask, words.slice(1));
    const [typed, extra] = words;
    const wrong = extra ?? typed;
    const given = typed === undefined ? null : minutesOf(typed);
    if (wrong !== undefined && (extra !== undefined || given === null)) return misread(wrong);
    const nowMs = source.nowMs();
    const sinceMs = given === null ? await look(desk, asker, nowMs) : null;
    const { toMs } = closedQuarters(1, nowMs);
    const minutes = given ?? (sinceMs === null ? USUAL_MINUTES : (toMs - sinceMs) / MINUTE_MS);
    const watched = desk.watched().filter((asset) => source.seriesOf(asset).length > 0);
    const study = await studyBrief(source, watched, minutes);
    const data = { ...study, lastLookMs: sinceMs };
    const again = typed === undefined ? "/brief" : `/brief ${clean(typed)}`;
    return {
      html: page(study, sinceMs, await zoneOf({ asker, desk })),
      data,
      buttons: buttons(study, again),
    };
  },
};

/** `daily 08:00`, `daily off`, or `daily` alone, which tells what is set. */
async function daily(ask: Ask, [typed, extra]: readonly string[]): Promise<Reply> {
  const { alerts, asker } = ask;
  if (!alerts) return misread("daily");
  const { label } = await zoneOf(ask);
  const off = /^(off|none|stop)$/i.test(typed ?? "");
  const minute = typed === undefined || off ? null : clockMinute(typed);
  if (extra !== undefined || (typed !== undefined && !off && minute === null)) {
    return misread(`daily ${typed} ${extra ?? ""}`.trim());
  }
  const before = await alerts.settings(asker);
  if (before.shut !== null) {
    return {
      html: escape(before.shut),
      data: { problem: { kind: "daily", typed: "", nearest: [] } },
    };
  }
  if (typed !== undefined) await alerts.setDaily(asker, minute);
  const { dailyMinute } = await alerts.settings(asker);
  return {
    html: dailyMinute === null
      ? "No morning note. To have one: /brief daily 08:00"
      : `The brief comes every day at ${bold(`${clockText(dailyMinute)} ${label}`)}`,
    data: { dailyMinute, zone: label },
    buttons: [
      ["07:00", "08:00", "09:00"].map((time) => ({ label: time, ask: `/brief daily ${time}` })),
      [{ label: "Off", ask: "/brief daily off" }, { label: "Now", ask: "/brief" }],
    ],
  };
}

/** `45m`, `4h` or `90`, minutes; `null` for anything else and beyond the longest. */
function minutesOf(text: string): number | null {
  const match = /^(\d{1,3})(m|min|h)?$/i.exec(text);
  if (!match) return null;
  const minutes = Number(match[1]) * (match[2]?.toLowerCase() === "h" ? 60 : 1);
  return minutes >= 1 && minutes <= LONGEST_MINUTES ? minutes : null;
}

/** When the asker looked before this look; `null` at the first. Remembers this one. */
async function look(desk: Desk, { id }: Asker, nowMs: number): Promise<number | null> {
  const kept = await desk.recall(id, KEY);
  const past = (value: unknown) =>
    typeof value === "number" && Number.isFinite(value) && value <= nowMs ? value : null;
  const { lookMs, sinceMs } = kept !== null && typeof kept === "object" && "lookMs" in kept
    ? { lookMs: past(kept.lookMs), sinceMs: past(kept.sinceMs) }
    : { lookMs: null, sinceMs: null };
  if (lookMs !== null && nowMs - lookMs < SAME_LOOK_MS) return sinceMs;
  await desk.remember(id, KEY, { lookMs: nowMs, sinceMs: lookMs });
  return lookMs;
}

function misread(typed: string): Reply {
  const lengths = ["1h", "4h", "8h"];
  return {
    html: `No length <b>${echo(typed)}</b>. From 15m to 8h: ${lengths.join(" ")}`,
    data: { problem: { kind: "length", typed: clean(typed), nearest: lengths } },
    buttons: [lengths.map((length) => ({ label: length, ask: `/brief ${length}` }))],
  };
}

function page(study: BriefStudy, sinceMs: number | null, zone: Zone): string {
  const { rows, assets, nowMs } = study;
  return [
    `${bold("Brief")} · ${clock(nowMs, zone)} ${escape(zone.label)}`,
    windowLine(study, sinceMs, zone),
    ...(rows.length > 0 ? [pre(lines(study))] : []),
    verdict(study),
    ...(study.unknown.length > 0 && rows.length > 0
      ? [`Too little history: ${study.unknown.map(escape).join(" ")}`]
      : []),
    ...(assets.length === 0 ? ["Nothing is watched: /watch add btc"] : []),
    trustLine(study.trust),
  ].join("\n");
}

function windowLine(
  { fromMs, toMs, nowMs, minutes }: BriefStudy,
  sinceMs: number | null,
  zone: Zone,
): string {
  const span = `${clockAndDay(fromMs, nowMs, zone)} – ${clock(toMs, zone)}, ${
    duration(minutes * MINUTE_MS)
  }`;
  if (sinceMs === null) return span;
  const capped = toMs - sinceMs > LONGEST_MINUTES * MINUTE_MS ? ", 8 h at most" : "";
  return `${span}; last look ${clockAndDay(sinceMs, nowMs, zone)}${capped}`;
}

function lines({ rows, sampled }: BriefStudy): string[] {
  const cells = rows.map((row) => [
    `${row.symbol} ${LABELS[row.metric]}`,
    amount(row, row.change, sampled),
    amount(row, row.usual, sampled),
    (row.z < 0 ? "−" : "+") + Math.abs(row.z).toFixed(1),
  ]);
  return table(["", "change", "usual", "z"], cells);
}

function amount({ metric }: BriefRow, value: number, sampled: boolean): string {
  switch (metric) {
    case "price":
    case "oi":
      return signedPercent(value);
    case "funding":
      return signedPercent(value, 4);
    case "cvd":
      return delta(value);
    case "liquidations":
      return (sampled ? "≥" : "") + compact(value);
  }
}

function verdict({ rows, assets }: BriefStudy): string {
  const [first] = rows;
  if (!first) {
    return assets.length === 0
      ? "No asset to tell of"
      : "Too little history to call anything unusual";
  }
  const windows = `z against up to ${Math.max(...rows.map((row) => row.windows))} windows of 24 h`;
  return Math.abs(first.z) < REMARKABLE ? `Nothing beyond |z| ${REMARKABLE}; ${windows}` : windows;
}

function buttons({ rows }: BriefStudy, again: string): Button[][] {
  const assets = [...new Set(rows.map((row) => row.symbol))].slice(0, 4);
  const about = assets.map((asset) => ({ label: asset, ask: `/oi ${asset}` }));
  return [...(about.length > 0 ? [about] : []), [
    { label: "Refresh", ask: again },
    { label: "1 h", ask: "/brief 1h" },
    { label: "4 h", ask: "/brief 4h" },
  ]];
}
