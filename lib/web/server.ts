/** The socket under the web app: opened with a clear refusal, closed within a second. */
import type { WebApp } from "./deps.ts";

/** Requests in flight get this long at shutdown; then they are cut. */
const GRACE_MS = 800;

export interface ServeOptions {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Shuts the server down. */
  readonly signal: AbortSignal;
}

export interface WebServer extends AsyncDisposable {
  readonly hostname: string;
  readonly port: number;
  /** Resolves when the shutdown is over. */
  readonly finished: Promise<void>;
}

type Served = Pick<WebApp, "fetch" | "close">;

/**
 * Serves the app until the signal aborts or the server is disposed of.
 *
 * @throws {RangeError} where the address cannot be had; the message names HTTP_ADDR and the fix
 */
export function serveWeb(app: Served, { hostname, port, signal }: ServeOptions): WebServer {
  const cut = new AbortController();
  const inFlight = new Set<Promise<void>>();
  const over = Promise.withResolvers<void>();
  let closing: Promise<void> | undefined;

  const server = listen(hostname, port, cut.signal, (request, { remoteAddr, completed }) => {
    if (closing) return new Response(null, { status: 503, headers: { Connection: "close" } });
    // Rejected where the client left before the end, which is as good an end as any.
    const done = completed.catch(() => {}).then(() => void inFlight.delete(done));
    inFlight.add(done);
    return app.fetch(request, { remoteAddr });
  });

  // `server.shutdown()` flushes what is sent, but waits without end for what is not, and an
  // abort after it throws BadResource (Deno 2.9.6): so it comes only when all have answered.
  async function shutDown(): Promise<void> {
    app.close();
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

  const close = () => closing ??= shutDown();
  const stop = () => void close();
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  return {
    hostname: server.addr.hostname,
    port: server.addr.port,
    finished: over.promise,
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", stop);
      await close();
    },
  };
}

function listen(
  hostname: string,
  port: number,
  signal: AbortSignal,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname, port, signal, onListen() {} }, handler);
  } catch (error) {
    const address = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
    const message = `Cannot listen on HTTP_ADDR=${address}: ${reasonOf(error)}`;
    throw new RangeError(message, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) {
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
