// This module is pure.
/**
 * Numbers as a trader reads them on a phone. Unknown (and anything not finite) is `—`;
 * the minus is a real minus sign, as wide as the plus; what rounds to zero has no sign.
 */

export const UNKNOWN = "—";

type Maybe = number | null;

const UNITS: readonly (readonly [size: number, letter: string])[] = [
  [1, ""],
  [1e3, "k"],
  [1e6, "M"],
  [1e9, "B"],
  [1e12, "T"],
];

/** `91,234.5`, `3,012.45`, `0.12345`, `0.0₅9123` (five zeros after the point). */
export function price(value: Maybe): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  const size = Math.abs(value);
  return sign(value, digits(size), false);
}

/** Three digits and a unit: `999`, `12.3k`, `1.23M`. */
export function compact(value: Maybe): string {
  return value === null || !Number.isFinite(value)
    ? UNKNOWN
    : sign(value, scaled(Math.abs(value)), false);
}

/** The same with its sign: `+1.23M`, `−300k`, `0`. */
export function delta(value: Maybe): string {
  return value === null || !Number.isFinite(value)
    ? UNKNOWN
    : sign(value, scaled(Math.abs(value)), true);
}

/** A fraction as percent: 0.0123 is `1.23%`. */
export function percent(fraction: Maybe, decimals = 2): string {
  return percentText(fraction, decimals, false);
}

/** The same with its sign: `+1.23%`. */
export function signedPercent(fraction: Maybe, decimals = 2): string {
  return percentText(fraction, decimals, true);
}

/** A fraction in basis points: 0.00012 is `1.2 bp`. */
export function basisPoints(fraction: Maybe): string {
  if (fraction === null || !Number.isFinite(fraction * 1e4)) return UNKNOWN;
  return `${sign(fraction, (Math.abs(fraction) * 1e4).toFixed(1), false)} bp`;
}

/** More would be wider than a column. */
const MOST_PLAIN_PERCENT = 1e5;

function percentText(fraction: Maybe, decimals: number, signed: boolean): string {
  if (fraction === null || !Number.isFinite(fraction * 100)) return UNKNOWN;
  const size = Math.abs(fraction) * 100;
  const text = size < MOST_PLAIN_PERCENT ? size.toFixed(decimals) : scaled(size);
  return sign(fraction, `${text}%`, signed);
}

/** Puts the sign before the text of an absolute value, unless the text shows a zero. */
function sign(value: number, text: string, signed: boolean): string {
  if (!/[1-9]/.test(text)) return text;
  return value < 0 ? `−${text}` : signed ? `+${text}` : text;
}

function scaled(size: number): string {
  let index = UNITS.findLastIndex(([unit]) => size >= unit);
  // 999 950 rounds to 1000k, which is 1.00M.
  if (index >= 0 && index + 1 < UNITS.length) {
    if (Number((size / unitSize(index)).toPrecision(3)) >= 1000) index++;
  }
  index = Math.max(0, index);
  const three = Number((size / unitSize(index)).toPrecision(3));
  const text = index === 0 && Number.isInteger(three)
    ? String(three)
    : three.toFixed(three >= 100 ? 0 : three >= 10 ? 1 : 2);
  return (Number(text) === 0 ? "0" : text) + (UNITS[index]?.[1] ?? "");
}

function unitSize(index: number): number {
  return UNITS[index]?.[0] ?? 1;
}

function digits(size: number): string {
  if (size === 0) return "0";
  if (size >= 10_000) return grouped(size.toFixed(1));
  if (size >= 100) return grouped(size.toFixed(2));
  if (size >= 1) return size.toFixed(4);
  const exponent = Number(size.toExponential(3).split("e")[1]);
  const zeros = -exponent - 1;
  if (zeros < 4) return size.toFixed(Math.max(0, zeros) + 5);
  const mantissa = size.toExponential(3).split("e")[0] ?? "";
  return `0.0${subscript(zeros)}${mantissa.replace(".", "")}`;
}

function grouped(text: string): string {
  return text.replace(/\B(?=(\d{3})+(?!\d)(?=\.|$))/g, ",").replace(
    /\.(.*)$/,
    (_, decimals: string) => `.${decimals.replaceAll(",", "")}`,
  );
}

function subscript(value: number): string {
  return String(value).replace(/\d/g, (digit) => String.fromCharCode(0x2080 + Number(digit)));
}
