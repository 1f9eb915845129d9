/** The real service against the simulated exchange, each a process of its own. */
import { existsSync } from "node:fs";
import { V8_FLAGS } from "../../.ci/compile.ts";
import { Child, ROOT } from "./child.ts";
import type { MinuteTruth } from "../sim/exchange.ts";
import { MetricsPage } from "./metrics_page.ts";
import { pause } from "./measurement.ts";

const START_MS = 60_000;

/** The arguments of `deno task start`, with everything after `deno`. */
function startArguments(): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  return tasks.start.command.split(" ").slice(1);
}

/** What V8 is told where every megabyte counts: what the built file tells it. */
export const SMALL_HEAP = `--v8-flags=${V8_FLAGS}`;

/** A way to start the service. */
export interface Variant {
  readonly program: string;
  readonly args: readonly string[];
}

/** As `deno task start` does, with more flags of `deno run`. */
export function asStarted(...flags: readonly string[]): Variant {
  const [run = "run", ...rest] = startArguments();
  return { program: Deno.execPath(), args: [run, ...flags, ...rest] };
}

/** The same on the first core alone, where there is a tool that can tell the kernel so. */
export function onOneCore({ program, args }: Variant): Variant | null {
  const tool = "/usr/bin/taskset";
  return existsSync(tool) ? { program: tool, args: ["-c", "0", program, ...args] } : null;
}

/** The built file where there is one, else the sources. */
export function builtOrStarted(): { readonly name: string; readonly variant: Variant } {
  const file = built();
  return file ? { name: "built file", variant: file } : { name: "sources", variant: asStarted() };
}

/** The built file, or `null` where `deno task compile` has not made it. */
export function built(): Variant | null {
  const program = `${ROOT}dist/tapewatch`;
  return existsSync(program) ? { program, args: ["serve"] } : null;
}

export interface ServiceOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly variant?: Variant;
}

/** A running service with a data folder of its own; disposing ends both. */
export class LiveService implements AsyncDisposable {
  readonly dataDir: string = Deno.makeTempDirSync({ prefix: "tapewatch-bench-" });
  readonly #url: string;
  readonly #child: Child;

  constructor({ env, variant = asStarted() }: ServiceOptions) {
    const port = freePort();
    this.#url = `http://127.0.0.1:${port}`;
    this.#child = new Child({
      ...variant,
      env: {
        ...env,
        DATA_DIR: this.dataDir,
        HTTP_ADDR: `127.0.0.1:${port}`,
        LOG_LEVEL: "error",
      },
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  async status(path: string): Promise<number> {
    const response = await fetch(this.#url + path).catch(() => null);
    await response?.body?.cancel();
    return response?.status ?? 0;
  }

  /** @throws {Error} where the path does not answer 200 within a minute */
  async until(path: string): Promise<void> {
    const endMs = performance.now() + START_MS;
    while (await this.status(path) !== 200) {
      if (this.#child.exited || performance.now() > endMs) {
        throw new Error(`The service does not answer ${path}`);
      }
      await pause(100);
    }
  }

  /** @throws {SyntaxError} where the path answers no JSON */
  async json(path: string): Promise<unknown> {
    const response = await fetch(this.#url + path);
    return await response.json();
  }

  /** @throws {Error} where the question is not answered */
  async ask(text: string): Promise<void> {
    const response = await fetch(`${this.#url}/api/v1/ask`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${text}: ${response.status}`);
  }

  async metrics(): Promise<MetricsPage> {
    const response = await fetch(`${this.#url}/metrics`);
    return new MetricsPage(await response.text());
  }

  /** Waits until nothing that can be had is missing any more. */
  async untilFilled(): Promise<void> {
    for (let still = 0; still < 5;) {
      const response = await fetch(`${this.#url}/readyz`);
      const { waiting, repaired } = (await response.json()).progress;
      still = waiting === 0 && repaired > 0 ? still + 1 : 0;
      await pause(500);
    }
  }

  /** Size of the KV with its log, without the ballast beside it. */
  kvBytes(): number {
    let bytes = 0;
    for (const { name } of Deno.readDirSync(this.dataDir)) {
      if (!name.endsWith(".ballast")) bytes += Deno.statSync(`${this.dataDir}/${name}`).size;
    }
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
    Deno.removeSync(this.dataDir, { recursive: true });
  }
}

export interface ExchangeOptions {
  readonly symbols: number;
  readonly rate: number;
  /** Minutes of the past that it can tell; an hour unless told. */
  readonly history?: number;
}

/** The simulated exchange; disposing ends it. */
export class LiveExchange implements AsyncDisposable {
  readonly #child: Child;

  private constructor(
    child: Child,
    /** The variables that point the service to it. */
    readonly env: Readonly<Record<string, string>>,
    readonly port: number,
  ) {
    this.#child = child;
  }

  static async open({ symbols, rate, history = 60 }: ExchangeOptions): Promise<LiveExchange> {
    const options = { symbols, rate, history, cascades: 2 };
    const child = new Child({
      args: [
        ...["run", "-A", "tests/sim/exchange_main.ts"],
        ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
      ],
    });
    const { env, port } = await child.firstLine();
    const named: Record<string, string> = {};
    for (const [name, value] of Object.entries(env ?? {})) named[name] = String(value);
    return new LiveExchange(child, named, Number(port));
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Frames of all kinds that it has put on its sockets so far. */
  async framesSent(): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.port}/sim/stats`);
    return Number((await response.json()).framesSent);
  }

  /** What truly happened on a market, `venue=…&symbol=…`, minute by minute. */
  async truth(market: string): Promise<MinuteTruth[]> {
    const response = await fetch(`http://127.0.0.1:${this.port}/sim/truth?${market}`);
    const lines = (await response.text()).split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child[Symbol.asyncDispose]();
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
