// This module is pure.
/**
 * Telegram HTML: what is typed by strangers goes in escaped, what is too long goes out
 * in parts, and the same reply can be read without any tags.
 */

/** Telegram refuses longer messages; it counts after parsing, we count before: never too late. */
export const MESSAGE_LIMIT = 4096;

/** Typed text is echoed up to here. */
const ECHO_LIMIT = 200;

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&amp;": "&",
};

/** Control, format (zero-width, direction) and lone surrogate characters; line ends are none. */
const UNSHOWN = /[^\P{C}\n]/gu;

/**
 * Escapes the three characters that Telegram's HTML mode gives a meaning, and drops those
 * that are not seen but change how others are: an exchange may list any name.
 */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replace(UNSHOWN, "");
}

/**
 * Typed text made harmless to show: one line, no control, format (zero-width, direction)
 * or lone surrogate characters, no towers of combining marks, at most 200 characters.
 */
export function clean(typed: string): string {
  const visible = typed
    .slice(0, 8 * ECHO_LIMIT)
    .replace(/\s+/gu, " ")
    .replace(/\p{C}/gu, "")
    .replace(/(\p{M}{2})\p{M}+/gu, "$1")
    .trim();
  const characters = [...visible];
  return characters.length <= ECHO_LIMIT
    ? visible
    : `${characters.slice(0, ECHO_LIMIT - 1).join("")}…`;
}

/** Typed text, cleaned and escaped: the only way that it enters a reply. */
export function echo(typed: string): string {
  return escape(clean(typed));
}

/** Lines in fixed width. The lines are text, not HTML. */
export function pre(lines: readonly string[]): string {
  return `<pre>${escape(lines.join("\n"))}</pre>`;
}

export function bold(text: string): string {
  return `<b>${escape(text)}</b>`;
}

/** The reply without tags, entities resolved, for the console and for `text` in the API. */
export function plain(html: string): string {
  return html
    .replace(/<[^<>]*>/g, "")
    .replace(/&(?:lt|gt|quot|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

const ATOM = /<[^<>]*>|&[a-zA-Z0-9#]{1,8};|[\s\S]/gu;

/**
 * Cuts a reply into messages of at most `limit` characters, at line ends where there are
 * any, never inside a tag, an entity or a character. Tags open at a cut are closed
 * before it and opened again after it.
 */
export function split(html: string, limit = MESSAGE_LIMIT): string[] {
  if (html.length <= limit) return [html];
  const parts: string[] = [];
  let text = "";
  /** Where the text begins that is not just re-opened tags. */
  let start = 0;
  let open: readonly string[] = [];
  let lineEnd: Cut | null = null;
  for (const [atom] of html.matchAll(ATOM)) {
    const after = nest(open, atom);
    const here: Cut = { at: text.length, open };
    if (atom === "\n" && text.length > start) lineEnd = here;
    if (text.length > start && text.length + atom.length + closing(after).length > limit) {
      const cut: Cut = lineEnd ?? here;
      parts.push(text.slice(0, cut.at) + closing(cut.open));
      const again = cut.open.join("");
      start = again.length;
      text = again + text.slice(lineEnd ? cut.at + 1 : cut.at);
      const swallowed = atom === "\n" && cut === here;
      lineEnd = null;
      if (swallowed) continue;
    }
    text += atom;
    open = after;
  }
  if (text.length > start) parts.push(text);
  return parts;
}

/** A place to cut, and the tags that are open there. */
interface Cut {
  readonly at: number;
  readonly open: readonly string[];
}

/** The tags that are open after an atom. */
function nest(open: readonly string[], atom: string): readonly string[] {
  if (!atom.startsWith("<")) return open;
  return atom.startsWith("</") ? open.slice(0, -1) : [...open, atom];
}

function closing(open: readonly string[]): string {
  return open.toReversed().map((tag) => `</${/[a-z-]+/i.exec(tag)?.[0] ?? ""}>`).join("");
}
