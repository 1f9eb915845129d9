// This module is pure.
/** `/alerts`: all rules of the asker, what fired, and when nothing may sound. */
import type { AlertDesk, AlertSettings, ShownFiring, ShownRule } from "../lib/alerts/alert_desk.ts";
import type { QuietHours } from "../lib/alerts/deliver/quiet.ts";
import type { Ask, Button, Command, Json, Reply } from "../lib/reply/command.ts";
import { bold, clean, echo, escape } from "../lib/reply/html.ts";
import { price } from "../lib/reply/numbers.ts";
import { clock, clockAndDay } from "../lib/reply/times.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { buttonRows, minutesIn, noAlerts } from "./_alert_pages.ts";
import { clockMinute, clockText } from "./_clock.ts";

/** Rules of a page, and firings shown. */
const SHOWN = 20;
/** Rules that get a button. */
const PRESSED = 6;

export const alerts: Command = {
  name: "alerts",
  usage: "[page 2|history|quiet 23:00-07:00|mute all 1h]",
  description: "Your rules, closest to firing first; what fired",
  changes: true,
  details: [
    "/alerts history: the newest firings. /alerts quiet 23:00-07:00: no sound then but of " +
    "critical ones; /alerts quiet off. /alerts mute all 1h, /alerts unmute all",
    "Arm one: /alert btc liq 5m > 2m",
  ],
  formulas: [
    "distance = how far the newest value is from the threshold, in parts of the threshold",
  ],
  async run(ask) {
    const { alerts: desk, words: [verb = "", ...rest] } = ask;
    if (!desk) return noAlerts();
    switch (verb.toLowerCase()) {
      case "":
        return await list(ask, desk, null);
      case "page": {
        const [typed = "", ...more] = rest;
        const page = /^[1-9]\d{0,3}$/.test(typed) && more.length === 0 ? Number(typed) : null;
        return page === null ? misread(`page ${typed}`) : await list(ask, desk, null, page);
      }
      case "history":
        return await history(ask, desk);
      case "quiet":
        return await quiet(ask, desk, rest.join(""));
      case "mute":
      case "unmute":
        return await muteAll(ask, desk, verb.toLowerCase() === "mute", rest);
      default:
        return misread(verb);
    }
  },
};

async function list(
  ask: Ask,
  desk: AlertDesk,
  done: string | null,
  wanted = 1,
): Promise<Reply> {
  const zone = await zoneOf(ask);
  const nowMs = ask.source.nowMs();
  const rules = desk.rules(ask.asker);
  const settings = await desk.settings(ask.asker);
  const pages = Math.max(1, Math.ceil(rules.length / SHOWN));
  const page = Math.min(wanted, pages);
  const fromNth = (page - 1) * SHOWN;
  const onPage = rules.slice(fromNth, fromNth + SHOWN);
  const which = pages === 1 ? "" : ` · ${fromNth + 1}–${fromNth + onPage.length}`;
  return {
    html: [
      ...(done === null ? [] : [escape(done)]),
      `${bold(`${rules.length} rules`)}${which} · ${clock(nowMs, zone)} ${escape(zone.label)}`,
      ...onPage.map((rule) => ruleLine(rule)),
      ...(rules.length === 0 ? ["None yet. Example: /alert btc liq 5m &gt; 2m"] : []),
      settingsLine(settings),
    ].join("\n"),
    data: { nowMs, rules: [...rules], settings } satisfies Json,
    buttons: [
      ...buttonRows(
        onPage.slice(0, PRESSED).map(({ id, core }) => ({
          label: `${id} ${core}`.slice(0, 30),
          ask: `/alert why ${id}`,
        })),
        2,
      ),
      ...buttonRows([
        ...(page > 1 ? [{ label: `‹ Page ${page - 1}`, ask: pageAsk(page - 1) }] : []),
        ...(page < pages ? [{ label: `Page ${page + 1} ›`, ask: pageAsk(page + 1) }] : []),
      ], 2),
      [...FOOT, { label: "Refresh", ask: pageAsk(page) }],
    ],
  };
}

function pageAsk(page: number): string {
  return page === 1 ? "/alerts" : `/alerts page ${page}`;
}

const FOOT: readonly Button[] = [
  { label: "New", ask: "/alert" },
  { label: "History", ask: "/alerts history" },
  { label: "Mute all 1 h", ask: "/alerts mute all 1h" },
];

const MARKS: Readonly<Record<ShownRule["state"], string>> = {
  armed: "●",
  fired: "○",
  waiting: "…",
  muted: "🔇",
  blind: "!",
  off: "–",
};

/** `● a7 BTC liq 5m > 2M · now 1.31M · 34% off · 5 hits` */
function ruleLine(rule: ShownRule): string {
  const { id, core, state, value, asset, distance, hits, isCapped } = rule;
  const where = asset === null || core.startsWith(asset) ? "" : ` ${escape(asset)}`;
  return [
    `${MARKS[state]} <b>${id}</b> ${escape(core)}`,
    ...(value === null ? [] : [`now${where} ${escape(value)}`]),
    ...(isCapped ? ["cap reached today"] : []),
    ...(distance === null || state !== "armed" ? [] : [`${percentOff(distance)} off`]),
    `${hits} ${hits === 1 ? "hit" : "hits"}`,
  ].join(" · ");
}

function percentOff(distance: number): string {
  return distance < 9.99 ? `${(distance * 100).toFixed(distance < 0.1 ? 1 : 0)}%` : "far";
}

function settingsLine({ quiet, shut, waiting, dailyMinute }: AlertSettings): string {
  return [
    quiet === null
      ? "no quiet hours"
      : `quiet ${clockText(quiet.fromMinute)}–${clockText(quiet.toMinute)}`,
    ...(dailyMinute === null ? [] : [`brief daily ${clockText(dailyMinute)}`]),
    ...(waiting === 0 ? [] : [`${waiting} on their way`]),
    ...(shut === null ? [] : [escape(shut)]),
  ].join(" · ");
}

async function history(ask: Ask, desk: AlertDesk): Promise<Reply> {
  const zone: Zone = await zoneOf(ask);
  const nowMs = ask.source.nowMs();
  const fired = await desk.history(ask.asker, SHOWN);
  const line = ({ atMs, text, asset, amount, price: then, metric, ruleId, hit }: ShownFiring) => {
    const where = text.startsWith(asset) ? "" : ` ${escape(asset)}`;
    return `${clockAndDay(atMs, nowMs, zone)} <b>${ruleId}#${hit}</b>${where} ${escape(text)}: ${
      escape(amount)
    }` +
      (then === null || metric === "price" ? "" : ` at ${price(then)}`);
  };
  return {
    html: [
      `${bold("Fired")}, the newest first · ${clock(nowMs, zone)} ${escape(zone.label)}`,
      ...fired.map(line),
      ...(fired.length === 0 ? ["Nothing in the last 30 days"] : []),
    ].join("\n"),
    data: { nowMs, fired: [...fired] } satisfies Json,
    buttons: [[{ label: "Refresh", ask: "/alerts history" }, { label: "Rules", ask: "/alerts" }]],
  };
}

async function quiet(ask: Ask, desk: AlertDesk, typed: string): Promise<Reply> {
  if (/^(off|none)$/i.test(typed)) {
    await desk.setQuiet(ask.asker, null);
    return await list(ask, desk, "No quiet hours any more");
  }
  const hours = hoursIn(typed);
  if (hours === null) return misread(`quiet ${typed}`);
  const kept = await desk.setQuiet(ask.asker, hours);
  if (!kept) return await list(ask, desk, "Quiet hours are not kept: no alert is sent from here");
  const { label } = await zoneOf(ask);
  const span = `${clockText(hours.fromMinute)}–${clockText(hours.toMinute)} ${label}`;
  return await list(ask, desk, `Quiet ${span}: only critical alerts sound then`);
}

/** `23:00-07:00`, `23-7`; `null` for anything else, and for no time at all. */
function hoursIn(text: string): QuietHours | null {
  const [from, to, ...more] = text.replaceAll("–", "-").split("-").map(clockMinute);
  if (from === undefined || to === undefined || more.length > 0) return null;
  return from === null || to === null || from === to ? null : { fromMinute: from, toMinute: to };
}

async function muteAll(
  ask: Ask,
  desk: AlertDesk,
  mute: boolean,
  [who = "all", length = "1h"]: readonly string[],
): Promise<Reply> {
  const minutes = mute ? minutesIn(length) : 0;
  if (who.toLowerCase() !== "all" || minutes === null) return misread(`mute ${who} ${length}`);
  const count = await desk.muteAll(ask.asker, minutes);
  return await list(ask, desk, `${count} rules ${mute ? `muted for ${length}` : "listen again"}`);
}

function misread(typed: string): Reply {
  const nearest = ["/alerts history", "/alerts quiet 23:00-07:00", "/alerts mute all 1h"];
  return {
    html: `Cannot read <b>${echo(typed)}</b>. There are ${nearest.map(escape).join(", ")}`,
    data: { problem: { kind: "alerts", typed: clean(typed), nearest } },
    buttons: nearest.map((ask) => [{ label: ask, ask }]),
  };
}
