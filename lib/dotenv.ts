// This module is pure.
/**
 * The text of a `.env` file: `KEY=VALUE` lines, optional `export`, `'literal'` and
 * `"escaped\n"` values, `#` comments. No variables in values and no values over several lines.
 */

/** The prefix under which lines that say nothing readable are kept: `.env:3`. */
export const BAD_LINE = ".env:";

// A dot must match U+2028 and U+2029 too (the s flag): they end no line of a `.env` file.
const LINE = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/s;
const QUOTED = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?$/s;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/**
 * The variables of a `.env` text; the last of equal names wins. A line that cannot be
 * read comes back as `.env:LINE` with the reason for a value (never the line itself: it
 * may hold a secret), so that it is reported with the other faults of the environment.
 */
export function parseDotenv(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [index, raw] of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, name, value] = LINE.exec(line) ?? [];
    const read = value === undefined ? undefined : readValue(value);
    if (name === undefined) values[`${BAD_LINE}${index + 1}`] = "wants KEY=VALUE";
    else if (read === undefined) values[`${BAD_LINE}${index + 1}`] = `${name} wants a closed quote`;
    else values[name] = read;
  }
  return values;
}

function readValue(text: string): string | undefined {
  if (!/^['"]/.test(text)) return text.replace(/(^|\s)#.*$/s, "").trim();
  const quoted = QUOTED.exec(text);
  if (!quoted) return undefined;
  const [, literal, escaped = ""] = quoted;
  return literal ?? escaped.replace(/\\(.)/gs, (_, char: string) => ESCAPES[char] ?? char);
}
