/** Tells systemd that the service is up and that it still turns: see sd_notify(3). */
import type { Log } from "../log.ts";

export interface WatchdogOptions {
  /** Where systemd listens: `NOTIFY_SOCKET`. */
  readonly socket: string;
  /** Silence of this length is taken for a hang; `null`: only the start is waited for. */
  readonly timeoutMs: number | null;
  readonly log: Log;
  /** Our end, which Deno wants to have a name; the folder is the unit's RuntimeDirectory. */
  readonly own?: string;
}

const OWN = "/run/tapewatch/notify";

/** The socket of the system's own systemd, and our end: what a build must be allowed to use. */
export const NOTIFY_SOCKETS: readonly string[] = ["/run/systemd/notify", OWN];

/**
 * Says that the service is ready, then that it lives, until it is disposed of. A hung event
 * loop says nothing. Where systemd cannot be told, that is logged, and the service runs on.
 */
export function startWatchdog(options: WatchdogOptions): Disposable {
  const { socket, timeoutMs, log, own = OWN } = options;
  let end: Deno.DatagramConn;
  try {
    end = Deno.listenDatagram({ transport: "unixpacket", path: own });
    // The name was only needed to open it, and would be in the way of the next start.
    Deno.removeSync(own);
  } catch (error) {
    log.warn("systemd cannot be told that the service lives", { socket, error });
    return { [Symbol.dispose]() {} };
  }
  const tell = (state: string) =>
    end.send(new TextEncoder().encode(state), { transport: "unixpacket", path: socket })
      .then(() => {}, (error) => log.warn("systemd was not told", { socket, state, error }));
  void tell("READY=1");
  const timer = timeoutMs === null
    ? undefined
    : setInterval(() => void tell("WATCHDOG=1"), timeoutMs / 3);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      end.close();
    },
  };
}
