// This module is pure.
/** `/pnl`: what the owner made, paid for holding, and paid for trading. */
import type { Pnl, PnlRange, Report } from "../lib/account/types.ts";
import type { Button, Command, Reply } from "../lib/reply/command.ts";
import { bold, clean, echo, escape, pre } from "../lib/reply/html.ts";
import { delta } from "../lib/reply/numbers.ts";
import { table } from "../lib/reply/table.ts";
import { clockAndDay } from "../lib/reply/times.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { accountFor, accountTrust, faultLines, remarkLines, sumKnown } from "./_account.ts";

const RANGES: readonly PnlRange[] = ["today", "7d", "30d"];

export const pnl: Command = {
  name: "pnl",
  usage: "[today|7d|30d]",
  description: "Your realised profit, funding and fees (owner only)",
  details: [
    "today is from UTC midnight; 7d and 30d are so many times 24 h until now.",
    "As money flows: what you paid is negative. — is what the venue does not report.",
    "Example: /pnl 7d",
  ],
  formulas: [
    "net = realised + funding + fees; — counts as nothing",
    "Binance USDⓈ-M: bookings REALIZED_PNL, FUNDING_FEE and COMMISSION of /fapi/v1/income",
    "Binance spot: first in, first out over /api/v3/myTrades; fees apart, no funding",
    "Bybit linear: Σ cashFlow, Σ funding (positive is received) and −Σ fee of the transaction log",
  ],
  async run({ words, asker, account, desk, source }) {
    const asked = accountFor(asker, account);
    if ("refusal" in asked) return asked.refusal;
    const typed = words[0] ?? "today";
    const range = RANGES.find((name) => name === typed.toLowerCase());
    if (range === undefined || words.length > 1) return unknown(range ? words[1] ?? "" : typed);
    const { span, reports } = await asked.desk.pnl(range);
    const accounts = reports.map((report) =>
      report.value ? { ...report, value: { ...report.value, netUsd: netOf(report.value) } } : report
    );
    const of = (pick: (value: Pnl) => number | null) =>
      sumKnown(reports.map(({ value }) => value ? pick(value) : null));
    const sum = {
      realizedUsd: of((value) => value.realizedUsd),
      fundingUsd: of((value) => value.fundingUsd),
      feesUsd: of((value) => value.feesUsd),
      netUsd: of(netOf),
    };
    const nowMs = source.nowMs();
    const zone = await zoneOf({ asker, desk });
    return {
      html: page(range, span.fromMs, reports, sum, nowMs, zone),
      data: { range, ...span, nowMs, accounts, sum },
      buttons: buttons(range),
    };
  },
};

type Parts = Pick<Pnl, "realizedUsd" | "fundingUsd" | "feesUsd">;

function netOf({ realizedUsd, fundingUsd, feesUsd }: Parts): number | null {
  return sumKnown([realizedUsd, fundingUsd, feesUsd]);
}

function page(
  range: PnlRange,
  fromMs: number,
  reports: readonly Report<Pnl>[],
  sum: Parts & { readonly netUsd: number | null },
  nowMs: number,
  zone: Zone,
): string {
  const row = (name: string, parts: Parts) => [
    name,
    delta(parts.realizedUsd),
    delta(parts.fundingUsd),
    delta(parts.feesUsd),
  ];
  const read = reports.flatMap(({ account, value }) => value ? [row(account, value)] : []);
  const lacks = reports.flatMap(({ account, value }) => {
    const missing = [
      ...(value?.realizedUsd === null ? ["realised"] : []),
      ...(value?.fundingUsd === null ? ["funding"] : []),
      ...(value?.feesUsd === null ? ["fees"] : []),
    ];
    return missing.length === 0 ? [] : [`${account} reports no ${missing.join(" nor ")}`];
  });
  return [
    `${bold(`P&L ${range}`)} · since ${clockAndDay(fromMs, nowMs, zone)} ${escape(zone.label)}`,
    `Net ${bold(delta(sum.netUsd))} USD${
      read.length < reports.length ? " of the accounts read" : ""
    }`,
    ...(read.length === 0
      ? []
      : [pre(table(["USD", "real.", "fund.", "fees"], [...read, row("sum", sum)]))]),
    ...lacks,
    ...remarkLines(reports),
    ...faultLines(reports),
    accountTrust(reports),
  ].join("\n");
}

function unknown(typed: string): Reply {
  return {
    html: `No range <b>${echo(typed)}</b>. There are three: ${RANGES.join(" ")}`,
    data: { problem: { kind: "range", typed: clean(typed), nearest: [...RANGES] } },
    buttons: buttons(null),
  };
}

function buttons(shown: PnlRange | null): Button[][] {
  return [
    RANGES.map((range): Button => ({
      label: range === shown ? `· ${range} ·` : range,
      ask: `/pnl ${range}`,
    })),
    [{ label: "Balance", ask: "/balance" }, { label: "Positions", ask: "/positions" }],
  ];
}
