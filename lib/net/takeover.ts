/** When the second connection of a rotation may replace the first. */
import type { Connection } from "./connection.ts";
import type { Timing } from "./timing.ts";

const POLL_MS = 250;
/** A subscribed connection that delivers nothing for this long, while the old one does, is bad. */
const DELIVER_MS = 20_000;
/** Both deliver for this long, so that nothing still on its way on the old one is lost. */
const OVERLAP_MS = 2_000;

/**
 * Calls `ready` once all topics of `next` are answered and it has delivered; a `next` that
 * stays silent while `old` delivers is ended instead. Where both are silent the market is:
 * a feed of liquidations may be for hours. Returns what stops the waiting.
 */
export function whenReady(
  next: Connection,
  old: Connection,
  timing: Timing,
  ready: () => void,
): () => void {
  let settled: { readonly atMs: number; readonly oldDataFrames: number } | null = null;
  let cancel = timing.after(POLL_MS, look);
  return () => cancel();

  function look(): void {
    if (next.settled) settled ??= { atMs: timing.now(), oldDataFrames: old.dataFrames };
    if (settled === null || !next.settled) {
      cancel = timing.after(POLL_MS, look);
    } else if (next.dataFrames > 0) {
      cancel = timing.after(OVERLAP_MS, ready);
    } else if (timing.now() - settled.atMs < DELIVER_MS) {
      cancel = timing.after(POLL_MS, look);
    } else if (old.dataFrames === settled.oldDataFrames) {
      ready();
    } else {
      next.end(`Nothing delivered in ${DELIVER_MS / 1000} s while the old connection did`);
    }
  }
}
