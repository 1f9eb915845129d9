/**
 * What nobody caught is logged as everything else is: without secrets. The runtime's own
 * report would print the error as it is, and a failed call names its address.
 */
import type { Log } from "../log.ts";

/** From now on a fault that nobody catches is one line of the log, and then `end` is called. */
export function catchCrashes(log: Log, end: () => void): void {
  const crashed = (event: Event, error: unknown) => {
    event.preventDefault();
    const stack = error instanceof Error ? error.stack : undefined;
    log.error("crashed", { error, ...(stack === undefined ? {} : { stack }) });
    end();
  };
  addEventListener("error", (event) => crashed(event, event.error));
  addEventListener("unhandledrejection", (event) => crashed(event, event.reason));
}
