// This module is pure.
/**
 * Reads a symbol and a timeframe out of a command's words, in any order and spelling,
 * and says what is wrong with them in a reply that can be pressed.
 */
import { nearestNames, QUOTES, typedAsset } from "../market/instrument.ts";
import type { Source } from "../market/source.ts";
import {
  looksLikeTimeframe,
  parseTimeframe,
  type Timeframe,
  timeframeName,
  TIMEFRAMES,
} from "../market/windows.ts";
import type { Button, Reply } from "./command.ts";
import { clean, echo, escape } from "./html.ts";

/** The first thing in the words that could not be read. */
export type Problem =
  | { readonly kind: "symbol"; readonly typed: string; readonly nearest: readonly string[] }
  | { readonly kind: "timeframe"; readonly typed: string }
  | { readonly kind: "extra"; readonly typed: string };

export interface Arguments {
  readonly asset: string;
  readonly timeframe: Timeframe;
  readonly problem: Problem | null;
}

export interface Defaults {
  readonly asset: string;
  readonly timeframe: Timeframe;
}

/** Words that only spell out a pair which is already understood: `BTC USDT perp`. */
const PAIR_WORDS = new Set([...QUOTES, "PERP", "SWAP", "SPOT", "/", "-"]);

/** Reads the words; what is not given is taken from the defaults. */
export function readArguments(
  words: readonly string[],
  source: Pick<Source, "assets" | "listed">,
  defaults: Defaults,
): Arguments {
  const names = new Set([...source.assets(), ...source.listed()]);
  let asset: string | null = null;
  let timeframe: Timeframe | null = null;
  let problem: Problem | null = null;
  for (const word of words) {
    const length = parseTimeframe(word);
    // Names such as `4` and `1INCH` begin like a length of time.
    const named = length === null ? assetNamed(word, names) : null;
    if (length !== null) {
      if (timeframe === null) timeframe = length;
      else problem ??= { kind: "extra", typed: word };
    } else if (named !== null && (asset === null || asset === named)) asset = named;
    else if (asset !== null && PAIR_WORDS.has(word.toUpperCase())) continue;
    else if (named === null && looksLikeTimeframe(word)) {
      problem ??= { kind: "timeframe", typed: word };
    } else if (asset !== null) problem ??= { kind: "extra", typed: word };
    else problem ??= { kind: "symbol", typed: word, nearest: nearest(word, names) };
  }
  return {
    asset: asset ?? defaults.asset,
    timeframe: timeframe ?? defaults.timeframe,
    problem,
  };
}

/** The listed asset that a word names, `btc-usdt` → `BTC`, or `null`. */
export function assetNamed(word: string, names: ReadonlySet<string>): string | null {
  const exact = clean(word).toUpperCase().replace(/^[$#]/, "");
  if (names.has(exact)) return exact;
  const asset = typedAsset(clean(word));
  return names.has(asset) ? asset : null;
}

/** The reply to arguments with a problem; `ask` writes the command that a button asks. */
export function problemReply(
  { asset, timeframe, problem }: Arguments & { readonly problem: Problem },
  ask: (asset: string, timeframe: Timeframe) => string,
): Reply {
  switch (problem.kind) {
    case "symbol": {
      const near = problem.nearest.map(escape).join(", ");
      return {
        html: `No symbol <b>${echo(problem.typed)}</b> on the enabled venues.` +
          (near === "" ? "" : ` Nearest: ${near}`),
        data: problemData(problem, problem.nearest),
        buttons: row(problem.nearest.map((name) => ({ label: name, ask: ask(name, timeframe) }))),
      };
    }
    case "timeframe": {
      const five = TIMEFRAMES.map(timeframeName);
      return {
        html: `No timeframe <b>${echo(problem.typed)}</b>. There are five: ${five.join(" ")}`,
        data: problemData(problem, five),
        buttons: row(TIMEFRAMES.map((choice) => ({
          label: timeframeName(choice),
          ask: ask(asset, choice),
        }))),
      };
    }
    case "extra":
      return {
        html: `One symbol and one timeframe at a time: <b>${echo(problem.typed)}</b> is too much`,
        data: problemData(problem, []),
        buttons: row([{ label: ask(asset, timeframe), ask: ask(asset, timeframe) }]),
      };
  }
}

function problemData(problem: Problem, nearest: readonly string[]) {
  return { problem: { kind: problem.kind, typed: clean(problem.typed), nearest } };
}

function row(buttons: readonly Button[]): readonly (readonly Button[])[] {
  return buttons.length === 0 ? [] : [buttons];
}

function nearest(word: string, names: ReadonlySet<string>): string[] {
  // Distance is quadratic in length, and no name is longer than this.
  const typed = typedAsset(clean(word)).slice(0, 20);
  return nearestNames(typed, names);
}
