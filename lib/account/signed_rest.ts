/**
 * Signed reading of one host: inside the limits that the market client keeps there, at the
 * venue's own time, and with every refusal in plain words.
 */
import type { VenueClock } from "../net/clock.ts";
import { type RestClient, VenueHttpError } from "../net/rest.ts";
import { AccountRefusal, type Refusal } from "./refusal.ts";
import type { Sign } from "./sign.ts";

/** A venue's REST host with its clock: the tape's own where it has one. */
export interface Host {
  readonly rest: RestClient;
  readonly clock: VenueClock;
  syncClock(signal: AbortSignal): Promise<void>;
}

/** How a venue says no. */
export interface Dialect {
  /** In a body that came with HTTP 200; `null` where it is an answer. */
  inBody(body: unknown): Refusal | null;
  /** In any other response, or in none. */
  inError(error: VenueHttpError): Refusal;
}

export interface SignedRestOptions {
  readonly host: Host;
  readonly sign: Sign;
  /** The key, which a venue may repeat in what it says. */
  readonly key: string;
  readonly dialect: Dialect;
  readonly pause: Pause;
}

/** Waits; rejects with the signal's reason when it aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** One attempt; a person waits for it. */
const TIMEOUT_MS = 6_000;
/** A longer pause, as of a ban, is told instead of waited for. */
const PATIENCE_MS = 20_000;
/** After "too many visits" without an HTTP status that the client would obey by itself. */
const LIMIT_PAUSE_MS = 1_100;
const LIMIT_TRIES = 3;

export class SignedRest {
  readonly #options: SignedRestOptions;

  constructor(options: SignedRestOptions) {
    this.#options = options;
  }

  /** The venue's time, ms. */
  nowMs(): number {
    return this.#options.host.clock.nowMs();
  }

  /**
   * The decoded body of a signed GET.
   * @throws {AccountRefusal} where the venue refuses; a wrong clock is set and tried once more
   */
  async get(path: string, weight: number, signal: AbortSignal): Promise<unknown> {
    const { host, pause } = this.#options;
    let synced = false;
    if (host.clock.offsetMs === null) {
      synced = true;
      await this.#sync(signal);
    }
    for (let limited = 0;;) {
      const { body, refusal } = await this.#once(path, weight, signal, true);
      if (refusal === null) return body;
      if (refusal.kind === "clock" && !synced) {
        synced = true;
        await this.#sync(signal);
      } else if (refusal.kind === "limit" && body !== null && ++limited < LIMIT_TRIES) {
        // Said with an HTTP status the client has waited and tried again by itself.
        await pause(LIMIT_PAUSE_MS, signal);
      } else throw this.#refusal(refusal);
    }
  }

  /**
   * The decoded body of a public GET at the same host.
   * @throws {AccountRefusal} where the venue refuses
   */
  async getPublic(path: string, weight: number, signal: AbortSignal): Promise<unknown> {
    const { body, refusal } = await this.#once(path, weight, signal, false);
    if (refusal === null) return body;
    throw this.#refusal(refusal);
  }

  #refusal(refusal: Refusal): AccountRefusal {
    return new AccountRefusal({
      ...refusal,
      words: refusal.words.replaceAll(this.#options.key, "(the key)"),
    });
  }

  async #once(
    path: string,
    weight: number,
    signal: AbortSignal,
    signed: boolean,
  ): Promise<{ body: unknown; refusal: Refusal | null }> {
    const { host, sign, dialect } = this.#options;
    const hook = signed ? { sign: (path: string) => sign(path, host.clock.nowMs()) } : {};
    try {
      const options = {
        ...{ weight, signal, timeoutMs: TIMEOUT_MS, patienceMs: PATIENCE_MS },
        ...hook,
      };
      const body = await host.rest.get(path, options);
      return { body, refusal: dialect.inBody(body) };
    } catch (error) {
      if (!(error instanceof VenueHttpError)) throw error;
      return { body: null, refusal: dialect.inError(error) };
    }
  }

  /** Where it fails the request shows why, in better words. */
  async #sync(signal: AbortSignal): Promise<void> {
    try {
      await this.#options.host.syncClock(signal);
    } catch (error) {
      if (signal.aborted) throw error;
    }
  }
}
