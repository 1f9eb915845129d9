/** Repeats a call until Telegram answers it, for as long as that takes. */
import { type Api, GrammyError, HttpError } from "grammy";
import type { BotLog } from "./bot.ts";
import { forGrammy } from "./retry.ts";
import type { Sleep } from "./sleep.ts";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** A token that is refused is rarely taken later, but outages of Telegram's look the same. */
const REFUSED_WAIT_MS = 5 * 60_000;
/** An hour's worth is one line in the log. */
const REFUSALS_PER_LINE = 12;

export interface PatienceOptions {
  readonly api: Api;
  readonly signal: AbortSignal;
  readonly sleep: Sleep;
  readonly log: BotLog;
  /** Called once per call that failed. */
  readonly failed: () => void;
}

export class Patience {
  readonly #options: PatienceOptions;
  #failures = 0;
  #refusals = 0;
  #webhookDeleted = false;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** The call's result, or `null` when the lifetime is over. */
  async call<T>(call: () => Promise<T>): Promise<T | null> {
    const { signal, sleep, log } = this.#options;
    while (!signal.aborted) {
      try {
        const result = await call();
        if (this.#failures > 0) log.info("Telegram answers again", { failures: this.#failures });
        this.#failures = 0;
        this.#refusals = 0;
        return result;
      } catch (error) {
        if (signal.aborted) return null;
        await sleep(await this.#judge(error), signal);
      }
    }
    return null;
  }

  /** How long to wait after an error. */
  async #judge(error: unknown): Promise<number> {
    const { log, failed } = this.#options;
    failed();
    const failures = ++this.#failures;
    const backOffMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
    if (!(error instanceof GrammyError)) {
      // An outage of hours is not a line a minute.
      if (failures === 1 || failures % 10 === 0) {
        log.warn("Cannot reach Telegram", { failures, reason: this.#reason(error) });
      }
      return backOffMs;
    }
    switch (error.error_code) {
      case 401:
      case 404: // what a malformed token gets
        if (this.#refusals++ % REFUSALS_PER_LINE === 0) {
          log.error(
            "Telegram refuses the token, so the bot is silent; everything else runs on, and it " +
              "is tried again every five minutes. If that does not help, ask @BotFather for the " +
              "right TELEGRAM_BOT_TOKEN and start again",
            { refusals: this.#refusals, description: error.description },
          );
        }
        return REFUSED_WAIT_MS;
      case 409:
        return await this.#conflict(error, backOffMs);
      case 429:
        return 1000 * (error.parameters.retry_after ?? 1);
      default:
        log.warn("Telegram refuses to be polled", { failures, description: error.description });
        return backOffMs;
    }
  }

  /** A webhook is in the way, or another poller: the first can be taken away, once. */
  async #conflict(error: GrammyError, backOffMs: number): Promise<number> {
    const { api, log } = this.#options;
    const { description } = error;
    if (this.#webhookDeleted) {
      log.warn("Another program polls with the same bot token; waiting for it to stop", {
        description,
      });
      return Math.max(5000, backOffMs);
    }
    this.#webhookDeleted = true;
    log.warn("Polling conflicts with a webhook or another program; deleting the webhook", {
      description,
    });
    try {
      await api.deleteWebhook({}, forGrammy(this.#options.signal));
      return 0;
    } catch (failure) {
      log.warn("Cannot delete the webhook", { reason: this.#reason(failure) });
      return backOffMs;
    }
  }

  /** The error in words; a network error names the URL, and with it the token. */
  #reason(error: unknown): string {
    const inner = error instanceof HttpError ? error.error : error;
    const text = inner instanceof Error ? `${inner.name}: ${inner.message}` : String(inner);
    return text.replaceAll(this.#options.api.token, "<token>");
  }
}
