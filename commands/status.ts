// This module is pure.
/** `/status`: whether the service hears, keeps and repairs what it should. */
import type { Source } from "../lib/market/source.ts";
import type { Command, Status } from "../lib/reply/command.ts";
import { bold, escape, pre } from "../lib/reply/html.ts";
import { compact } from "../lib/reply/numbers.ts";
import { table } from "../lib/reply/table.ts";
import { age, clock, duration } from "../lib/reply/times.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";

export const status: Command = {
  name: "status",
  usage: "",
  description: "Streams, gaps, repair, memory and disk",
  details: [
    "Counts are since the start. A gap is a hole in a venue's numbered trades.",
    "Repair: minutes that still lack something, that were filled, and that cannot be had.",
  ],
  formulas: [
    "live = every enabled stream of the venue delivers (its first data and its ack came)",
    "age = now − the exchange's time of the newest trade of all markets",
    "memory = resident set of the process; disk = the store's file with its log, and the " +
    "room held so that old data can still be deleted on a full disk",
  ],
  async run({ source, asker, desk }) {
    const state = desk.status();
    const nowMs = source.nowMs();
    const ageMs = newestAge(source, nowMs);
    const live = state.venues.filter((venue) => venue.live).length;
    const trust = { venuesLive: live, venuesAsked: state.venues.length, ageMs };
    return {
      html: page(state, nowMs, trust, await zoneOf({ asker, desk })),
      data: { nowMs, uptimeMs: uptime(state, nowMs), ...state, trust },
      buttons: [[
        { label: "Refresh", ask: "/status" },
        { label: "Watch list", ask: "/watch" },
      ]],
    };
  },
};

interface LiveTrust {
  readonly venuesLive: number;
  readonly venuesAsked: number;
  readonly ageMs: number | null;
}

function uptime({ startedMs }: Status, nowMs: number): number {
  return Math.max(0, nowMs - startedMs);
}

function newestAge(source: Source, nowMs: number): number | null {
  let newest: number | null = null;
  for (const info of source.allSeries()) {
    const tradeMs = source.latest(info)?.tradeMs ?? null;
    if (tradeMs !== null) newest = Math.max(newest ?? tradeMs, tradeMs);
  }
  return newest === null ? null : Math.max(0, nowMs - newest);
}

function page(state: Status, nowMs: number, trust: LiveTrust, zone: Zone): string {
  const { version, venues, repair, residentBytes } = state;
  const up = duration(uptime(state, nowMs));
  const silent = venues.filter((venue) => !venue.live);
  return [
    `${bold(`Tapewatch ${version}`)} · up ${up} · ${clock(nowMs, zone)} ${escape(zone.label)}`,
    ...silent.map(({ venue, reason }) => `${escape(venue)}: ${escape(reason ?? "not live")}`),
    ...venueTables(state),
    `Repair: ${repair.waiting} min waiting, ${repair.repaired} repaired, ${repair.lost} lost`,
    ...storeLines(state),
    `Memory ${bytes(residentBytes)}`,
    [
      `${trust.venuesLive}/${trust.venuesAsked} venues live`,
      trust.ageMs === null ? "no data yet" : age(trust.ageMs),
    ].join(" · "),
  ].join("\n");
}

function venueTables({ venues }: Status): string[] {
  if (venues.length === 0) return ["No venue is enabled"];
  const heard = venues.map((row) => [
    (row.live ? "" : "!") + row.venue,
    compact(row.markets),
    compact(row.trades),
    compact(row.frames),
  ]);
  const faults = venues.map((row) => [
    (row.live ? "" : "!") + row.venue,
    compact(row.gaps),
    compact(row.reconnects),
    compact(row.parseErrors),
  ]);
  return [
    pre(table(["", "mkts", "trades", "frames"], heard)),
    pre(table(["", "gaps", "reconn.", "parse"], faults)),
    ...(venues.every((row) => row.live) ? [] : ["! not live"]),
  ];
}

function storeLines({ store }: Status): string[] {
  const { rowsWritten, bytesWritten, rowsSkipped, writeErrors, disk } = store;
  return [
    `Store: ${compact(rowsWritten)} rows, ${bytes(bytesWritten)} written, ` +
    `${writeErrors} write errors, ${rowsSkipped} unreadable`,
    `Disk: ${disk === null ? "not watched" : diskText(disk)}`,
  ];
}

function diskText(disk: NonNullable<Status["store"]["disk"]>): string {
  const { state, fileBytes, reserveBytes, reserveGoalBytes } = disk;
  const goal = reserveBytes === reserveGoalBytes ? "" : ` of ${bytes(reserveGoalBytes)}`;
  return `${bytes(fileBytes)} used, ${bytes(reserveBytes)}${goal} in reserve` +
    (state === "ok" ? "" : ` — ${state}, ${state === "low" ? "no minute" : "nothing"} is written`);
}

const UNITS: readonly (readonly [size: number, name: string])[] = [
  [1e12, "TB"],
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
];

/** `54.3 MB`, decimal units. */
function bytes(value: number): string {
  const [size, name] = UNITS.find(([unit]) => value >= unit) ?? [1, "B"];
  return `${(value / size).toFixed(size === 1 ? 0 : 1)} ${name}`;
}
