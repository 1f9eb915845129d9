// This module is pure.
/** Where an axis has its marks, and how they are written. */
import { dayAndMonth } from "../times.ts";
import type { Zone } from "../zone.ts";
import type { ChartUnit } from "./chart.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** More marks than this no picture has; a step that would make more is a fault of the data. */
const MOST_MARKS = 50;

/** The values that an axis spans. */
export interface Domain {
  readonly low: number;
  readonly high: number;
}

/** Round values inside the domain, at most about `count` of them. */
export function valueTicks(
  { low, high }: Domain,
  count: number,
): { step: number; ticks: number[] } {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  if (!(step > 0) || !(last - first <= MOST_MARKS)) return { step: high - low, ticks: [] };
  // Multiples, not sums: the tenth of ten steps of 0.1 is 1.
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return { step, ticks };
}

/** The span of values, with a little air above and below; a flat one is given a height. */
export function padded({ low, high }: Domain, zero: boolean): Domain {
  if (low === high) {
    const air = low === 0 ? 1 : Math.abs(low) * 0.001;
    return zero ? { low: Math.min(0, low), high: Math.max(0, high) || air } : {
      low: low - air,
      high: high + air,
    };
  }
  const air = (high - low) * 0.07;
  return {
    // Bars stand on the zero line, where nothing is below it.
    low: zero && low === 0 ? 0 : low - air,
    high: zero && high === 0 ? 0 : high + air,
  };
}

const SCALES: readonly (readonly [size: number, letter: string])[] = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
];

/** Writes the marks of one axis alike: as many digits as its step needs, one unit of size. */
export function valueWriter(
  unit: ChartUnit,
  { low, high }: Domain,
  step: number,
): (value: number) => string {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  if (unit === "percent") return (value) => `${digits(value * 100, step * 100, false)}%`;
  if (unit === "price") return (value) => digits(value, step, true);
  const [size, letter] = SCALES.find(([scale]) => largest >= scale) ?? [1, ""];
  return (value) => {
    const text = digits(value / size, step / size, true);
    return text === "0" ? text : text + letter;
  };
}

/** A value with the decimals that tell steps apart: `91,250`, `0.0₅912`, `−1.5`; zero is `0`. */
function digits(value: number, step: number, grouped: boolean): string {
  const decimals = Math.max(0, Math.min(14, decimalsOf(step)));
  const text = Math.abs(value).toFixed(decimals);
  if (!/[1-9]/.test(text)) return "0";
  const [whole = "", part = ""] = text.split(".");
  const head = grouped ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  const zeros = /^0*/.exec(part)?.[0].length ?? 0;
  const tail = whole === "0" && zeros >= 4 ? `0${subscript(zeros)}${part.slice(zeros)}` : part;
  return `${value < 0 ? "−" : ""}${head}${tail === "" ? "" : `.${tail}`}`;
}

/** Decimals that a step needs: 0 for 500, 1 for 0.5 and 2.5, 2 for 0.25. */
function decimalsOf(step: number): number {
  const power = Math.floor(Math.log10(step) + 1e-9);
  const factor = step / 10 ** power;
  return (Math.abs(factor - Math.round(factor)) > 1e-6 ? 1 : 0) - power;
}

function subscript(value: number): string {
  return String(value).replace(/\d/g, (digit) => String.fromCharCode(0x2080 + Number(digit)));
}

/** A mark of the time axis; the first of a local day carries its date. */
export interface TimeTick {
  readonly t: number;
  readonly label: string;
  readonly day: boolean;
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720]
  .map((minutes) => minutes * MINUTE_MS)
  .concat([1, 2, 5, 10, 20].map((days) => days * DAY_MS));

/** Round local times inside the span, at most `count`: `14:05`, and `20 Nov` at midnight. */
export function timeTicks(fromMs: number, toMs: number, count: number, zone: Zone): TimeTick[] {
  const rough = (toMs - fromMs) / Math.max(1, count);
  const step = TIME_STEPS.find((size) => size >= rough);
  if (step === undefined || !(toMs > fromMs)) return [];
  const ticks: TimeTick[] = [];
  // From one quarter hour to the next: whatever the zone does at night, it does at one.
  const probe = Math.min(step, 15 * MINUTE_MS);
  for (let t = Math.ceil(fromMs / probe) * probe; t <= toMs; t += probe) {
    const local = t + zone.offset(t);
    if (local % step !== 0) continue;
    const day = local % DAY_MS === 0;
    ticks.push({ t, day, label: day ? dayAndMonth(new Date(local)) : clockLabel(local) });
  }
  return ticks;
}

function clockLabel(localMs: number): string {
  return new Date(localMs).toISOString().slice(11, 16);
}
