/** A job on its own timetable. */
import { VenueHttpError } from "../net/http_error.ts";
import { BARRED_MS, isBarring } from "../net/region.ts";

export interface Timetable {
  /** From the end of one run to the start of the next. */
  readonly everyMs: number;
  /** The same after a run that failed; doubles up to a minute, or is what a refusal asks for. */
  readonly retryMs: number;
  /** Before the first run. */
  readonly startMs?: number;
  readonly signal: AbortSignal;
}

/** A job that fails is not tried less often than this, however rare it is. */
const RETRY_MAX_MS = 60_000;

/** Runs the job until aborted, one run at a time; a failure is handed on and tried again. */
export async function every(
  { everyMs, retryMs, startMs = 0, signal }: Timetable,
  job: () => Promise<void>,
  failed: (error: unknown) => void,
): Promise<void> {
  let failures = 0;
  let waitMs = startMs;
  while (!signal.aborted) {
    if (waitMs > 0) await pause(waitMs, signal);
    if (signal.aborted) return;
    try {
      await job();
      failures = 0;
      waitMs = everyMs;
    } catch (error) {
      if (signal.aborted) return;
      failed(error);
      waitMs = barredMs(error) ?? Math.min(RETRY_MAX_MS, retryMs * 2 ** failures++);
    }
  }
}

/** How long a venue refuses this address or region, as far as is known; else `null`. */
function barredMs(error: unknown): number | null {
  if (!(error instanceof VenueHttpError) || !isBarring(error.status)) return null;
  return error.retryAfterMs ?? BARRED_MS;
}

/** Resolves after `ms`, or at once when aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
