/**
 * The ways in around a source of answers: HTTP, Telegram and their metrics, on one
 * lifetime. `serve` and `replay` differ only in the work that fills the source.
 */
import { commands } from "../../commands/mod.ts";
import { createBot } from "../bot/bot.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Source } from "../market/source.ts";
import { LATENCY_SECONDS, type Registry } from "../metrics.ts";
import { answer } from "../reply/answer.ts";
import { escape } from "../reply/html.ts";
import { zoneOf } from "../reply/zone.ts";
import type { Asker, Desk } from "../reply/command.ts";
import { createApp, type Readiness } from "../web/app.ts";
import { serveWeb } from "../web/server.ts";
import type { Alarms } from "./alarms.ts";
import { Refusal } from "./refusal.ts";

/** Who asks over HTTP and on the console: whoever holds the machine or its token. */
export const LOCAL: Asker = { id: "local", owner: true, privateChat: true };

export interface Service {
  readonly version: string;
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Registry;
  readonly source: Source;
  readonly desk: Desk;
  readonly ready: () => Readiness;
  /** What the owner is told; none where nothing can go wrong. */
  readonly alarms?: Alarms;
  readonly lifetime: AbortController;
}

/**
 * Opens the ways in, runs the work, and stays until the lifetime ends.
 * @throws {Refusal} where the address cannot be had
 */
export async function runService(service: Service, work: (signal: AbortSignal) => Promise<void>) {
  const { version, config, log, metrics, source, desk, ready, alarms, lifetime } = service;
  const { signal } = lifetime;
  const latency = metrics.histogram(
    "tapewatch_command_seconds",
    "Time from a command's text to its reply",
    LATENCY_SECONDS,
    ["command"],
  );
  const ask = async (text: string, asker = LOCAL, about: string | null = null) => {
    const startedMs = performance.now();
    const reply = await answer(text, { source, commands, desk, asker, about });
    latency.with(reply.command ?? "none").observe((performance.now() - startedMs) / 1000);
    return reply;
  };
  const { apiToken, profile } = config;
  const app = createApp({
    ...{ source, ready, metrics, apiToken, log, version, nowMs: Date.now },
    answer: (text) => ask(text),
    api: profile === "full",
  });
  await using server = listen(app, config, signal);
  log.info("listening", { host: server.hostname, port: server.port, version });
  for (const warning of config.warnings) log.warn(warning);
  const tasks = [work(signal)];
  if (config.telegramToken === null) log.warn("TELEGRAM_BOT_TOKEN is not set: no Telegram bot");
  else {
    const events = metrics.counter("tapewatch_bot_events_total", "What the bot met", ["event"]);
    const bot = createBot({
      token: config.telegramToken,
      apiRoot: config.telegramApiRoot,
      allowedUsers: config.allowedUsers,
      answer: (text, { asker, about }) => ask(text, asker, about),
      zone: (asker) => zoneOf({ asker, desk }),
      commands,
      log: log.child({ part: "bot" }),
      now: Date.now,
      metrics: { count: (event) => events.with(event).inc() },
    });
    const [owner] = config.allowedUsers;
    if (owner !== undefined) {
      alarms?.attach((text) => void bot.tell(owner, `⚠️ ${escape(text)}`));
    }
    tasks.push(bot.run(signal));
  }
  try {
    await Promise.all(tasks);
    await stopped(signal);
  } finally {
    lifetime.abort();
    await Promise.allSettled(tasks);
  }
}

function listen(app: ReturnType<typeof createApp>, { httpAddr }: Config, signal: AbortSignal) {
  try {
    return serveWeb(app, { ...httpAddr, signal });
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(error.message);
    throw error;
  }
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
