/**
 * Which pages of a runtime the service uses, as `measure.ts` found it. Each that is used after the
 * start is a piece of its own, so that only what is used just now comes back when all is given
 * back (`give_back.ts`); what the start alone uses is cut at its edges.
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
  /** While it collects and answers. */
  readonly later: PageRuns;
}

const FILE = new URL("used_pages.txt", import.meta.url);
const KINDS = ["start", "later"] as const;
/** Runs in a line of the file. */
const PER_LINE = 12;

/** By what is used, or even ones where that was measured of another runtime. */
export function cutsFor(runtimeHash: string): Cuts {
  const used = parse(Deno.readTextFileSync(FILE));
  return used.runtime === runtimeHash ? cutsOf(used) : EVEN_PAGES;
}

/** Where pieces begin, in order. */
export function cutsOf({ start, later }: UsedPages): number[] {
  const edges = start.flatMap(([first, count]) => [first, first + count]);
  const pages = later.flatMap(([first, count]) =>
    Array.from({ length: count + 1 }, (_, i) => first + i)
  );
  return [...new Set([...edges, ...pages])].sort((a, b) => a - b);
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
  const runs: Record<typeof KINDS[number], [number, number][]> = { start: [], later: [] };
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
