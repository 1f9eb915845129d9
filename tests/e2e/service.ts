/** The service as a process of its own, as an operator would run it. */
import { fileURLToPath } from "node:url";
import type { Exchange } from "../sim/exchange.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** A built file to test instead of the sources: `TAPEWATCH_BUILT=$PWD/dist/tapewatch`. */
const BUILT = Deno.env.get("TAPEWATCH_BUILT");
const FLAGS = [
  "--unstable-net",
  "--allow-net",
  "--allow-env",
  "--allow-read",
  "--allow-write",
  "--allow-sys=statfs",
];

export interface ServiceOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Kept where given; else a folder of its own that goes with it. */
  readonly dataDir?: string;
  /** A free one where not given. */
  readonly port?: number;
}

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A running service; disposing kills it and removes its data. */
export class Service implements AsyncDisposable {
  readonly port: number;
  readonly #child: Deno.ChildProcess;
  readonly #ownDir: string | null;
  readonly #finished: Promise<Finished>;

  constructor({ args = ["serve"], env = {}, dataDir, port }: ServiceOptions = {}) {
    this.#ownDir = dataDir === undefined ? Deno.makeTempDirSync() : null;
    this.port = port ?? freePort();
    const [command, before] = BUILT === undefined
      ? [Deno.execPath(), ["run", "--no-check", ...FLAGS, `${ROOT}main.ts`]]
      : [BUILT, []];
    this.#child = new Deno.Command(command, {
      args: [...before, ...args],
      // A folder without a .env file; the settings are the test's alone.
      cwd: this.#ownDir ?? dataDir ?? ".",
      clearEnv: true,
      env: {
        ...baseEnv(),
        DATA_DIR: dataDir ?? this.#ownDir ?? "",
        HTTP_ADDR: `127.0.0.1:${this.port}`,
        ...env,
      },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#finished = this.#finish();
  }

  async #finish(): Promise<Finished> {
    const [out, err, status] = await Promise.all([
      new Response(this.#child.stdout).text(),
      new Response(this.#child.stderr).text(),
      this.#child.status,
    ]);
    return { code: status.code, out, err };
  }

  /** Its exit code and all that it printed. */
  get finished(): Promise<Finished> {
    return this.#finished;
  }

  kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended by itself.
    }
  }

  async get(path: string): Promise<{ status: number; body: string }> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`);
    return { status: response.status, body: await response.text() };
  }

  async ask(text: string): Promise<{ html: string; text: string; data: unknown }> {
    const response = await fetch(`http://127.0.0.1:${this.port}/api/v1/ask`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
    });
    return await response.json();
  }

  /** Waits until the path answers with this status. */
  async until(path: string, status: number, withinMs = 20_000): Promise<void> {
    const endMs = performance.now() + withinMs;
    for (let last = "no answer"; performance.now() < endMs;) {
      const answer = await this.get(path).catch(() => null);
      if (answer?.status === status) return;
      last = answer ? `${answer.status} ${answer.body}` : last;
      if (performance.now() + 100 >= endMs) throw new Error(`${path} did not come: ${last}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.#finished;
    if (this.#ownDir !== null) Deno.removeSync(this.#ownDir, { recursive: true });
  }
}

/** What Deno itself needs to find its cache. */
function baseEnv(): Record<string, string> {
  const env: Record<string, string> = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  for (const name of ["PATH", "HOME", "DENO_DIR", "NPM_CONFIG_REGISTRY", "npm_config_registry"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** A port that nobody listens on now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits until the exchange's clock has passed the end of a minute by `afterMs`. */
export async function untilMinuteEnds(exchange: Exchange, afterMs: number): Promise<number> {
  const endMs = Math.ceil(exchange.nowMs() / 60_000) * 60_000;
  await new Promise((resolve) => setTimeout(resolve, endMs - exchange.nowMs() + afterMs));
  return endMs;
}

export interface ApiBucket {
  readonly t: number;
  readonly coverageMs: number;
  readonly source: string | null;
  readonly [field: string]: number | string | null;
}

/**
 * A minute once it is whole: a venue without sequential ids is compared with its own
 * candle first, which on a busy machine may take a second look.
 */
export async function wholeBucket(service: Service, query: string): Promise<ApiBucket> {
  for (let tries = 0; tries < 45; tries++) {
    const { buckets: [bucket] } = JSON.parse((await service.get(`/api/v1/buckets?${query}`)).body);
    if (bucket.coverageMs === 60_000) return bucket;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error(`The minute does not become whole: ${query}`);
}
