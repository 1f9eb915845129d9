/** The owner's accounts as commands see them: asked side by side, each fault in plain words. */
import { sleepOn, timingOf } from "../net/timing.ts";
import type { Log } from "../log.ts";
import type { Account, Key } from "./account.ts";
import { BINANCE, binanceKey } from "./binance/binance.ts";
import { binancePerpAccount } from "./binance/perp.ts";
import { binanceSpotAccount } from "./binance/spot.ts";
import { bybitAccount } from "./bybit/account.ts";
import { BYBIT, bybitKey } from "./bybit/bybit.ts";
import type { PriceOf } from "./dollars.ts";
import { AccountRefusal } from "./refusal.ts";
import { binanceSign, bybitSign, type KeyPair } from "./sign.ts";
import { type Host, type Pause, SignedRest } from "./signed_rest.ts";
import { spanOf } from "./span.ts";
import type { AccountDesk, AccountName, KeyWarning, PnlRange, Report, Span } from "./types.ts";

export type { Host } from "./signed_rest.ts";

/** A question that takes longer is given up: somebody waits for it. */
const DEADLINE_MS = 45_000;

export interface AccountsOptions {
  /** By exchange: `binance`, `bybit`. */
  readonly keys: Readonly<Record<string, KeyPair>>;
  /** Shared with the tape, whose limits count per machine. */
  readonly hosts: Readonly<Record<"binance-spot" | "binance-perp" | "bybit", Host>>;
  readonly priceOf: PriceOf;
  /** Assets whose spot trades are looked for. */
  readonly watched: () => readonly string[];
  readonly log: Log;
  readonly deadlineMs?: number;
}

export class Accounts implements AccountDesk {
  readonly #options: AccountsOptions;
  readonly #accounts: readonly Account[];
  readonly #keys: readonly Key[];

  constructor(options: AccountsOptions) {
    this.#options = options;
    const { keys: { binance, bybit }, hosts, priceOf, watched } = options;
    const accounts: Account[] = [];
    const keys: Key[] = [];
    if (binance) {
      const sign = binanceSign(binance);
      const { key } = binance;
      const restOf = (host: Host) => new SignedRest({ host, sign, key, dialect: BINANCE, pause });
      const rest = restOf(hosts["binance-spot"]);
      accounts.push(binanceSpotAccount({ rest, priceOf, watched }));
      accounts.push(binancePerpAccount(restOf(hosts["binance-perp"]), priceOf));
      keys.push(binanceKey(rest));
    }
    if (bybit) {
      const [host, sign] = [hosts.bybit, bybitSign(bybit)];
      const rest = new SignedRest({ host, sign, key: bybit.key, dialect: BYBIT, pause });
      accounts.push(bybitAccount({ rest, priceOf, pause }));
      keys.push(bybitKey(rest));
    }
    this.#accounts = accounts;
    this.#keys = keys;
  }

  get names(): readonly AccountName[] {
    return this.#accounts.map(({ name }) => name);
  }

  balances() {
    return this.#ask((account, signal) => account.balance(signal));
  }

  positions() {
    return this.#ask((account, signal) => account.positions(signal));
  }

  async pnl(range: PnlRange) {
    // One span for all, so that their sum means something.
    const span: Span = spanOf(range, this.#accounts[0]?.nowMs() ?? Date.now());
    return { span, reports: await this.#ask((account, signal) => account.pnl(span, signal)) };
  }

  async keyWarnings(): Promise<readonly KeyWarning[]> {
    const found = await Promise.all(this.#keys.map(async (key): Promise<KeyWarning[]> => {
      const { exchange } = key;
      const asked = await this.#guarded(exchange, (signal) => key.warnings(signal));
      if (asked.fault === null) return [...asked.value];
      const text = `Cannot ask ${exchange} what its key may do: ${asked.fault}`;
      return [{ exchange, severity: "unasked", text }];
    }));
    return found.flat();
  }

  #ask<T>(ask: (account: Account, signal: AbortSignal) => Promise<T>): Promise<Report<T>[]> {
    return Promise.all(this.#accounts.map(async (account): Promise<Report<T>> => {
      const { name } = account;
      return { account: name, ...await this.#guarded(name, (signal) => ask(account, signal)) };
    }));
  }

  async #guarded<T>(
    name: string,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ value: T; fault: null } | { value: null; fault: string }> {
    const { log, deadlineMs = DEADLINE_MS } = this.#options;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), deadlineMs);
    try {
      return { value: await work(late.signal), fault: null };
    } catch (error) {
      if (late.signal.aborted) {
        const fault = `no answer within ${deadlineMs / 1000} s: it is slow, or its limits are ` +
          "spent by the tape; ask again in a minute";
        return { value: null, fault };
      }
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof AccountRefusal) log.info("account refused", { account: name, reason });
      else log.error("cannot read an account", { account: name, error });
      const fault = error instanceof AccountRefusal
        ? reason
        : "it answered what cannot be read; it is in the log";
      return { value: null, fault };
    } finally {
      clearTimeout(timer);
      // After a refusal: what else was asked for this answer is of no use any more.
      late.abort();
    }
  }
}

const pause: Pause = (ms, signal) => sleepOn(timingOf({}), ms, signal);
