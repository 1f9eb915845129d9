/**
 * The ways in around a source of answers: HTTP, Telegram and their metrics, on one
 * lifetime. `serve` and `replay` differ only in the work that fills the source.
 */
import { commands } from "../../commands/mod.ts";
import type { AccountDesk } from "../account/types.ts";
import { alertMetrics } from "../alerts/alert_metrics.ts";
import type { Alerts } from "../alerts/alerts.ts";
import type { Question, TelegramBot } from "../bot/bot.ts";
import { MemberBook } from "../bot/entry/members.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Source } from "../market/source.ts";
import { LATENCY_SECONDS, type Registry } from "../metrics.ts";
import { answer } from "../reply/answer.ts";
import { zoneOf } from "../reply/zone.ts";
import type { Asker, Desk } from "../reply/command.ts";
import type { Store } from "../store/mod.ts";
import { createApp, type Readiness } from "../web/app.ts";
import { serveWeb } from "../web/server.ts";
import { webhookAddress } from "../web/webhook.ts";
import { checkKeys } from "./account.ts";
import type { Alarms } from "./alarms.ts";
import { Refusal } from "./refusal.ts";

/** Who asks over HTTP and on the console with the token, or on the machine itself. */
export const LOCAL: Asker = { id: "local", owner: true, privateChat: true };
/** Who asks over HTTP without a token: any program on this machine, so not the owner. */
const ANYBODY_HERE: Asker = { ...LOCAL, owner: false };

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
  /** The owner's accounts; none without keys, and in a replay. */
  readonly account?: AccountDesk | null;
  /** None in a replay: what is past fires no more. */
  readonly alerts?: Alerts | null;
  /** Where the list of users is kept. */
  readonly records: Store["records"];
  readonly lifetime: AbortController;
}

/**
 * Opens the ways in, runs the work, and stays until the lifetime ends.
 * @throws {Refusal} where the address cannot be had
 */
export async function runService(service: Service, work: (signal: AbortSignal) => Promise<void>) {
  const { version, config, log, metrics, source, desk, ready, alarms, lifetime } = service;
  const { account = null, alerts = null, records } = service;
  const { signal } = lifetime;
  const latency = metrics.histogram(
    "tapewatch_command_seconds",
    "Time from a command's text to its reply",
    LATENCY_SECONDS,
    ["command"],
  );
  const { apiToken, profile, allowedUsers } = config;
  let bot: TelegramBot | null = null;
  const link = (token: string) =>
    bot?.username ? `https://t.me/${bot.username}?start=${token}` : null;
  const book = await MemberBook.open({ records, allowedUsers, now: Date.now, link });
  const ask = async (text: string, { asker, about, groupId }: Question) => {
    const startedMs = performance.now();
    const users = book.users(groupId);
    const desks = { desk, account, users, alerts: alerts?.desk ?? null };
    const reply = await answer(text, { source, commands, asker, about, ...desks });
    latency.with(reply.command ?? "none").observe((performance.now() - startedMs) / 1000);
    return reply;
  };
  const caller = apiToken === null ? ANYBODY_HERE : LOCAL;
  const webhook = config.telegramWebhook
    ? { ...config.telegramWebhook, ...await webhookAddress(config.telegramWebhook) }
    : null;
  const app = createApp({
    ...{ source, ready, metrics, apiToken, log, version, nowMs: Date.now },
    answer: (text) => ask(text, { asker: caller, about: null, groupId: null }),
    api: profile === "full",
    webhook: webhook ? { ...webhook, take: (update) => bot?.take(update) ?? false } : null,
  });
  await using server = listen(app, config, signal);
  log.info("listening", { host: server.hostname, port: server.port, version });
  for (const warning of config.warnings) log.warn(warning);
  const tasks = [work(signal)];
  // A venue that does not answer must not hold up the end.
  if (account) tasks.push(Promise.race([checkKeys(account, log, alarms), stopped(signal)]));
  if (config.telegramToken === null) log.warn("TELEGRAM_BOT_TOKEN is not set: no Telegram bot");
  else {
    const events = metrics.counter("tapewatch_bot_events_total", "What the bot met", ["event"]);
    // Loaded here: without a token, grammY would only take its 4 MB.
    const { createBot } = await import("../bot/bot.ts");
    bot = createBot({
      token: config.telegramToken,
      apiRoot: config.telegramApiRoot,
      ...{ allowedUsers, members: book, webhook },
      answer: ask,
      zone: (asker) => zoneOf({ asker, desk }),
      commands,
      log: log.child({ part: "bot" }),
      now: Date.now,
      metrics: { count: (event) => events.with(event).inc() },
    });
    const morning = (text: string, asker: Asker) =>
      ask(text, { asker, about: null, groupId: null });
    alerts?.connect(bot.post, morning);
    if (alerts) alarms?.attach((text) => alerts.alarm(text));
    tasks.push(bot.run(signal));
  }
  if (alerts) {
    alertMetrics(metrics, alerts);
    tasks.push(alerts.run(signal));
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
