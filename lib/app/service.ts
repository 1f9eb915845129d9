/**
 * The ways in around a source of answers: HTTP, Telegram and their metrics, on one
 * lifetime. `serve` and `replay` differ only in the work that fills the source.
 */
import { commands } from "../../commands/mod.ts";
import type { AccountDesk } from "../account/types.ts";
import { alertMetrics } from "../alerts/alert_metrics.ts";
import type { Alerts } from "../alerts/alerts.ts";
import type { Question } from "../bot/bot.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Source } from "../market/source.ts";
import { LATENCY_SECONDS, type Registry } from "../metrics.ts";
import { answer } from "../reply/answer.ts";
import type { Asker, Desk } from "../reply/command.ts";
import type { Store } from "../store/mod.ts";
import { type Answer, createApp, type Readiness, type WebApp, type WebDeps } from "../web/app.ts";
import { serveWeb, type WebServer } from "../web/server.ts";
import { webhookAddress } from "../web/webhook.ts";
import { checkKeys } from "./account.ts";
import type { Alarms } from "./alarms.ts";
import { startFault } from "./opening.ts";
import { Refusal } from "./refusal.ts";
import { Stint } from "./stint.ts";
import { SOLE, type Tenure } from "./takeover/tenure.ts";

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
  readonly openAlerts?: () => Promise<Alerts>;
  /** Where the list of users is kept. */
  readonly records: Store["records"];
  readonly lifetime: AbortController;
  /** What is done beside, whosever the data is. */
  readonly beside?: (signal: AbortSignal) => Promise<void>;
  /** Whose the data is; nobody else's where not given. */
  readonly tenure?: Tenure;
  /** Asks who listens on our address beside us, when the data is another process's. */
  readonly askNext?: (text: string) => Promise<Answer>;
}

/** So long clients are told to connect anew, before another process alone answers them. */
const NOTICE_MS = 700;

/**
 * Opens the ways in, runs the work, and stays until the lifetime ends or the data is another
 * process's; the lifetime is over then.
 * @throws {Refusal} where the address cannot be had, or nothing can be written
 */
export async function runService(service: Service, work: (signal: AbortSignal) => Promise<void>) {
  const { config, log, alarms, lifetime, account = null, beside } = service;
  const { signal } = lifetime;
  for (const warning of config.warnings) log.warn(warning);
  const tasks = [own(service, work)];
  if (beside) tasks.push(beside(signal));
  // A venue that does not answer must not hold up the end.
  if (account) {
    tasks.push(Promise.race([checkKeys({ account, log, alarms, signal }), stopped(signal)]));
  }
  try {
    await Promise.all(tasks);
  } finally {
    lifetime.abort();
    await Promise.allSettled(tasks);
  }
}

/** Has its time, or times, as the owner of the data. */
async function own(service: Service, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { config, log, metrics, lifetime, version, tenure = SOLE } = service;
  const { signal } = lifetime;
  let stint: Stint | null = null;
  const ask = asking(service, () => stint);
  const webhook = config.telegramWebhook
    ? { ...config.telegramWebhook, ...await webhookAddress(config.telegramWebhook) }
    : null;
  const app = openApp(service, {
    async answer(text) {
      const { askNext } = service;
      // The next one has nearly all of the address; what comes back here is asked once more.
      if (askNext && await tenure.hasMoved()) {
        return await askNext(text).catch(() => askNext(text));
      }
      const asker = config.apiToken === null ? ANYBODY_HERE : LOCAL;
      return await ask(text, { asker, about: null, groupId: null });
    },
    webhook: webhook ? { ...webhook, take: (update) => stint?.bot?.take(update) ?? false } : null,
  });
  const count = counting(service);
  if (service.openAlerts) alertMetrics(metrics, () => stint?.alerts ?? null);
  if (config.telegramToken === null) log.warn("TELEGRAM_BOT_TOKEN is not set: no Telegram bot");
  if (!await tenure.wait(signal)) return lifetime.abort();
  let server: WebServer | null = null;
  try {
    for (let ending = "resumed"; ending === "resumed";) {
      stint = await Stint.open({ service, ask, webhook, count }).catch((error) => {
        // Later on it is no fault of the surroundings that a start has met: it is a crash.
        throw server ? error : startFault(error, config);
      });
      if (!server) {
        server = listen(app, service, signal, tenure.isBeside);
        log.info("listening", { host: server.hostname, port: server.port, version });
      }
      ending = await stint.run(tenure, await tenure.begin(), work, signal);
      if (ending === "taken") {
        await server.leave(NOTICE_MS);
        await Promise.all([server.finished, stint.answered()]);
      }
    }
  } finally {
    lifetime.abort();
    await stint?.over();
    await server?.[Symbol.asyncDispose]();
  }
}

/** Commands asked and answered, wherever they come from. */
function asking(service: Service, current: () => Stint | null) {
  const { metrics, source, desk, account = null } = service;
  const latency = metrics.histogram(
    "tapewatch_command_seconds",
    "Time from a command's text to its reply",
    LATENCY_SECONDS,
    ["command"],
  );
  return async (text: string, { asker, about, groupId }: Question) => {
    const startedMs = performance.now();
    const stint = current();
    const users = stint?.book.users(groupId) ?? null;
    const desks = { desk, account, users, alerts: stint?.alerts?.desk ?? null };
    const reply = await answer(text, { source, commands, asker, about, ...desks });
    latency.with(reply.command ?? "none").observe((performance.now() - startedMs) / 1000);
    return reply;
  };
}

function counting({ config, metrics }: Service): (event: string) => void {
  if (config.telegramToken === null) return () => {};
  const events = metrics.counter("tapewatch_bot_events_total", "What the bot met", ["event"]);
  return (event) => events.with(event).inc();
}

function openApp(service: Service, ways: Pick<WebDeps, "answer" | "webhook">): WebApp {
  const { source, ready, metrics, config: { apiToken, profile }, log, version } = service;
  return createApp({
    ...{ source, ready, metrics, apiToken, log, version, nowMs: Date.now, ...ways },
    api: profile === "full",
  });
}

function listen(
  app: WebApp,
  { config: { httpAddr }, log }: Pick<Service, "config" | "log">,
  signal: AbortSignal,
  beside: boolean,
) {
  const failed = (error: unknown) =>
    log.rateLimited("accept", 60_000, Date.now())
      ?.error("Cannot take connections for now: too many are open (LimitNOFILE)", { error });
  try {
    return serveWeb(app, { ...httpAddr, signal, beside, failed });
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
