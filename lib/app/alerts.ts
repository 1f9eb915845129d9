/** The alerts on the live tape: what they read, whom they reach, whose positions they know. */
import { Alerts } from "../alerts/alerts.ts";
import type { AccountPosition, AccountView, KnownPositions } from "../alerts/account.ts";
import type { AccountDesk, Position, Report } from "../account/types.ts";
import { sleep } from "../bot/sleep.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Source } from "../market/source.ts";
import type { Desk } from "../reply/command.ts";
import type { Store } from "../store/mod.ts";
import { every } from "../tape/every.ts";
import type { OnTrade } from "../tape/feed/intake.ts";

/** Stands between the tape and who listens to its prints, for the tape is opened first. */
export class TradeTap {
  listener: OnTrade | null = null;

  readonly onTrade: OnTrade = (asset, venue, price, timeMs) => {
    this.listener?.(asset, venue, price, timeMs);
  };
}

export interface OpenAlerts {
  readonly config: Config;
  readonly source: Source;
  readonly desk: Desk;
  readonly store: Store;
  readonly tap: TradeTap;
  /** Credits the coverage of what was heard until now. */
  readonly credit: () => void;
  readonly account: AccountDesk | null;
  readonly log: Log;
}

/** Reads the rules and listens to the tape; evaluation begins with `run`. */
export async function openAlerts(options: OpenAlerts): Promise<Alerts> {
  const { config, source, desk, store, tap, credit, account, log } = options;
  const [owner = null] = config.allowedUsers;
  const alerts = new Alerts({
    ...{ source, records: store.records, credit, sleep, nowMs: Date.now },
    watched: () => desk.watched(),
    ownerId: config.telegramToken === null ? null : owner,
    instance: crypto.randomUUID(),
    // What needs a past, or can wait, is left to the full profile.
    criticalOnly: config.profile !== "full",
    log: log.child({ part: "alerts" }),
  });
  await alerts.load();
  if (account) {
    const positions = new Positions((asset) => alerts.engine.minutes.newest(asset, "cascade", 1));
    alerts.useAccount(positions);
    alerts.alongside = (signal) => positions.keep(account, () => alerts.needsAccount, signal);
  }
  tap.listener = alerts.onTrade;
  return alerts;
}

/** Positions are asked for this often, while a rule is about them. */
const POSITIONS_EVERY_MS = 10_000;
/** Older ones say nothing of now. */
const POSITIONS_KEEP_MS = 60_000;

/** The owner's positions as last read; what one account does not say holds up no other. */
export class Positions implements AccountView {
  readonly #newestCascade: (asset: string) => number | null;
  readonly #steadyMs: () => number;
  readonly #read = new Map<string, { held: readonly AccountPosition[]; readMs: number }>();
  #accounts: readonly string[] = [];

  constructor(
    newestCascade: (asset: string) => number | null,
    steadyMs: () => number = () => performance.now(),
  ) {
    this.#newestCascade = newestCascade;
    this.#steadyMs = steadyMs;
  }

  positions(): KnownPositions | null {
    const held: AccountPosition[] = [];
    const unread: string[] = [];
    for (const account of this.#accounts) {
      const read = this.#read.get(account);
      const old = !read || this.#steadyMs() - read.readMs > POSITIONS_KEEP_MS;
      if (old) unread.push(account);
      else held.push(...read.held);
    }
    return unread.length === this.#accounts.length ? null : { held, unread };
  }

  cascade(asset: string): "long" | "short" | "none" | null {
    const value = this.#newestCascade(asset);
    return value === null ? null : value === 1 ? "long" : value === 2 ? "short" : "none";
  }

  /** Takes what the accounts answered; of one that did not, the last answer counts for a while. */
  take(reports: readonly Report<readonly Position[]>[]): void {
    this.#accounts = reports.map(({ account }) => account);
    for (const { account, value } of reports) {
      if (value === null) continue;
      this.#read.set(account, { held: value.map(positionOf), readMs: this.#steadyMs() });
    }
  }

  /** Reads them again and again while a rule is about them. */
  async keep(account: AccountDesk, needed: () => boolean, signal: AbortSignal): Promise<void> {
    const timetable = { everyMs: POSITIONS_EVERY_MS, retryMs: POSITIONS_EVERY_MS, signal };
    await every(timetable, async () => {
      if (needed()) this.take(await account.positions());
    }, () => {});
  }
}

/** A dated future is named with its date, `BTCUSDT_260327`: it has no funding. */
const DATED = /[-_]/;

function positionOf(position: Position): AccountPosition {
  const { venue, symbol, base, side, notionalUsd, fundingRate, nextFundingMs } = position;
  const sign = side === "long" ? 1 : -1;
  const fundingDueQuote = notionalUsd === null || fundingRate === null
    ? null
    : sign * fundingRate * Math.abs(notionalUsd);
  return {
    ...{ venue, asset: base, side, nextFundingMs },
    liquidationDistance: position.liquidationPrice === null
      ? Infinity
      : position.liquidationDistance,
    fundingDueQuote: DATED.test(symbol) ? 0 : fundingDueQuote,
  };
}
