// This module is pure.
/** What may follow the threshold: severity, `cooldown 30m`, `cap 5`, `back 2%`. */
import { nearestNames } from "../../market/instrument.ts";
import {
  LARGEST_CAP,
  LONGEST_COOLDOWN_MINUTES,
  type Rule,
  SEVERITIES,
  type Severity,
} from "./rule.ts";

export type Options = Pick<Rule, "severity" | "cooldownMinutes" | "capPerDay" | "backPart">;

export interface OptionProblem {
  readonly typed: string;
  readonly message: string;
  readonly nearest: readonly string[];
}

const NAMES = [...SEVERITIES, "cooldown", "cap", "back"];

const UNITS: Readonly<Record<string, number>> = { m: 1, min: 1, h: 60, d: 1440 };

/** `30m`, `2h`, `1d` or bare minutes; `null` for anything else. */
export function readMinutes(text: string): number | null {
  const match = /^(\d{1,5})(m|min|h|d)?$/i.exec(text);
  return match ? Number(match[1]) * (UNITS[(match[2] ?? "m").toLowerCase()] ?? 1) : null;
}

/** The options with what the words change of them. */
export function readOptions(words: readonly string[], usual: Options): Options | OptionProblem {
  let options = usual;
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const name = word.toLowerCase();
    const severity = SEVERITIES.find((one): one is Severity => one === name);
    if (severity) {
      options = { ...options, severity };
      continue;
    }
    const amount = left.shift();
    const change = amount === undefined ? null : changeBy(name, amount);
    if (change === null) {
      const known = NAMES.includes(name);
      const typed = known ? `${word} ${amount ?? ""}`.trim() : word;
      const message = known ? `Cannot read ${typed}; ${RANGES}` : `No option ${word}`;
      return { typed, message, nearest: known ? [] : nearestNames(name.slice(0, 20), NAMES) };
    }
    options = { ...options, ...change };
  }
  return options;
}

const RANGES = "cooldown is 0 to 7d, cap 1 to 1000 a day, back 0 to 100%";

/** Percent as a part, to the nearest millionth: 2.93 ÷ 100 alone is a little more than that. */
export function partOf(percent: string): number {
  return Math.round(Number(percent) * 1e4) / 1e6;
}

function changeBy(name: string, amount: string): Partial<Options> | null {
  switch (name) {
    case "cooldown": {
      const cooldownMinutes = readMinutes(amount);
      const fits = cooldownMinutes !== null && cooldownMinutes <= LONGEST_COOLDOWN_MINUTES;
      return fits ? { cooldownMinutes } : null;
    }
    case "cap": {
      const capPerDay = /^\d{1,4}$/.test(amount) ? Number(amount) : 0;
      return capPerDay >= 1 && capPerDay <= LARGEST_CAP ? { capPerDay } : null;
    }
    case "back": {
      const match = /^(\d{1,3}(?:\.\d{1,4})?)%?$/.exec(amount);
      const backPart = match ? partOf(match[1] ?? "") : NaN;
      return backPart <= 1 ? { backPart } : null;
    }
    default:
      return null;
  }
}
