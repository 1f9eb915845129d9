// This module is pure.
/** `/watch`: which assets are collected, and one more or one less of them. */
import { nearestNames, typedAsset } from "../lib/market/instrument.ts";
import type { Source } from "../lib/market/source.ts";
import { assetNamed } from "../lib/reply/arguments.ts";
import type { Ask, Button, Command, Reply } from "../lib/reply/command.ts";
import { bold, clean, echo, escape } from "../lib/reply/html.ts";
import { clock } from "../lib/reply/times.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";

const ADD = new Set(["add", "+"]);
const REMOVE = new Set(["remove", "rm", "del", "delete", "-", "−"]);
/** Buttons a row, and rows. */
const ROW = 4;
const ROWS = 6;

export const watch: Command = {
  name: "watch",
  usage: "[add|remove symbol]",
  description: "The assets that are collected; add or remove one",
  changes: true,
  details: [
    "An asset is collected on every enabled venue that lists it, and stays over restarts.",
    "Assets from SYMBOLS can only be taken out there.",
    "Examples: /watch add pepe, /watch -pepe",
  ],
  async run(ask) {
    const { words, source, desk } = ask;
    const asked = readWish(words);
    if (!asked) return overview(ask, null);
    const { add, typed } = asked;
    if (add === null || typed === undefined) return misread(add, typed);
    const names = new Set([...desk.watched(), ...source.assets(), ...source.listed()]);
    const asset = assetNamed(typed, names);
    if (asset === null) return unlisted(typed, names, add);
    const result = add ? await desk.watch(asset) : await desk.unwatch(asset);
    return overview(ask, { asset, result });
  },
};

interface Wish {
  /** `null` where the first word is neither. */
  readonly add: boolean | null;
  readonly typed: string | undefined;
}

/** `add pepe`, `+pepe`, `+ pepe`; `null` for no words. */
function readWish([first, second, ...rest]: readonly string[]): Wish | null {
  if (first === undefined) return null;
  const verb = first.toLowerCase();
  const add = ADD.has(verb) ? true : REMOVE.has(verb) ? false : null;
  // Two at once would be half done where one of them is unknown.
  if (add !== null) return { add: rest.length > 0 ? null : add, typed: rest[0] ?? second };
  const signed = /^([+\-−])(.+)$/u.exec(first);
  if (!signed || second !== undefined) return { add: null, typed: second ?? first };
  return { add: signed[1] === "+", typed: signed[2] };
}

// A type alias: it leaves in the reply's data.
type Done = {
  readonly asset: string;
  readonly result: "added" | "held" | "unlisted" | "removed" | "absent" | "configured";
};

function sentence({ asset, result }: Done): string {
  const name = bold(asset);
  switch (result) {
    case "added":
      return `${name} is collected from now on`;
    case "held":
      return `${name} is collected already`;
    case "unlisted":
      return `No enabled venue lists ${name}`;
    case "removed":
      return `${name} is not collected any more; what is stored stays`;
    case "absent":
      return `${name} was not collected`;
    case "configured":
      return `${name} comes from SYMBOLS and can only be taken out there`;
  }
}

async function overview(ask: Ask, done: Done | null): Promise<Reply> {
  const { source, desk } = ask;
  const zone: Zone = await zoneOf(ask);
  const watched = desk.watched();
  const configured = desk.configured();
  const added = watched.filter((asset) => !configured.includes(asset));
  const held = new Set(source.assets());
  const waiting = watched.filter((asset) => !held.has(asset));
  const nowMs = source.nowMs();
  const listed = (names: readonly string[]) => names.map(escape).join(" ");
  return {
    html: [
      ...(done ? [sentence(done)] : []),
      `${bold(`Watching ${watched.length}`)} · ${clock(nowMs, zone)} ${escape(zone.label)}`,
      ...(configured.length > 0 ? [`From SYMBOLS: ${listed(configured)}`] : []),
      ...(added.length > 0 ? [`Added here: ${listed(added)}`] : []),
      ...(watched.length === 0 ? ["Nothing yet. Example: /watch add pepe"] : []),
      ...(waiting.length > 0 ? [`No data yet: ${listed(waiting)}`] : []),
      venueLine(source),
    ].join("\n"),
    data: { nowMs, watched: [...watched], configured: [...configured], added, waiting, done },
    buttons: [...removeButtons(added), [{ label: "Refresh", ask: "/watch" }]],
  };
}

/** Stands for the trust line: a list has no minutes, but venues that hear it. */
function venueLine(source: Source): string {
  const venues = source.venues();
  const quiet = venues.filter((venue) => !venue.live).map((venue) => escape(venue.venue));
  const live = `${venues.length - quiet.length}/${venues.length} venues live`;
  return [live, ...quiet.map((venue) => `${venue} down`)].join(" · ");
}

function removeButtons(added: readonly string[]): Button[][] {
  const rows: Button[][] = [];
  for (let i = 0; i < added.length && rows.length < ROWS; i += ROW) {
    rows.push(
      added.slice(i, i + ROW).map((asset) => ({
        label: `− ${asset}`,
        ask: `/watch remove ${asset}`,
      })),
    );
  }
  return rows;
}

function misread(add: boolean | null, typed: string | undefined): Reply {
  const hint = "One symbol at a time: /watch add pepe, /watch remove pepe";
  const wrong = add === null && typed !== undefined
    ? `Cannot read <b>${echo(typed)}</b>. `
    : "Which symbol? ";
  return {
    html: wrong + hint,
    data: { problem: { kind: "watch", typed: clean(typed ?? ""), nearest: [] } },
    buttons: [[{ label: "List", ask: "/watch" }]],
  };
}

function unlisted(typed: string, names: ReadonlySet<string>, add: boolean): Reply {
  const nearest = nearestNames(typedAsset(clean(typed)).slice(0, 20), names);
  const near = nearest.length === 0 ? "" : ` Nearest: ${nearest.map(escape).join(", ")}`;
  const verb = add ? "add" : "remove";
  return {
    html: `No symbol <b>${echo(typed)}</b> on the enabled venues.${near}`,
    data: { problem: { kind: "symbol", typed: clean(typed), nearest } },
    buttons: nearest.length === 0
      ? []
      : [nearest.map((name) => ({ label: name, ask: `/watch ${verb} ${name}` }))],
  };
}
