// This module is pure.
/** `/balance`: the owner's equity, free balance and open profit, by account and in sum. */
import type { Balance, Report } from "../lib/account/types.ts";
import type { Command } from "../lib/reply/command.ts";
import { bold, clean, escape, pre } from "../lib/reply/html.ts";
import { compact, delta, price } from "../lib/reply/numbers.ts";
import { table } from "../lib/reply/table.ts";
import { clockSeconds } from "../lib/reply/times.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { accountFor, accountTrust, faultLines, remarkLines, sumKnown } from "./_account.ts";

/** Assets shown of each account; the data has all. */
const ASSETS = 6;
/** Longer than any name that is one; a listing may be named anything. */
const NAME = 10;

export const balance: Command = {
  name: "balance",
  usage: "",
  description: "Your equity, free balance and open profit (owner only)",
  details: [
    "Read from your own read-only keys; stablecoins count as a dollar.",
    "Only for the owner, in a private chat or with the API token.",
  ],
  formulas: [
    "Binance spot: equity = Σ (free + locked) × price; it has no open profit",
    "Binance USDⓈ-M: equity = totalMarginBalance, free = availableBalance, other dollars added " +
    "in single-asset mode",
    "Bybit: equity = totalEquity, free = totalAvailableBalance, open profit = totalPerpUPL",
  ],
  async run({ asker, account, desk, source }) {
    const asked = accountFor(asker, account);
    if ("refusal" in asked) return asked.refusal;
    const reports = await asked.desk.balances();
    const nowMs = source.nowMs();
    const zone = await zoneOf({ asker, desk });
    const of = (pick: (value: Balance) => number | null) =>
      sumKnown(reports.map(({ value }) => value ? pick(value) : null));
    const sum = {
      equityUsd: of((value) => value.equityUsd),
      freeUsd: of((value) => value.freeUsd),
      unrealizedUsd: of((value) => value.unrealizedUsd),
    };
    return {
      html: page(reports, sum, nowMs, zone),
      data: { nowMs, accounts: reports, sum },
      buttons: [[
        { label: "Refresh", ask: "/balance" },
        { label: "Positions", ask: "/positions" },
        { label: "P&L", ask: "/pnl today" },
      ]],
    };
  },
};

type Sums = Pick<Balance, "equityUsd" | "freeUsd" | "unrealizedUsd">;

function page(
  reports: readonly Report<Balance>[],
  sum: Sums,
  nowMs: number,
  zone: Zone,
): string {
  const row = (name: string, { equityUsd, freeUsd, unrealizedUsd }: Sums) => [
    name,
    compact(equityUsd),
    compact(freeUsd),
    delta(unrealizedUsd),
  ];
  const read = reports.flatMap(({ account, value }) => value ? [row(account, value)] : []);
  const partial = read.length < reports.length ? " of the accounts read" : "";
  return [
    `${bold("Balance")} · ${clockSeconds(nowMs, zone)} ${escape(zone.label)}`,
    `Equity ${bold(price(sum.equityUsd))} USD${partial}`,
    ...(read.length === 0
      ? []
      : [pre(table(["USD", "equity", "free", "open"], [...read, row("sum", sum)]))]),
    ...assetLines(reports),
    ...remarkLines(reports),
    ...faultLines(reports),
    accountTrust(reports),
  ].join("\n");
}

function assetLines(reports: readonly Report<Balance>[]): string[] {
  const rows = reports.flatMap(({ account, value }) =>
    (value?.assets ?? []).slice(0, ASSETS).map(({ asset, total, valueUsd }) => [
      `${clean(asset).slice(0, NAME)} ${account.replace("binance-", "")}`,
      compact(total),
      compact(valueUsd),
    ])
  );
  return rows.length === 0 ? [] : [pre(table(["asset", "coins", "USD"], rows))];
}
