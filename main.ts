/**
 * The composition root: reads the command line and the environment, puts the parts
 * together, and alone owns lifetimes, signals and exit codes.
 */
import { mkdirSync } from "node:fs";
import { COLLECTORS } from "./collectors/mod.ts";
import { commands } from "./commands/mod.ts";
import { Alarms } from "./lib/app/alarms.ts";
import { Refusal } from "./lib/app/refusal.ts";
import { LOCAL, runService } from "./lib/app/service.ts";
import { HELP, type Invocation, readArguments } from "./lib/cli.ts";
import { type Config, faultMessage, loadEnv, readConfig } from "./lib/config.ts";
import { createLog, type Log } from "./lib/log.ts";
import { createRegistry } from "./lib/metrics.ts";
import { answer } from "./lib/reply/answer.ts";
import { MAX_RETENTION_HOURS, Store, StoreOpenError } from "./lib/store/mod.ts";
import { TapeDesk } from "./lib/tape/desk.ts";
import { Replay } from "./lib/tape/replay/replay.ts";
import { ReplayDesk } from "./lib/tape/replay/replay_desk.ts";
import { selfTest } from "./lib/tape/self_test.ts";
import { Tape } from "./lib/tape/tape.ts";
import * as measure from "./lib/tape/tape_metrics.ts";

const VERSION = "0.1.0";

async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if ("fault" in asked) throw new Refusal(`${asked.fault}\n\n${HELP}`);
  switch (asked.verb) {
    case "help":
      return say(HELP);
    case "version":
      return say(VERSION);
    case "serve":
      return await serve(configure());
    case "replay":
      return await replay(configure(), asked);
    case "ask":
      return await ask(configure(), asked.text);
    case "check":
      return await check(configure());
  }
}

function say(text: string): number {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
  return 0;
}

function configure(): Config {
  const read = readConfig(loadEnv(), COLLECTORS.map(({ venue }) => venue));
  if ("faults" in read) throw new Refusal(faultMessage(read.faults));
  return read.config;
}

async function serve(config: Config): Promise<number> {
  const log = openLog(config);
  using store = await openStore(config, storePath(config));
  const metrics = createRegistry();
  const alarms = new Alarms(log);
  const tape = openTape(config, store, log, (text) => alarms.raise(text));
  const lifetime = untilStopped(log);
  await tape.reseed(lifetime.signal);
  const residentBytes = () => Deno.memoryUsage().rss;
  const desk = new TapeDesk({
    tape,
    store,
    version: VERSION,
    startedMs: Date.now(),
    residentBytes,
  });
  await desk.load();
  measure.process(metrics, VERSION, residentBytes);
  measure.store(metrics, store, tape.flusher);
  measure.venues(metrics, tape.venues);
  measure.repair(metrics, tape.repairers);
  const ready = () => {
    const reasons = tape.troubles();
    return { ready: reasons.length === 0, reasons, progress: desk.status().repair };
  };
  const { source } = tape;
  const service = { version: VERSION, config, log, metrics, source, desk, ready, alarms, lifetime };
  await runService(service, (signal) => tape.run(signal));
  return 0;
}

function openTape(
  config: Config,
  store: Store,
  log: Log,
  alarm: (text: string) => void,
): Tape {
  const { venues, symbols, endpoints, retentionHours } = config;
  return new Tape({
    collectors: COLLECTORS.filter(({ venue }) => venues.includes(venue)),
    ...{ symbols, endpoints, retentionHours, store, log, alarm },
  });
}

async function replay(
  config: Config,
  { files, speed, venue }: Extract<Invocation, { verb: "replay" }>,
): Promise<number> {
  if (venue !== null && !COLLECTORS.some((one) => one.venue === venue)) {
    const names = COLLECTORS.map((one) => one.venue).join(", ");
    throw new Refusal(`Cannot replay as --venue ${venue}: the venues are ${names}`);
  }
  const log = openLog(config);
  // A store of its own, made anew: the recording's clock must not age the live rows.
  const folder = Deno.makeTempDirSync({ dir: ensureFolder(config.dataDir), prefix: "replay-" });
  try {
    const clock = { nowMs: 0 };
    const kept = { ...config, kvUrl: null, retentionHours: MAX_RETENTION_HOURS };
    using store = await openStore(kept, `${folder}/replay.kv`, () => clock.nowMs);
    const metrics = createRegistry();
    const lifetime = untilStopped(log);
    const { signal } = lifetime;
    const play = new Replay({
      files,
      clock,
      collectors: COLLECTORS,
      venue,
      speed,
      store,
      log,
      signal,
    });
    const { source } = play;
    const residentBytes = () => Deno.memoryUsage().rss;
    measure.process(metrics, VERSION, residentBytes);
    measure.store(metrics, store, play.flusher);
    const desk = new ReplayDesk({
      play,
      store,
      version: VERSION,
      startedMs: Date.now(),
      residentBytes,
    });
    const ready = () => ({ ready: play.isDone, reasons: play.isDone ? [] : ["still replaying"] });
    const service = { version: VERSION, config, log, metrics, source, desk, ready, lifetime };
    await runService(service, async () => {
      await play.run().catch((error) => {
        if (error instanceof SyntaxError) throw new Refusal(error.message);
        if (error?.code === "ENOENT") throw new Refusal(`Cannot replay: ${error.message}`);
        throw error;
      });
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
  return 0;
}

function openLog(config: Config): Log {
  return createLog({ level: config.logLevel, secrets: config.secrets });
}

function storePath({ kvUrl, dataDir }: Config): string {
  return kvUrl ?? `${dataDir}/tapewatch.kv`;
}

async function openStore(config: Config, path: string, nowMs = Date.now): Promise<Store> {
  if (config.kvUrl === null) ensureFolder(config.dataDir);
  try {
    // The head holds two hours: what is older is read from rolled-up hours, which is cheaper.
    const keepMinuteHours = 1;
    return await Store.open({
      path,
      retentionHours: config.retentionHours,
      nowMs,
      keepMinuteHours,
    });
  } catch (error) {
    if (error instanceof StoreOpenError) throw new Refusal(error.message);
    throw error;
  }
}

function ensureFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`Cannot make DATA_DIR=${path}: ${reason}; name a folder you may write to`);
  }
}

/** A lifetime that ends with SIGTERM or Ctrl-C; a second signal ends the process at once. */
function untilStopped(log: Log): AbortController {
  const lifetime = new AbortController();
  const stop = (signal: string) => () => {
    if (lifetime.signal.aborted) Deno.exit(130);
    log.info("stopping", { signal });
    lifetime.abort();
  };
  Deno.addSignalListener("SIGTERM", stop("SIGTERM"));
  Deno.addSignalListener("SIGINT", stop("SIGINT"));
  return lifetime;
}

async function ask(config: Config, text: string): Promise<number> {
  const { httpAddr: { hostname, port }, apiToken } = config;
  const headers = new Headers({ "content-type": "application/json" });
  if (apiToken !== null) headers.set("authorization", `Bearer ${apiToken}`);
  const url = `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}/api/v1/ask`;
  const request = { method: "POST", headers, body: JSON.stringify({ text }) };
  const response = await fetch(url, request).catch(() => null);
  if (response === null) return await askStored(config, text);
  const reply = await response.json();
  if (!response.ok) throw new Refusal(`The service at ${url} refuses: ${JSON.stringify(reply)}`);
  return say(String(reply.text));
}

/** No service runs: answer from what it stored. */
async function askStored(config: Config, text: string): Promise<number> {
  const log = openLog({ ...config, logLevel: "warn" });
  using store = await openStore(config, storePath(config));
  const tape = openTape(config, store, log, () => {});
  await tape.reseed(AbortSignal.timeout(1_000));
  const [startedMs, residentBytes] = [Date.now(), () => Deno.memoryUsage().rss];
  const desk = new TapeDesk({ tape, store, version: VERSION, startedMs, residentBytes });
  await desk.load();
  const { source } = tape;
  return say((await answer(text, { source, commands, desk, asker: LOCAL, about: null })).text);
}

async function check(config: Config): Promise<number> {
  say("The configuration is sound.");
  const collectors = COLLECTORS.filter(({ venue }) => config.venues.includes(venue));
  const good = await selfTest(collectors, config.endpoints, openLog(config), say);
  return good ? 0 : 1;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n`));
    Deno.exit(2);
  }
}
