/**
 * Keeps the memory of the built file small. V8 lets a heap grow by a part of itself before it
 * collects what became garbage with age; asked now and then, and when answers left much behind
 * them, it stays nearer to what is in use: 2 MB for each ten seconds of 20 symbols on four
 * venues, up to 8 MB for a chart.
 */
const LOOK_MS = 1_000;
/** Looks from one collection to the next. */
const COLLECT_EVERY = 5;
/** Five seconds of the tape leave less than this, a chart more. */
const GROWN_BYTES = 2_500_000;
/** Growing faster, from one look to the next, it is at work on answers: they come first. */
const BUSY_BYTES = 1_000_000;

/**
 * As before running out of memory: a second pass that also gives back half-empty pages. It
 * takes 15 ms where the usual one takes 9, and leaves 3 MB less.
 */
const THOROUGHLY = { type: "major", execution: "sync", flavor: "last-resort" } as const;

/** What V8 and the built file's runtime offer; see `.ci/lean/give_back.ts` for the last. */
export interface Savers {
  readonly collect: unknown;
  readonly heapBytes: () => number;
  readonly giveBack: () => unknown;
}

const OWN: Savers = {
  collect: Reflect.get(globalThis, "gc"),
  heapBytes: () => Deno.memoryUsage().heapUsed,
  giveBack: () => Deno.ppid,
};

/**
 * Collects garbage now and then until it is disposed of, and gives back what is free and the
 * code that is not used just now; does nothing unless V8 was started with `--expose-gc`, as a
 * build is.
 */
export function keepHeapSmall(
  { collect, heapBytes, giveBack }: Savers = OWN,
  everyMs: number = LOOK_MS,
): Disposable {
  let [looks, leftBytes, lastBytes] = [0, Infinity, Infinity];
  const isWorthIt = (bytes: number) =>
    bytes > leftBytes + GROWN_BYTES && bytes < lastBytes + BUSY_BYTES;
  const save = typeof collect === "function"
    ? () => {
      const bytes = heapBytes();
      if (++looks >= COLLECT_EVERY || isWorthIt(bytes)) {
        collect(THOROUGHLY);
        looks = 0;
        leftBytes = heapBytes();
      }
      lastBytes = bytes;
      giveBack();
    }
    : null;
  const timer = save ? setInterval(save, everyMs) : undefined;
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}
