/**
 * Which pages of a runtime the service uses, as `measure.ts` found it: cut at their edges, a
 * third of the pieces leaves 8 MB less resident than pieces of one size do.
 */
import type { Cuts } from "./runtime.ts";

/** Pieces of a runtime that nobody has measured, in pages: half as much would save 2 MB more. */
const EVEN_PAGES = 4;

/** Page numbers, each followed by how many there are from it on. */
export type PageRuns = readonly (readonly [first: number, count: number])[];

/** Pages by when they are used; each is in one list. */
export interface UsedPages {
  /** SHA-256 of the runtime's file. */
  readonly runtime: string;
  /** Only at the start, and while the past is fetched. */
  readonly start: PageRuns;
  /** While it collects. */
  readonly live: PageRuns;
  /** Only for questions and charts. */
  readonly asked: PageRuns;
}

const FILE = new URL("used_pages.txt", import.meta.url);
const KINDS = ["start", "live", "asked"] as const;
/** Runs in a line of the file. */
const PER_LINE = 12;

/** At the edges of what is used, or even ones where that was measured of another runtime. */
export function cutsFor(runtimeHash: string): Cuts {
  const used = parse(Deno.readTextFileSync(FILE));
  return used.runtime === runtimeHash ? edgesOf(used) : EVEN_PAGES;
}

/** Where one kind of pages ends and another begins, in order. */
export function edgesOf(used: UsedPages): number[] {
  const edges = KINDS.flatMap((kind) => used[kind]).flatMap((
    [first, count],
  ) => [first, first + count]);
  return [...new Set(edges)].sort((a, b) => a - b);
}

export function write(used: UsedPages): void {
  const lines = KINDS.flatMap((kind) => {
    const runs = used[kind].map(([first, count]) => `${first.toString(16)}+${count}`);
    const count = Math.ceil(runs.length / PER_LINE);
    return Array.from({ length: count }, (_, i) => {
      return [kind, ...runs.slice(i * PER_LINE, (i + 1) * PER_LINE)].join(" ");
    });
  });
  Deno.writeTextFileSync(FILE, [`runtime ${used.runtime}`, ...lines, ""].join("\n"));
}

/** @throws {SyntaxError} where a line is none of those that `write` makes */
function parse(text: string): UsedPages {
  const runs: Record<typeof KINDS[number], [number, number][]> = { start: [], live: [], asked: [] };
  let runtime = "";
  for (const line of text.trimEnd().split("\n")) {
    const [name, ...rest] = line.split(" ");
    const kind = KINDS.find((one) => one === name);
    if (name === "runtime") runtime = rest.join(" ");
    else if (kind) runs[kind].push(...rest.map(runOf));
    else throw new SyntaxError(`Cannot read ${line} in ${FILE.pathname}`);
  }
  return { runtime, ...runs };
}

function runOf(text: string): [number, number] {
  const [first = "", count = ""] = text.split("+");
  return [parseInt(first, 16), Number(count)];
}
