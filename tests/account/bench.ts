/** Accounts against the simulated exchanges, with hosts of their own. */
import { Accounts, type Host } from "../../lib/account/accounts.ts";
import { createLog } from "../../lib/log.ts";
import { VenueClock } from "../../lib/net/clock.ts";
import { RestClient } from "../../lib/net/rest.ts";
import { steadyMs } from "../../lib/net/timing.ts";
import { type AccountSim, type AccountSimOptions, startAccounts } from "../sim/account.ts";

export const BINANCE = { key: "binance-key-0123456789", secret: "binance-secret-abcdefghij" };
export const BYBIT = { key: "bybit-key-0123456789", secret: "bybit-secret-abcdefghij" };

export interface Bench extends AsyncDisposable {
  readonly sim: AccountSim;
  readonly accounts: Accounts;
  readonly hosts: Readonly<Record<string, Host>>;
  readonly lines: string[];
}

export interface BenchOptions extends AccountSimOptions {
  readonly prices?: Readonly<Record<string, number>>;
  readonly watched?: readonly string[];
  readonly keys?: Readonly<Record<string, { key: string; secret: string }>>;
  readonly deadlineMs?: number;
}

export function bench(options: BenchOptions = {}): Bench {
  const { prices = {}, watched = [], keys = { binance: BINANCE, bybit: BYBIT } } = options;
  const sim = startAccounts({ binance: BINANCE, bybit: BYBIT, ...options });
  const lines: string[] = [];
  const clients: RestClient[] = [];
  const timers: ReturnType<typeof setTimeout>[] = [];
  const host = (base: string, time: string, read: (body: never) => number): Host => {
    const limits = { weight: 6000, windowMs: 60_000, usedHeader: null, forbiddenPauseMs: 600_000 };
    const baseUrl = sim.env[base] ?? "";
    // Pauses between retries are over at once; a request's own limit stays.
    const after = (delayMs: number, run: () => void) => {
      const timer = setTimeout(run, delayMs >= 6_000 ? delayMs : 0);
      timers.push(timer);
      return () => clearTimeout(timer);
    };
    const rest = new RestClient({ baseUrl, limits, after });
    const clock = new VenueClock(steadyMs);
    clients.push(rest);
    return {
      rest,
      clock,
      async syncClock(signal) {
        const sentMs = steadyMs();
        const body = await rest.get(time, { weight: 1, signal }) as never;
        clock.sample(sentMs, steadyMs(), read(body));
      },
    };
  };
  const serverTime = (body: { serverTime: number }) => body.serverTime;
  const hosts = {
    "binance-spot": host("BINANCE_SPOT_REST", "/api/v3/time", serverTime),
    "binance-perp": host("BINANCE_PERP_REST", "/fapi/v1/time", serverTime),
    bybit: host("BYBIT_REST", "/v5/market/time", (body: { time: number }) => body.time),
  };
  const log = createLog({ level: "debug", write: (line) => lines.push(line) });
  const accounts = new Accounts({
    ...{ keys, hosts, log },
    priceOf: (asset) => prices[asset] ?? null,
    watched: () => watched,
    ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
  });
  return {
    sim,
    accounts,
    hosts,
    lines,
    async [Symbol.asyncDispose]() {
      for (const client of clients) client[Symbol.dispose]();
      await sim[Symbol.asyncDispose]();
      // A request that was cut may not have heard of it yet, nor Deno that it is over.
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** The value of one account's report; throws where there is none. */
export function valueOf<T>(
  reports: readonly { account: string; value: T | null; fault: string | null }[],
  account: string,
): T {
  const report = reports.find((one) => one.account === account);
  if (!report || report.value === null) throw new Error(report?.fault ?? `no ${account}`);
  return report.value;
}

export function faultOf(
  reports: readonly { account: string; fault: string | null }[],
  account: string,
): string {
  return reports.find((one) => one.account === account)?.fault ?? "";
}
