/**
 * Many listeners beside one that is to be left. The system gives each listener of an address
 * an equal share of who connects, and Deno's server cannot stop without cutting those who have
 * connected and not yet asked (2.9.6: it reads no request after the listener is closed). So
 * the process that comes makes the share of the one that goes small: these listeners only
 * pass on what they get, and can stop without cutting anybody.
 */

/**
 * The other's share becomes a ninth. Each of these has a moment of its own at its end, in
 * which somebody may be cut: with more of them that is more than is won when the other goes.
 */
const LISTENERS = 8;
/** After the last answer a client gets this long to close its side. */
const LAST_WORD_MS = 500;
/** So many turns of the loop a listener waits for one with nothing else to do. */
const MOST_TURNS = 20;

export class Crowd {
  readonly #listeners: readonly Deno.TcpListener[];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** Who stands behind the ports from which connections are passed on. */
  readonly #callers = new Map<number, Deno.NetAddr>();
  /** Resolves when nobody is connected by way of it any more. */
  readonly finished: Promise<void>;
  readonly #ended = Promise.withResolvers<void>();
  readonly #accepting: Promise<unknown>;
  #connected = 0;
  /** Of those, who came since this began to disperse: they keep the loop busy. */
  #newcomers = 0;
  #isClosed = false;
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
    // One that fails, for want of a file, has nobody more taken in until the end.
    this.#accepting = Promise.allSettled(this.#listeners.map((one) => this.#accept(one)));
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    // Ends without an error when the listener is closed.
    for await (const outer of listener) {
      const isNew = this.#dispersing !== null;
      this.#connected++;
      if (isNew) this.#newcomers++;
      this.#pass(outer).catch(() => {}).finally(() => {
        this.#connected--;
        if (isNew) this.#newcomers--;
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
   * Takes nobody new in; who is connected is answered, and sent elsewhere. Who connects to a
   * listener between our last look at the network and its end is cut. So each is closed in a
   * turn of its own, right after such a look: one in which there is nobody new to be served,
   * if there is one among `mostTurns`.
   */
  disperse(mostTurns = MOST_TURNS): Promise<void> {
    return this.#dispersing ??= this.#disperse(mostTurns);
  }

  async #disperse(mostTurns: number): Promise<void> {
    for (const listener of this.#listeners) {
      for (let turn = 0; turn < mostTurns; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (this.#newcomers === 0) break;
      }
      listener.close();
    }
    // Whoever was accepted in the last moment is still on the way to us.
    await this.#accepting;
    this.#isClosed = true;
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (!this.#isClosed || this.#connected > 0) return;
    this.#ended.resolve();
    void this.#server.shutdown();
  }
}
