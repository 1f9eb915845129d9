// This module is pure.
/** Telegram's HTML: which tags it knows, what is left when they are taken away. */

const TAGS: ReadonlySet<string> = new Set([
  "b",
  "strong",
  "i",
  "em",
  "u",
  "ins",
  "s",
  "strike",
  "del",
  "tg-spoiler",
  "span",
  "a",
  "code",
  "pre",
  "blockquote",
  "tg-emoji",
]);

const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

export type Parsed =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/** The text as a reader sees it, or why Telegram refuses it, in its own words. */
export function parseHtml(html: string): Parsed {
  const open: string[] = [];
  let text = "";
  let at = 0;
  while (at < html.length) {
    const char = html.charAt(at);
    if (char === "&") {
      const entity = /^&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/i.exec(html.slice(at, at + 12));
      const decoded = entity ? decode(entity) : null;
      text += decoded ?? "&";
      at += decoded === null ? 1 : entity?.[0].length ?? 1;
    } else if (char === "<") {
      const tag = /^<(\/?)([^\s<>/]*)([^<>]*)>/.exec(html.slice(at));
      if (!tag) return refused(`Unclosed start tag at byte offset ${bytes(html, at)}`);
      const name = (tag[2] ?? "").toLowerCase();
      const problem = tag[1] === "/"
        ? closing(open, name, bytes(html, at))
        : opening(open, name, tag[3] ?? "", bytes(html, at));
      if (problem !== null) return refused(problem);
      at += tag[0].length;
    } else {
      text += char;
      at++;
    }
  }
  const [left] = open.slice(-1);
  if (left !== undefined) return refused(`Can't find end tag corresponding to start tag "${left}"`);
  return { ok: true, text };
}

function refused(reason: string): Parsed {
  return { ok: false, reason: `Bad Request: can't parse entities: ${reason}` };
}

function decode(entity: RegExpExecArray): string | null {
  if (entity[1] !== undefined) return String.fromCodePoint(Number(entity[1]));
  if (entity[2] !== undefined) return String.fromCodePoint(parseInt(entity[2], 16));
  return NAMED[entity[3] ?? ""] ?? null;
}

function opening(open: string[], name: string, attributes: string, offset: number): string | null {
  const spoiler = name !== "span" || /class="tg-spoiler"/.test(attributes);
  if (!TAGS.has(name) || !spoiler) {
    return `Unsupported start tag "${name}" at byte offset ${offset}`;
  }
  if (name === "blockquote" && open.includes(name)) {
    return `Unsupported nested tag "${name}" at byte offset ${offset}`;
  }
  open.push(name);
  return null;
}

function closing(open: string[], name: string, offset: number): string | null {
  const expected = open.pop();
  if (expected === undefined) return `Unexpected end tag at byte offset ${offset}`;
  if (expected === name) return null;
  return `Unmatched end tag at byte offset ${offset}, expected "</${expected}>", ` +
    `found "</${name}>"`;
}

/** Telegram counts offsets in bytes of UTF-8. */
function bytes(html: string, at: number): number {
  let count = 0;
  for (const char of html.slice(0, at)) {
    const point = char.codePointAt(0) ?? 0;
    count += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return count;
}
