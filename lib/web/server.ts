/** The socket under the web app: opened with a clear refusal, closed within a second. */
import { Crowd } from "./beside/crowd.ts";
import type { WebApp } from "./deps.ts";
import { SteadyServer } from "./steady_server.ts";

/** Requests in flight get this long at shutdown; then they are cut. */
const GRACE_MS = 800;
/** And this long where another process answers meanwhile. */
const LEAVING_MS = 5_000;
/** Nobody is about to ask where nobody did for so long. */
const QUIET_MS = 1_000;
/** The process that was there before us leaves well within this. */
const BESIDE_MS = 8_000;

export interface ServeOptions {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Shuts the server down. */
  readonly signal: AbortSignal;
  /** Another process of ours listens there, too, and will leave it. */
  readonly beside?: boolean;
  /** Told where nothing can be accepted for a while; it is tried again every second. */
  readonly failed?: (error: unknown) => void;
}

export interface WebServer extends AsyncDisposable {
  readonly hostname: string;
  readonly port: number;
  /** Resolves when the shutdown is over. */
  readonly finished: Promise<void>;
  /**
   * Leaves the address to another process that listens there: for `noticeMs` clients are told
   * to connect anew, then nothing new is accepted, and it resolves; `finished` does when what
   * is in flight is answered.
   */
  leave(noticeMs: number): Promise<void>;
}

type Served = Pick<WebApp, "fetch" | "close">;

/**
 * Serves the app until the signal aborts or the server is disposed of.
 *
 * @throws {RangeError} where the address cannot be had; the message names HTTP_ADDR and the fix
 */
export function serveWeb(app: Served, options: ServeOptions): WebServer {
  const { hostname, port, signal, beside = false, failed = () => {} } = options;
  const cut = new AbortController();
  const inFlight = new Set<Promise<void>>();
  const over = Promise.withResolvers<void>();
  let closing: Promise<void> | undefined;
  let isLeaving = false;
  const asked = Promise.withResolvers<void>();

  const handle: Deno.ServeHandler<Deno.NetAddr> = (request, { remoteAddr, completed }) => {
    if (closing && !isLeaving) {
      return new Response(null, { status: 503, headers: { Connection: "close" } });
    }
    // Rejected where the client left before the end, which is as good an end as any.
    const done = completed.catch(() => {}).then(() => void inFlight.delete(done));
    inFlight.add(done);
    if (closing) asked.resolve();
    const response = app.fetch(request, { remoteAddr });
    return isLeaving ? response.then(last) : response;
  };
  const server = listen({ hostname, port, signal: cut.signal, beside, failed }, handle);
  const crowd = beside ? new Crowd(server.addr, handle) : null;
  const besideTimer = crowd ? setTimeout(() => void crowd.disperse(), BESIDE_MS) : undefined;

  // `server.shutdown()` flushes what is sent, but waits without end for what is not, and an
  // abort after it throws BadResource (Deno 2.9.6): so it comes only when all have answered.
  async function shutDown(): Promise<void> {
    clearTimeout(besideTimer);
    app.close();
    await crowd?.disperse(1);
    const grace = Promise.withResolvers<"late">();
    const timer = setTimeout(() => grace.resolve("late"), GRACE_MS);
    const answered = await Promise.race([Promise.all(inFlight), grace.promise]);
    if (answered === "late") cut.abort();
    else await Promise.race([server.shutdown(), grace.promise]);
    clearTimeout(timer);
    // A client that does not read its reply must not keep the process.
    server.unref();
    over.resolve();
  }

  /**
   * Deno cuts who has connected and not yet asked. That is nobody most likely when somebody has
   * just asked; where nobody asks, nobody is cut.
   */
  async function goAway(): Promise<void> {
    const quiet = setTimeout(asked.resolve, QUIET_MS);
    await asked.promise;
    clearTimeout(quiet);
    app.close();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LEAVING_MS);
    void Promise.race([Promise.all([server.shutdown(), crowd?.finished]), late]).then(() => {
      clearTimeout(timer);
      server.unref();
      over.resolve();
    });
    // Until it is off the network.
    await sleep(0);
  }

  const close = () => closing ??= shutDown();
  const stop = () => void close();
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  return {
    hostname: server.addr.hostname,
    port: server.addr.port,
    finished: over.promise,
    async leave(noticeMs) {
      isLeaving = true;
      clearTimeout(besideTimer);
      await crowd?.disperse();
      await sleep(noticeMs);
      await (closing ??= goAway());
    },
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", stop);
      await close();
    },
  };
}

/**
 * Whether two processes may listen on one address. Deno ends the program that asks for it
 * without `--unstable-net`, which shows in what it offers then (2.9.6).
 */
export function canShareAddress(): boolean {
  return "listenDatagram" in Deno;
}

/** The last answer on its connection: the next request goes to whoever listens then. */
function last(response: Response): Response {
  response.headers.set("Connection", "close");
  return response;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function listen(
  { hostname, port, signal, beside, failed }: Required<ServeOptions>,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): SteadyServer {
  try {
    const reusePort = canShareAddress();
    // A shared address takes anybody in, so it must be tried whether it is free.
    if (reusePort && !beside && port !== 0) Deno.listen({ hostname, port }).close();
    const given = { hostname, reusePort, signal, onListen() {} };
    const open = (again: number | null) => Deno.serve({ ...given, port: again ?? port }, handler);
    return new SteadyServer({ open, failed });
  } catch (error) {
    const address = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
    const message = `Cannot listen on HTTP_ADDR=${address}: ${reasonOf(error, beside)}`;
    throw new RangeError(message, { cause: error });
  }
}

function reasonOf(error: unknown, beside: boolean): string {
  if (error instanceof Deno.errors.AddrInUse) {
    // Linux shares a port among the programs of one user alone.
    if (beside) {
      return "the port is another program's, or another user's: run the new Tapewatch as the " +
        "user that the old one runs as";
    }
    return "another program has the port, perhaps a second Tapewatch: stop it or set " +
      "HTTP_ADDR to a free port, as in 127.0.0.1:8081";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "this machine does not have that address: set HTTP_ADDR to one that it has";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "not allowed: set HTTP_ADDR to a port from 1024 on";
  }
  return `${error instanceof Error ? error.message : String(error)}: set HTTP_ADDR anew`;
}
