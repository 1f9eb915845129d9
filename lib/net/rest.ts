/**
 * The REST client of one venue: JSON from its base URL, inside its limits, and every
 * refusal as an error that says what to do.
 */
import { backoffMs } from "./backoff.ts";
import { readClipped, readJson } from "./body/body.ts";
import { networkError, pauseOf, statusError, VenueHttpError } from "./http_error.ts";
import type { LongList } from "./body/json_rows.ts";
import { isBarring } from "./region.ts";
import { type Priority, RequestQueue } from "./request_queue.ts";
import { sleepOn, type Timing, timingOf } from "./timing.ts";

export { VenueHttpError } from "./http_error.ts";
export type { Priority } from "./request_queue.ts";

/** How the venue counts and punishes requests. */
export interface RequestLimits {
  /** Weight allowed in `windowMs`; we spend 70 % of it at most. */
  readonly weight: number;
  readonly windowMs: number;
  /** Response header with the weight used so far, where the venue sends it. */
  readonly usedHeader: string | null;
  /** Pause after a 403 or 451. */
  readonly forbiddenPauseMs: number;
  /** What to set where the host refuses whoever asks: `BYBIT_REST=https://api.bytick.com`. */
  readonly elsewhere?: string;
}

export interface RestOptions extends Partial<Timing> {
  /** May carry a path prefix; the paths asked for are appended to it. */
  readonly baseUrl: string;
  readonly limits: RequestLimits;
}

/** What is really sent for a path: with its signature, and the headers that go with it. */
export interface Signed {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface GetOptions {
  readonly weight: number;
  /**
   * Signs the path. Called for each attempt when its turn has come, for a signature made
   * before would be stale by then; errors name the path without it.
   */
  readonly sign?: ((path: string) => Promise<Signed>) | undefined;
  /** `live` unless told; a repair waits for every live request. */
  readonly priority?: Priority | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For one attempt, from sending to the last byte; 10 s unless told. */
  readonly timeoutMs?: number | undefined;
  /** A pause that the venue wants is not waited for beyond this; 5 min unless told. */
  readonly patienceMs?: number | undefined;
  /** Where the body is one long list: it is read row by row while it comes. */
  readonly list?: LongList | undefined;
}

/** Counts since the client was made. */
export interface RestStats {
  /** Attempts sent, retries included. */
  readonly requests: number;
  readonly weightUsed: number;
  /** Largest share of the venue's allowance spent when we sent a request; at most 0.7. */
  readonly peakShare: number;
  readonly retries: number;
  /** Answers 429 and 418. */
  readonly limited: number;
  /** Calls that ended in an error other than the caller's own abort. */
  readonly failures: number;
  /** Requests that wait for their turn. */
  readonly waiting: number;
}

const TIMEOUT_MS = 10_000;
const MAX_RETRIES = 3;
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const MAX_ERROR_BYTES = 300;

export class RestClient implements Disposable {
  readonly #base: string;
  readonly #limits: RequestLimits;
  readonly #timing: Timing;
  readonly #queue: RequestQueue;
  readonly #calls = new Set<AbortController>();
  #requests = 0;
  #retries = 0;
  #limited = 0;
  #failures = 0;
  /** Answers 429 or 418 since the last good one; each pause is twice as long. */
  #limitedInARow = 0;

  /** @throws {TypeError} where the base URL is none */
  constructor(options: RestOptions) {
    if (!/^https?:$/.test(new URL(options.baseUrl).protocol)) {
      throw new TypeError(`Cannot ask ${options.baseUrl}: give an http: or https: address`);
    }
    this.#base = options.baseUrl.replace(/\/+$/, "");
    this.#limits = options.limits;
    this.#timing = timingOf(options);
    this.#queue = new RequestQueue(options.limits, this.#timing);
  }

  get stats(): RestStats {
    const { weightUsed, peakShare, waiting } = this.#queue;
    return {
      requests: this.#requests,
      weightUsed,
      peakShare,
      retries: this.#retries,
      limited: this.#limited,
      failures: this.#failures,
      waiting,
    };
  }

  /**
   * The decoded JSON of `path` (with query, starting with a slash). Waits for its turn, and
   * tries up to four times where that can help.
   * @throws {VenueHttpError} where the venue does not answer or refuses
   * @throws {RangeError} where the weight or the body is larger than can be
   * @throws the signal's reason when aborted
   */
  async get(path: string, options: GetOptions): Promise<unknown> {
    const call = new AbortController();
    const abort = () => call.abort(options.signal?.reason);
    options.signal?.throwIfAborted();
    options.signal?.addEventListener("abort", abort, { once: true });
    this.#calls.add(call);
    try {
      return await this.#retrying(path, options, call.signal);
    } catch (error) {
      if (!call.signal.aborted) this.#failures++;
      throw error;
    } finally {
      this.#calls.delete(call);
      options.signal?.removeEventListener("abort", abort);
    }
  }

  /** Ends all that is under way with an error; the client takes nothing more. */
  [Symbol.dispose](): void {
    const error = new DOMException(`Stopped asking ${this.#base}`, "AbortError");
    this.#queue.stop(error);
    for (const call of this.#calls) call.abort(error);
  }

  async #retrying(path: string, options: GetOptions, signal: AbortSignal): Promise<unknown> {
    for (let failures = 1;; failures++) {
      const { weight, priority = "live", patienceMs } = options;
      await this.#queue.enter(weight, priority, signal, patienceMs);
      let failure: VenueHttpError;
      try {
        const sent = await options.sign?.(path) ?? { path, headers: {} };
        return await this.#once(path, sent, options, signal);
      } catch (error) {
        const again = error instanceof VenueHttpError && error.retryable;
        if (!again || failures > MAX_RETRIES) throw error;
        failure = error;
      } finally {
        this.#queue.leave();
      }
      this.#retries++;
      // Where the venue told us to stop, the queue waits for everybody.
      if (isLimited(failure.status)) continue;
      await sleepOn(this.#timing, this.#pauseMs(failure, failures), signal);
    }
  }

  async #once(
    path: string,
    sent: Signed,
    { timeoutMs = TIMEOUT_MS, list }: GetOptions,
    signal: AbortSignal,
  ): Promise<unknown> {
    // It may have been aborted while it was signed.
    signal.throwIfAborted();
    const url = `${this.#base}${path}`;
    const attempt = new AbortController();
    const abort = () => attempt.abort(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    const late = networkError(url, `no answer in ${timeoutMs / 1000} s`);
    const cancel = this.#timing.after(timeoutMs, () => attempt.abort(late));
    try {
      this.#requests++;
      return await this.#ask(path, sent, list, attempt.signal);
    } catch (error) {
      if (attempt.signal.aborted) throw attempt.signal.reason;
      if (error instanceof VenueHttpError || error instanceof RangeError) throw error;
      throw networkError(url, error instanceof Error ? error.message : String(error));
    } finally {
      cancel();
      signal.removeEventListener("abort", abort);
    }
  }

  /** `path` is what errors name; `sent` may carry a signature. */
  async #ask(
    path: string,
    sent: Signed,
    list: LongList | undefined,
    signal: AbortSignal,
  ): Promise<unknown> {
    const url = `${this.#base}${path}`;
    const headers = { accept: "application/json", ...sent.headers };
    // Whoever a signed request is redirected to would get the key.
    const redirect = Object.keys(sent.headers).length === 0 ? "follow" : "manual";
    const response = await fetch(`${this.#base}${sent.path}`, { signal, headers, redirect });
    const { usedHeader } = this.#limits;
    const used = usedHeader === null ? NaN : Number(response.headers.get(usedHeader) ?? NaN);
    if (Number.isFinite(used)) this.#queue.correct(used);
    if (!response.ok) {
      const body = await readClipped(response, MAX_ERROR_BYTES);
      const pauseMs = pauseOf(response.headers, body);
      const error = statusError(url, response.status, body, pauseMs, this.#limits.elsewhere);
      this.#punish(error);
      throw error;
    }
    this.#limitedInARow = 0;
    return await readJson(response, MAX_BODY_BYTES, list).catch((error) => {
      if (!(error instanceof SyntaxError)) throw error;
      const message = `Cannot read ${url}: ${error.message}`;
      throw new VenueHttpError(message, response.status, false, null);
    });
  }

  /** A venue that is asked on while it wants a pause bans the address, for up to days. */
  #punish(error: VenueHttpError): void {
    if (isBarring(error.status)) return this.#queue.pause(this.#limits.forbiddenPauseMs, error);
    if (!isLimited(error.status)) return;
    this.#limited++;
    // Requests that were under way together are one offence.
    if (!this.#queue.paused) this.#limitedInARow++;
    const doubled = 2 ** Math.min(this.#limitedInARow - 1, 6);
    const firstMs = error.status === 418 && error.retryAfterMs === null ? 120_000 : 1_000;
    // A venue that says "0 s" again and again does not mean it.
    this.#queue.pause(Math.max(error.retryAfterMs ?? 0, firstMs * doubled), error);
  }

  #pauseMs(error: VenueHttpError, failures: number): number {
    return Math.max(error.retryAfterMs ?? 0, backoffMs(failures, this.#timing.random()));
  }
}

function isLimited(status: number | null): boolean {
  return status === 429 || status === 418;
}
