/**
 * A server that outlives a lack of files. Connections that send nothing are never cut (Deno
 * 2.9.6 has no time limit for a request's head), so that anybody can take the process's last
 * file; accepting then fails, and `Deno.serve` ends for good with an error.
 */

export type Server = Pick<
  Deno.HttpServer<Deno.NetAddr>,
  "addr" | "finished" | "shutdown" | "unref"
>;

/** Runs something later; the answer takes it back. */
export type After = (ms: number, run: () => void) => () => void;

export interface SteadyOptions {
  /** Listens; `port` is the one of the first time. */
  readonly open: (port: number | null) => Server;
  /** Told of each failure to accept. */
  readonly failed: (error: unknown) => void;
  readonly after?: After;
}

const AGAIN_MS = 1000;

export class SteadyServer {
  readonly addr: Deno.NetAddr;
  readonly #options: SteadyOptions;
  #server: Server;
  #cancel: () => void = () => {};
  #isStopped = false;

  /** @throws whatever `open` throws */
  constructor(options: SteadyOptions) {
    this.#options = options;
    this.#server = this.#open(null);
    this.addr = this.#server.addr;
  }

  /** Accepts nothing more; resolves when all in flight is answered. */
  async shutdown(): Promise<void> {
    this.#stop();
    await this.#server.shutdown();
  }

  /** From now on it does not keep the process. */
  unref(): void {
    this.#stop();
    this.#server.unref();
  }

  #stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #open(port: number | null): Server {
    const server = this.#options.open(port);
    void server.finished.catch((error) => this.#again(error));
    return server;
  }

  #again(error: unknown): void {
    if (this.#isStopped) return;
    const { failed, after = realAfter } = this.#options;
    failed(error);
    this.#cancel = after(AGAIN_MS, () => {
      try {
        this.#server = this.#open(this.addr.port);
      } catch (error) {
        this.#again(error);
      }
    });
  }
}

const realAfter: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
