/**
 * The demo: a simulated exchange in this process, the real service as a child of it, and
 * a question every few seconds. Nothing leaves this machine, and no key is needed.
 *
 *     deno task demo
 */
import { startExchange } from "./exchange.ts";
import { isRecord } from "./engine/faults.ts";

const QUESTIONS = ["/price BTC", "/cvd BTC 1m", "/price ETH", "/cvd SOL 1m", "/price PEPE"];
const START_MS = 15_000;
const READY_MS = 4_000;
const PAUSE_MS = 4_000;
const STOP_MS = 5_000;

/** Settings of the real service must not reach the demo's. */
const OURS = /^(TELEGRAM|BINANCE|BYBIT|OKX|DERIBIT|DELTA|DENO_KV|KV)_|^(API_TOKEN|PROFILE|ROLE)$/;

async function main(): Promise<number> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);
  const folder = await Deno.makeTempDir({ prefix: "tapewatch-demo-" });
  try {
    await using exchange = await startExchange({ seed: Date.now() % 1000, cascadesPerHour: 30 });
    const address = freeAddress();
    say(
      `A simulated Binance and Bybit trade on port ${exchange.port}; nothing leaves this machine.`,
    );
    await using child = startService({ ...exchange.env, DATA_DIR: folder, HTTP_ADDR: address });
    const ended = child.status.then(({ code }) => {
      if (!stopping.signal.aborted) say(`The service ended by itself with code ${code}.`);
      stop();
    });
    const url = `http://${address}`;
    if (await answers(`${url}/healthz`, START_MS, stopping.signal)) {
      await answers(`${url}/readyz`, READY_MS, stopping.signal);
      introduce(address);
      for (let nth = 0; !stopping.signal.aborted; nth++) {
        await ask(url, QUESTIONS[nth % QUESTIONS.length] ?? "/help");
        await pause(PAUSE_MS, stopping.signal);
      }
    } else if (!stopping.signal.aborted) say(`The service did not answer in ${START_MS / 1000} s.`);
    const clean = stopping.signal.aborted;
    child.kill("SIGTERM");
    stop();
    await Promise.race([ended, pause(STOP_MS)]);
    say("Stopped; the demo's data is gone.");
    return clean ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
    Deno.removeSignalListener("SIGINT", stop);
    Deno.removeSignalListener("SIGTERM", stop);
  }
}

/** The service, confined to this machine. */
function startService(env: Readonly<Record<string, string>>): Deno.ChildProcess {
  const root = new URL("../../", import.meta.url);
  const kept = Object.entries(Deno.env.toObject()).filter(([name]) => !OURS.test(name));
  const permissions = ["--allow-net=127.0.0.1,localhost", "--allow-env", "--allow-read"];
  const rest = ["--allow-write", "--allow-sys", "--no-prompt"];
  const script = new URL("main.ts", root).pathname;
  return new Deno.Command("deno", {
    args: [
      "run",
      "--config",
      new URL("deno.json", root).pathname,
      ...permissions,
      ...rest,
      script,
      "serve",
    ],
    // A .env file beside the project is for the real service.
    cwd: env.DATA_DIR ?? ".",
    clearEnv: true,
    env: { ...Object.fromEntries(kept), LOG_LEVEL: "error", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
}

/** 8080, or any other port where that is taken. */
function freeAddress(): string {
  for (const port of [8080, 0]) {
    try {
      using listener = Deno.listen({ hostname: "127.0.0.1", port });
      return `127.0.0.1:${listener.addr.port}`;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new RangeError("Cannot find a free port on 127.0.0.1");
}

/** Waits until a URL answers with 2xx; false where it does not in time. */
async function answers(url: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const untilMs = performance.now() + timeoutMs;
  while (performance.now() < untilMs && !signal.aborted) {
    const response = await fetch(url).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok) return true;
    await pause(100, signal);
  }
  return false;
}

function introduce(address: string): void {
  const command = "deno run -A main.ts ask";
  say(`
Ask it yourself, while this runs:

  http://${address}/
  curl -s http://${address}/api/v1/ask -d '{"text": "/cvd BTC 5m"}' \\
       -H 'content-type: application/json'
  HTTP_ADDR=${address} ${command} "/help"

Ctrl-C ends it.`);
}

async function ask(url: string, text: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/ask`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text }),
  }).catch(() => null);
  const body: unknown = await response?.json().catch(() => null);
  if (isRecord(body) && typeof body.text === "string") say(`\n> ${text}\n${body.text}`);
  else say(`\n> ${text}\n(no answer: ${response ? `HTTP ${response.status}` : "not reachable"})`);
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}

if (import.meta.main) Deno.exit(await main());
