/** Those who use a service while it is updated: clients over HTTP, and people on Telegram. */
import type { BotApi } from "../sim/bot_api.ts";

const HTTP_EVERY_MS = 20;
const ASK_EVERY_MS = 500;
const REQUEST_MS = 10_000;

export interface Answered {
  readonly requests: number;
  readonly slowestMs: number;
  readonly failures: readonly string[];
}

/** Asks over HTTP 50 times a second, by turns on connections that are kept and on new ones. */
export class HttpLoad implements Disposable {
  readonly #base: string;
  readonly #kept = Deno.createHttpClient({});
  readonly #fresh = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  readonly #failures: string[] = [];
  readonly #pending = new Set<Promise<void>>();
  readonly #timer: ReturnType<typeof setInterval>;
  #requests = 0;
  #slowestMs = 0;

  constructor(port: number) {
    this.#base = `http://127.0.0.1:${port}`;
    this.#timer = setInterval(() => this.#send(this.#requests++), HTTP_EVERY_MS);
  }

  #send(nth: number): void {
    const done = this.#ask(nth).catch((error) => void this.#failures.push(reasonOf(error)))
      .finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }

  async #ask(nth: number): Promise<void> {
    const client = nth % 2 === 0 ? this.#kept : this.#fresh;
    const [path, init] = REQUESTS[Math.floor(nth / 2) % REQUESTS.length] ?? ["/healthz", {}];
    const startMs = performance.now();
    const signal = AbortSignal.timeout(REQUEST_MS);
    const response = await fetch(this.#base + path, { ...init, client, signal });
    const body = await response.text();
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startMs);
    if (response.status !== 200) this.#failures.push(`${path}: ${response.status} ${body}`);
  }

  /** Asks no more; what came of it, when all is answered. */
  async stop(): Promise<Answered> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
    return { requests: this.#requests, slowestMs: this.#slowestMs, failures: this.#failures };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#kept.close();
    this.#fresh.close();
  }
}

const ASKED = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: '{"text":"/price BTC"}',
};
const REQUESTS: readonly (readonly [string, RequestInit])[] = [
  ["/healthz", {}],
  ["/api/v1/symbols", {}],
  ["/api/v1/ask", ASKED],
  ["/metrics", {}],
];

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : String(error);
}

/** People who each ask once, two of them a second, so that each answer has its question. */
export class TelegramLoad implements Disposable {
  readonly #api: BotApi;
  readonly #ids: readonly number[];
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #askedMs: number[] = [];

  constructor(api: BotApi, ids: readonly number[]) {
    this.#api = api;
    this.#ids = ids;
    this.#timer = setInterval(() => this.#ask(), ASK_EVERY_MS);
  }

  #ask(): void {
    const id = this.#ids[this.#askedMs.length];
    if (id === undefined) return;
    this.#api.user(id).send("/price BTC");
    this.#askedMs.push(Date.now());
  }

  /** Asks no more; how many asked, who did not get exactly one answer, and the slowest one. */
  async stop(
    withinMs: number,
  ): Promise<{ asked: number; wrong: readonly string[]; slowestMs: number }> {
    clearInterval(this.#timer);
    const asked = this.#ids.slice(0, this.#askedMs.length);
    const messages = (id: number) => this.#api.user(id).messages();
    const endMs = performance.now() + withinMs;
    while (performance.now() < endMs && asked.some((id) => messages(id).length === 0)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // A second answer would come by now.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const wrong = asked.map((id) => messages(id).map(({ text }) => text))
      .flatMap((texts, nth) =>
        texts.length === 1 && /^BTC [\d,.]+/.test(texts[0] ?? "")
          ? []
          : [`question ${nth + 1}: ${texts.length} answers ${JSON.stringify(texts)}`]
      );
    const waited = asked.map((id, nth) =>
      (messages(id)[0]?.atMs ?? Infinity) - (this.#askedMs[nth] ?? 0)
    );
    return { asked: asked.length, wrong, slowestMs: Math.max(...waited) };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
