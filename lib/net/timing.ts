/**
 * The local clock, its timers and its dice as one value, so that a test can hold time still
 * and nobody sleeps for real.
 */

export interface Timing {
  /** Local time in ms. It need not be right, only steady. */
  now(): number;
  /** Runs once after `delayMs`; the returned function takes that back. */
  after(delayMs: number, run: () => void): () => void;
  /** In `[0, 1)`, for jitter. */
  random(): number;
}

/** The longest delay that a timer keeps; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Epoch milliseconds that never jump: right at the start of the process, and unmoved by
 * whoever sets the machine's clock afterwards.
 */
export function steadyMs(): number {
  return performance.timeOrigin + performance.now();
}

function realAfter(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, Math.min(delayMs, LONGEST_MS));
  return () => clearTimeout(timer);
}

/** What is given, and the real thing for the rest. */
export function timingOf(given: Partial<Timing>): Timing {
  return {
    now: given.now ?? steadyMs,
    after: given.after ?? realAfter,
    random: given.random ?? Math.random,
  };
}

/**
 * Waits on a clock.
 * @throws what the signal was aborted with
 */
export function sleepOn(timing: Timing, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = timing.after(delayMs, resolve);
  const abort = () => {
    cancel();
    reject(signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  return promise.finally(() => signal.removeEventListener("abort", abort));
}
