// This module is pure.
/** Fixed-width tables that fit a phone in portrait. */

/** What a phone shows of a `<pre>` line without wrapping. */
export const COLUMNS = 34;

/** East Asian wide and fullwidth forms and emoji, which fonts draw two columns wide. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;

/**
 * Blocks of what replies are written in, each character one column wide: told without the two
 * expressions, which V8 compiles again each time it has let go of them.
 */
const NARROW: readonly (readonly [first: number, last: number])[] = [
  [0x20, 0xac], // Latin
  [0xae, 0x2ff],
  [0x370, 0x482], // Greek, Cyrillic
  [0x2010, 0x2027], // dashes, dots
  [0x2190, 0x22ff], // arrows, signs of mathematics
  [0x2500, 0x25fc], // lines, blocks, shapes
];

/** Columns that a text takes in a fixed-width font. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

function columnsOf(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0;
  if (NARROW.some(([first, last]) => code >= first && code <= last)) return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Fills with blanks, on the left for numbers and on the right for names. */
export function pad(text: string, width: number, side: "left" | "right"): string {
  const blanks = " ".repeat(Math.max(0, width - displayWidth(text)));
  return side === "left" ? blanks + text : text + blanks;
}

/** Cuts to a width, with `…` where something was lost. */
export function fit(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  for (const character of text) {
    if (displayWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return width > 0 ? `${kept}…` : "";
}

/**
 * Lines of a table: the first column holds names and is left-aligned, the others hold
 * numbers and are right-aligned. Where it would be wider than `columns` the names are
 * cut, never the numbers.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns = COLUMNS,
): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => displayWidth(row[i] ?? ""))));
  const numbers = widths.slice(1).reduce((sum, width) => sum + width + 1, 0);
  widths[0] = Math.max(1, Math.min(widths[0] ?? 0, columns - numbers));
  return all.map((row) =>
    widths
      .map((width, i) => {
        const cell = row[i] ?? "";
        return i === 0 ? pad(fit(cell, width), width, "right") : pad(cell, width, "left");
      })
      .join(" ")
      .trimEnd()
  );
}
