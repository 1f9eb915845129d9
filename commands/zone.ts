// This module is pure.
/** `/zone`: in which zone this asker reads times. */
import { nearestNames } from "../lib/market/instrument.ts";
import type { Button, Command, Reply } from "../lib/reply/command.ts";
import { bold, clean, echo, escape } from "../lib/reply/html.ts";
import { clock } from "../lib/reply/times.ts";
import { type Zone, ZONE_KEY, zoneLabel, zoneNamed, zoneOf } from "../lib/reply/zone.ts";

/** To press without typing: where most of the world's traders wake up. */
const OFFERED = [
  ["UTC", "Europe/London", "Europe/Berlin"],
  ["America/New_York", "America/Sao_Paulo", "Asia/Dubai"],
  ["Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo"],
];

export const zone: Command = {
  name: "zone",
  usage: "[place]",
  description: "Time zone of your replies and charts",
  changes: true,
  details: [
    "A place of the time zone database, or its last word: /zone Europe/Berlin, /zone tokyo",
    "Bars and days stay aligned to UTC; only the clock on them changes.",
  ],
  async run({ words, source, asker, desk }) {
    const nowMs = source.nowMs();
    const typed = words.join("_");
    if (typed === "") return told(await zoneOf({ asker, desk }), nowMs);
    const found = zoneNamed(typed) ?? placed(typed);
    if (!found) return unknown(typed);
    await desk.remember(asker.id, ZONE_KEY, found.name);
    return told(found, nowMs);
  },
};

function told(shown: Zone, nowMs: number): Reply {
  const { name, label } = shown;
  const hours = shown.offset(nowMs) / 3_600_000;
  const ahead = `${hours < 0 ? "−" : "+"}${Math.abs(hours)} h`;
  return {
    html: `Times are ${bold(name)}: it is ${clock(nowMs, shown)} ${
      escape(label)
    }, UTC ${ahead} now`,
    data: { zone: name, offsetHours: hours },
    buttons: offered(),
  };
}

function unknown(typed: string): Reply {
  const names = Intl.supportedValuesOf("timeZone");
  const places = new Map(names.map((name) => [placeOf(name), name]));
  const nearest = nearestNames(placeOf(clean(typed).slice(0, 40)), places.keys())
    .map((place) => places.get(place) ?? place);
  return {
    html: `No time zone <b>${echo(typed)}</b>. Nearest: ${nearest.map(escape).join(", ")}`,
    data: { problem: { kind: "zone", typed: clean(typed), nearest } },
    buttons: [nearest.map(button)],
  };
}

const CONTINENTS = ["Europe", "America", "Asia", "Africa", "Australia", "Pacific", "Atlantic"];

/** The zone whose place is typed without its continent. */
function placed(typed: string): Zone | null {
  for (const continent of CONTINENTS) {
    const found = zoneNamed(`${continent}/${typed}`);
    if (found) return found;
  }
  const place = placeOf(typed);
  const name = Intl.supportedValuesOf("timeZone").find((zone) => placeOf(zone) === place);
  return name === undefined ? null : zoneNamed(name);
}

/** `America/New_York` → `new_york` */
function placeOf(name: string): string {
  return (name.split("/").at(-1) ?? name).toLowerCase();
}

function offered(): Button[][] {
  return OFFERED.map((row) => row.map(button));
}

function button(name: string): Button {
  return { label: zoneLabel(name), ask: `/zone ${name}` };
}
