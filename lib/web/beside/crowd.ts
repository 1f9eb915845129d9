/**
 * Many listeners beside one that is to be left. The system gives each listener of an address
 * an equal share of who connects, and Deno's server cannot stop without cutting those who have
 * connected and not yet asked (2.9.6: it reads no request after the listener is closed). So
 * the process that comes makes the share of the one that goes small: these listeners only
 * pass on what they get, and can stop without cutting anybody.
 */

/** The other's share becomes so small; each of these costs a file descriptor. */
const LISTENERS = 64;
/** After the last answer a client gets this long to close its side. */
const LAST_WORD_MS = 500;
/** Nobody is about to come where nobody did for so long. */
const QUIET_MS = 500;

export class Crowd {
  readonly #listeners: readonly Deno.TcpListener[];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** Who stands behind the ports from which connections are passed on. */
  readonly #callers = new Map<number, Deno.NetAddr>();
  /** Resolves when nobody is connected by way of it any more. */
  readonly finished: Promise<void>;
  readonly #ended = Promise.withResolvers<void>();
  #connected = 0;
  #isClosed = false;
  #came = Promise.withResolvers<void>();
  #dispersing: Promise<void> | null = null;

  /** Listens on an address that others may have, too; `handle` answers who comes. */
  constructor(
    { hostname, port }: { readonly hostname: string; readonly port: number },
    handle: Deno.ServeHandler<Deno.NetAddr>,
  ) {
    this.finished = this.#ended.promise;
    const here = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(here, async (request, info) => {
      const remoteAddr = this.#callers.get(info.remoteAddr.port) ?? info.remoteAddr;
      const response = await handle(request, { remoteAddr, completed: info.completed });
      // The next time they find the real one.
      if (this.#dispersing) response.headers.set("Connection", "close");
      return response;
    });
    const listen = () => Deno.listen({ hostname, port, reusePort: true });
    this.#listeners = Array.from({ length: LISTENERS }, listen);
    for (const listener of this.#listeners) void this.#accept(listener);
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    // Ends without an error when the listener is closed.
    for await (const outer of listener) {
      this.#came.resolve();
      this.#connected++;
      this.#pass(outer).catch(() => {}).finally(() => {
        this.#connected--;
        this.#endWhenIdle();
      });
    }
  }

  /** Fails where this process has no file left for the second connection: the first is closed. */
  async #pass(outer: Deno.TcpConn): Promise<void> {
    using _outer = outer;
    using inner = await Deno.connect({ hostname: "127.0.0.1", port: this.#server.addr.port });
    const { port } = inner.localAddr;
    this.#callers.set(port, outer.remoteAddr);
    outer.setNoDelay(true);
    inner.setNoDelay(true);
    // Either may end, or break, at any time. What the client still says after our end is nothing.
    const asking = outer.readable.pipeTo(inner.writable, { preventClose: true })
      .then(() => inner.closeWrite()).catch(() => {});
    await inner.readable.pipeTo(outer.writable, { preventClose: true })
      .then(() => outer.closeWrite()).catch(() => {});
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LAST_WORD_MS);
    await Promise.race([asking, late]);
    clearTimeout(timer);
    this.#callers.delete(port);
  }

  /**
   * Takes nobody new in; who is connected is answered, and sent elsewhere. Who connects between
   * our last look at the network and the end is cut: nobody most likely right after somebody
   * came, or where nobody comes.
   */
  disperse(quietMs = QUIET_MS): Promise<void> {
    return this.#dispersing ??= this.#disperse(quietMs);
  }

  async #disperse(quietMs: number): Promise<void> {
    this.#came = Promise.withResolvers<void>();
    const quiet = setTimeout(this.#came.resolve, quietMs);
    await this.#came.promise;
    clearTimeout(quiet);
    for (const listener of this.#listeners) listener.close();
    this.#isClosed = true;
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (!this.#isClosed || this.#connected > 0) return;
    this.#ended.resolve();
    void this.#server.shutdown();
  }
}
