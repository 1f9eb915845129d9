/**
 * The composition root: reads the command line and the environment, puts the parts
 * together, and alone owns lifetimes, signals and exit codes.
 */
import { COLLECTORS } from "./collectors/mod.ts";
import { commands } from "./commands/mod.ts";
import { openAccounts } from "./lib/app/account.ts";
import { Alarms } from "./lib/app/alarms.ts";
import { openAlerts, TradeTap } from "./lib/app/alerts.ts";
import { catchCrashes } from "./lib/app/crash.ts";
import { openLog, openStore, serviceUrl, storePath } from "./lib/app/opening.ts";
import { confine, deniedHosts } from "./lib/app/permissions.ts";
import { Refusal } from "./lib/app/refusal.ts";
import { LOCAL, runService } from "./lib/app/service.ts";
import { openLeasehold } from "./lib/app/takeover/open.ts";
import { keepHeapSmall } from "./lib/app/small_heap.ts";
import { systemdUnit } from "./lib/app/systemd_unit.ts";
import { startWatchdog } from "./lib/app/watchdog.ts";
import { HELP, type Invocation, readArguments } from "./lib/cli.ts";
import { type Config, faultMessage, loadEnv, readConfig } from "./lib/config.ts";
import type { Log } from "./lib/log.ts";
import { createRegistry } from "./lib/metrics.ts";
import { answer } from "./lib/reply/answer.ts";
import type { Store } from "./lib/store/mod.ts";
import type { Answer } from "./lib/web/app.ts";
import { canShareAddress } from "./lib/web/server.ts";
import { TapeDesk } from "./lib/tape/desk.ts";
import type { OnTrade } from "./lib/tape/feed/intake.ts";
import { selfTest } from "./lib/tape/self_test.ts";
import { Tape } from "./lib/tape/tape.ts";
import * as measure from "./lib/tape/tape_metrics.ts";

const VERSION = "0.1.0";
const NO_API = "answers no question: its profile has no API, start it with PROFILE=full";

async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if ("fault" in asked) throw new Refusal(`${asked.fault}\n\n${HELP}`);
  switch (asked.verb) {
    case "help":
      return say(HELP);
    case "version":
      return say(VERSION);
    case "systemd-unit":
      return say(systemdUnit(VERSION));
    case "serve":
      return await serve(await configure(), asked.takeover);
    case "replay": {
      // Loaded here: what reads files and unpacks them is no part of the service.
      const { replay } = await import("./lib/app/replay.ts");
      await replay(await configure(), asked, VERSION, untilStopped);
      return 0;
    }
    case "export":
    case "import":
      return await backUp(await configure(), asked);
    case "ask":
      return await ask(await configure(), asked.text);
    case "check":
      return await check(await configure());
    case "healthcheck":
      return await healthcheck(await configure());
  }
}

function say(text: string): number {
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
  } catch (error) {
    // Who reads has read enough, as `head` does.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`Cannot write standard output: ${reason}`);
  }
  return 0;
}

async function configure(): Promise<Config> {
  const read = readConfig(loadEnv(), COLLECTORS.map(({ venue }) => venue));
  const faults = "faults" in read ? read.faults : await deniedHosts(read.config);
  if ("faults" in read || faults.length > 0) throw new Refusal(faultMessage(faults));
  return read.config;
}

async function serve(config: Config, takeover: boolean): Promise<number> {
  if (takeover && !canShareAddress()) {
    throw new Refusal("Cannot take over: start Deno with --unstable-net, which shares the port");
  }
  const log = openLog(config);
  // A local clock that is wrong by days must hide nothing that is stored.
  let nowMs = Date.now;
  using store = await openStore(config, storePath(config), () => nowMs());
  const metrics = createRegistry();
  const alarms = new Alarms(log);
  const tap = new TradeTap();
  const tape = openTape(config, store, log, (text) => alarms.raise(text), tap.onTrade);
  nowMs = () => tape.nowMs();
  const lifetime = untilStopped(log);
  const leasing = { config, store, tape, version: VERSION, takeover, log };
  await using tenure = await openLeasehold(leasing, lifetime.signal);
  if (!tenure) return 0;
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
  using _heap = keepHeapSmall();
  using _watchdog = config.watchdog === null ? null : startWatchdog({ ...config.watchdog, log });
  if (!await confine(config.kvUrl === null ? config.dataDir : null)) {
    log.warn("free disk space is not watched: this build may not look at DATA_DIR any more");
  }
  measure.process(metrics, VERSION, residentBytes);
  measure.tape(metrics, tape, store);
  const ready = () => {
    const reasons = tape.troubles();
    return { ready: reasons.length === 0, reasons, progress: desk.status().repair };
  };
  const { source, venues, credit } = tape;
  const account = openAccounts({ config, collectors: COLLECTORS, venues, source, log });
  const service = { version: VERSION, config, log, metrics, source, desk, ready, alarms, lifetime };
  const { signal } = lifetime;
  const desks = {
    ...{ account, records: store.records, tenure },
    async openAlerts() {
      await desk.load();
      return await openAlerts({ config, source, desk, store, tap, credit, account, log });
    },
    beside: () => tape.listen(signal),
    askNext: (text: string) => askRunning(config, text),
  };
  await runService({ ...service, ...desks }, (until) => tape.keep(until));
  if (tenure.owns) await tape.store();
  return 0;
}

function openTape(
  config: Config,
  store: Store,
  log: Log,
  alarm: (text: string) => void,
  onTrade: OnTrade = () => {},
): Tape {
  const { venues, symbols, endpoints, retentionHours, profile } = config;
  return new Tape({
    collectors: COLLECTORS.filter(({ venue }) => venues.includes(venue)),
    historyBeforeStart: profile === "full",
    ...{ symbols, endpoints, retentionHours, store, log, alarm, onTrade },
  });
}

/** A lifetime that ends with SIGTERM or Ctrl-C; a second signal, or a crash, ends all at once. */
function untilStopped(log: Log): AbortController {
  catchCrashes(log, () => Deno.exit(1));
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
  const reply = await askRunning(config, text).catch((error) => {
    if (error instanceof Refusal) throw error;
    return null;
  });
  return reply ? say(String(reply.text)) : await askStored(config, text);
}

async function askRunning(config: Config, text: string): Promise<Answer> {
  const headers = new Headers({ "content-type": "application/json" });
  if (config.apiToken !== null) headers.set("authorization", `Bearer ${config.apiToken}`);
  const url = `${serviceUrl(config)}/api/v1/ask`;
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ text }) });
  const reply = await response.json();
  const why = response.status === 404 ? NO_API : `refuses: ${JSON.stringify(reply)}`;
  if (!response.ok) throw new Refusal(`The service at ${url} ${why}`);
  return reply;
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

async function healthcheck(config: Config): Promise<number> {
  const url = `${serviceUrl(config)}/healthz`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
  await response?.body?.cancel();
  return response?.ok ? 0 : 1;
}

async function backUp(
  config: Config,
  asked: Extract<Invocation, { verb: "export" | "import" }>,
): Promise<number> {
  // Loaded here: it is no part of the service.
  const { exportBackup, importBackup } = await import("./lib/app/backup.ts");
  const { signal } = untilStopped(openLog(config));
  const teller = {
    isTerminal: Deno.stderr.isTerminal(),
    write: (text: string) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
    nowMs: () => performance.now(),
  };
  const tools = { config, app: VERSION, signal, nowMs: Date.now, teller };
  if (asked.verb === "export") await exportBackup(asked.file, tools);
  else await importBackup(asked.file, tools);
  return 0;
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
    if (!(error instanceof Refusal)) {
      // Where the service has begun, its log takes it, without secrets.
      reportError(error);
      Deno.exit(1);
    }
    Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n`));
    Deno.exit(2);
  }
}
