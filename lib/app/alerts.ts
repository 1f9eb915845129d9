/** The alerts on the live tape: what they read, whom they reach, whose positions they know. */
import { Alerts } from "../alerts/alerts.ts";
import type { AccountPosition, AccountView } from "../alerts/account.ts";
import type { AccountDesk, Position } from "../account/types.ts";
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
  if (account) alerts.useAccount(new Positions(account, alerts));
  tap.listener = alerts.onTrade;
  return alerts;
}

/** Positions are asked for this often, while a rule is about them. */
const POSITIONS_EVERY_MS = 10_000;
/** Older ones say nothing of now. */
const POSITIONS_KEEP_MS = 60_000;

/** The owner's positions as last read. */
class Positions implements AccountView {
  readonly #account: AccountDesk;
  readonly #alerts: Alerts;
  #held: readonly AccountPosition[] = [];
  #readMs = -Infinity;

  constructor(account: AccountDesk, alerts: Alerts) {
    this.#account = account;
    this.#alerts = alerts;
    alerts.alongside = (signal) => this.#keep(signal);
  }

  positions(): readonly AccountPosition[] | null {
    return performance.now() - this.#readMs > POSITIONS_KEEP_MS ? null : this.#held;
  }

  cascade(asset: string): "long" | "short" | null {
    const value = this.#alerts.engine.minutes.newest(asset, "cascade", 1);
    return value === 1 ? "long" : value === 2 ? "short" : null;
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const timetable = { everyMs: POSITIONS_EVERY_MS, retryMs: POSITIONS_EVERY_MS, signal };
    await every(timetable, async () => {
      if (!this.#alerts.needsAccount) return;
      const reports = await this.#account.positions();
      // A venue that does not answer may hold the position that matters.
      if (reports.some(({ fault }) => fault !== null)) return;
      this.#held = reports.flatMap(({ value }) => value ?? []).map(positionOf);
      this.#readMs = performance.now();
    }, () => {});
  }
}

function positionOf(position: Position): AccountPosition {
  const { venue, base, side, liquidationDistance, notionalUsd, fundingRate } = position;
  const sign = side === "long" ? 1 : -1;
  const fundingDueQuote = notionalUsd === null || fundingRate === null
    ? null
    : sign * fundingRate * Math.abs(notionalUsd);
  const { nextFundingMs } = position;
  return { venue, asset: base, side, liquidationDistance, fundingDueQuote, nextFundingMs };
}
