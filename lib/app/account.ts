/** The owner's accounts, on the tape's own clients: a venue counts its limits per machine. */
import type { Collector } from "../market/collector.ts";
import type { Source } from "../market/source.ts";
import { Accounts, type Host } from "../account/accounts.ts";
import type { AccountDesk } from "../account/types.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import { VenueClock } from "../net/clock.ts";
import { RestClient } from "../net/rest.ts";
import { steadyMs } from "../net/timing.ts";
import type { Venue } from "../tape/venue.ts";
import { type Sleep, sleep as realSleep } from "../bot/sleep.ts";
import type { Alarms } from "./alarms.ts";

export interface OpenAccounts {
  readonly config: Config;
  /** All that there are: an account may be on a venue that is not collected. */
  readonly collectors: readonly Collector[];
  readonly venues: readonly Venue[];
  readonly source: Source;
  readonly log: Log;
}

/** The venues whose host an account is asked at. */
const HOSTS = {
  "binance-spot": "binance-spot",
  "binance-perp": "binance-perp",
  bybit: "bybit-perp",
} as const;

/** The accounts that there are keys for, or `null`. */
export function openAccounts(options: OpenAccounts): AccountDesk | null {
  const { config: { accountKeys: keys }, source, log } = options;
  if (Object.keys(keys).length === 0) return null;
  return new Accounts({
    ...{ keys, log },
    hosts: {
      "binance-spot": hostOf(HOSTS["binance-spot"], options),
      "binance-perp": hostOf(HOSTS["binance-perp"], options),
      bybit: hostOf(HOSTS.bybit, options),
    },
    priceOf: (asset) => priceOf(source, asset),
    watched: () => source.assets(),
  });
}

/** The venue that is collected there, for its limits and its clock; else one of our own. */
function hostOf(name: string, { config, collectors, venues }: OpenAccounts): Host {
  const collected = venues.find(({ collector }) => collector.venue === name);
  if (collected) return collected;
  const collector = collectors.find(({ venue }) => venue === name);
  if (!collector) throw new RangeError(`Cannot ask ${name}: there is no such collector`);
  const baseUrl = config.endpoints[collector.envRest] ?? collector.rest;
  // Another market of the same exchange may share the host, and with it the limits.
  const shared = venues.find(({ collector: { envRest, restLimits } }) =>
    envRest === collector.envRest && restLimits.weight === collector.restLimits.weight
  );
  const rest = shared?.rest ?? new RestClient({ baseUrl, limits: collector.restLimits });
  const clock = shared?.clock ?? new VenueClock(steadyMs);
  const { time } = collector.api;
  return {
    rest,
    clock,
    async syncClock(signal) {
      const sentMs = steadyMs();
      const body = await rest.get(time.path(null), { weight: time.weight(null), signal });
      clock.sample(sentMs, steadyMs(), time.read(body, null));
    },
  };
}

/** The newest price that the tape knows of one coin, spot before perpetuals. */
function priceOf(source: Source, asset: string): number | null {
  const series = source.seriesOf(asset);
  for (const market of ["spot", "perp"] as const) {
    for (const info of series) {
      const price = info.market === market ? source.latest(info)?.price ?? null : null;
      if (price !== null) return price;
    }
    const ticker = source.tickers(market).find(({ base }) => base === asset);
    if (ticker) return ticker.lastPrice;
  }
  return null;
}

/** The venue that could not be asked at the start may be up by then. */
const ASK_AGAIN_MS = 10 * 60_000;

/**
 * Says what the keys can do beyond reading: to the log, and what is dangerous to the owner.
 * Goes on until every key was asked about, or the signal aborts.
 */
export async function checkKeys(
  { account, log, alarms, signal, sleep = realSleep }: {
    readonly account: AccountDesk;
    readonly log: Log;
    readonly alarms: Alarms | undefined;
    readonly signal: AbortSignal;
    readonly sleep?: Sleep;
  },
): Promise<void> {
  const told = new Set<string>();
  for (;;) {
    const warnings = await account.keyWarnings();
    for (const { severity, text, exchange } of warnings) {
      if (told.has(text)) continue;
      if (severity !== "unasked") told.add(text);
      if (severity === "danger" && alarms) alarms.raise(text);
      else log.warn("account key", { exchange, text });
    }
    if (!warnings.some(({ severity }) => severity === "unasked")) return;
    await sleep(ASK_AGAIN_MS, signal);
    if (signal.aborted) return;
  }
}
