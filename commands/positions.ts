// This module is pure.
/** `/positions`: the owner's open perpetuals, how far each is from its end, and the tape. */
import type { Position, Report } from "../lib/account/types.ts";
import type { Source } from "../lib/market/source.ts";
import type { Trust } from "../lib/market/trust.ts";
import type { Command } from "../lib/reply/command.ts";
import { bold, clean, echo, escape } from "../lib/reply/html.ts";
import { compact, delta, percent, price, signedPercent, UNKNOWN } from "../lib/reply/numbers.ts";
import { clockSeconds, duration } from "../lib/reply/times.ts";
import { trustLine } from "../lib/reply/trust_line.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { accountFor, accountTrust, faultLines, sumKnown } from "./_account.ts";
import { type PositionTape, positionTapeLine, studyPositionTape } from "./_position_tape.ts";

/** Positions told in full, the largest first; the data has all. */
const SHOWN = 8;

// A type alias: it leaves as the reply's data.
type Shown = Position & {
  /** The next funding in money, as it flows: negative is paid. */
  readonly nextFundingUsd: number | null;
  readonly tape: PositionTape | null;
};

export const positions: Command = {
  name: "positions",
  usage: "",
  description: "Your positions, distance to liquidation, the tape against them (owner only)",
  details: [
    "Contracts in USDT and USDC; inverse ones and options are not asked for.",
    "Sizes are real coins. ROE is on the margin of the entry.",
    "Funding: − is what you pay next. The last line is the tape of the last 15 minutes.",
    "Only for the owner, in a private chat or with the API token.",
  ],
  formulas: [
    "ROE = unrealised ÷ (size × entry ÷ leverage)",
    "distance = |mark − liquidation price| ÷ mark",
    "next funding = −rate × size × mark for a long, + for a short",
    "flow = taker buy − taker sell, all markets; buying is with a long",
    "OI with the price change: a quadrant, an inference; beyond 0.25 % on both",
    "cascade against you = of your own side",
  ],
  async run({ asker, account, desk, source }) {
    const asked = accountFor(asker, account);
    if ("refusal" in asked) return asked.refusal;
    const reports = await asked.desk.positions();
    const nowMs = source.nowMs();
    const held = reports.flatMap(({ value }) => value ?? [])
      .toSorted((a, b) => (b.notionalUsd ?? 0) - (a.notionalUsd ?? 0));
    const shown = await Promise.all(
      held.map((position, nth) => withTape(source, position, nth < SHOWN)),
    );
    const zone = await zoneOf({ asker, desk });
    const unrealizedUsd = sumKnown(shown.map((position) => position.unrealizedUsd));
    const accounts = reports.map(({ account, fault }) => ({ account, fault }));
    const bases = [...new Set(shown.map(({ base }) => base))].slice(0, 3);
    return {
      html: page(shown, reports, nowMs, zone),
      data: { nowMs, positions: shown, unrealizedUsd, accounts },
      buttons: [[
        { label: "Refresh", ask: "/positions" },
        { label: "Balance", ask: "/balance" },
        ...bases.filter((base) => /^[A-Z0-9]{1,20}$/.test(base))
          .map((base) => ({ label: base, ask: `/liquidations ${base}` })),
      ]],
    };
  },
};

/** With what the tape knows: the newest funding, and what the market does to it. */
async function withTape(source: Source, position: Position, joined: boolean): Promise<Shown> {
  const { base, symbol, venue, side } = position;
  const tape = joined ? await studyPositionTape(source, position) : null;
  const series = source.seriesOf(base)
    .find((info) => info.venue === venue && info.symbol === symbol);
  const latest = series ? source.latest(series) : null;
  const fundingRate = latest?.fundingRate ?? position.fundingRate;
  const nextFundingMs = latest?.nextFundingMs ?? position.nextFundingMs;
  const paid = fundingRate === null || position.notionalUsd === null
    ? null
    : fundingRate * position.notionalUsd;
  const nextFundingUsd = paid === null ? null : (side === "long" ? -paid : paid) + 0;
  return { ...position, fundingRate, nextFundingMs, nextFundingUsd, tape };
}

function page(
  shown: readonly Shown[],
  reports: readonly Report<readonly Position[]>[],
  nowMs: number,
  zone: Zone,
): string {
  const left = shown.length - SHOWN;
  const trust = worst(shown.flatMap(({ tape }) => tape?.trust ?? []));
  return [
    `${bold("Positions")} · ${clockSeconds(nowMs, zone)} ${escape(zone.label)}`,
    ...(shown.length === 0 ? ["No open USDT or USDC contract in the accounts read"] : []),
    ...shown.slice(0, SHOWN).map((position) => block(position, nowMs)),
    ...(left > 0 ? [`and ${left} smaller ones`] : []),
    ...faultLines(reports),
    [accountTrust(reports), ...(trust ? [trustLine(trust)] : [])].join(" · "),
  ].join("\n");
}

function block(position: Shown, nowMs: number): string {
  const { base, side, sizeBase, venue, leverage } = position;
  const lines = [
    `\n<b>${echo(base)} ${side} ${compact(sizeBase)}</b> · ${escape(venue)}` +
    (base === clean(position.symbol) ? "" : ` ${echo(position.symbol)}`) +
    (leverage === null ? "" : ` · ${leverage}×`),
    `entry ${price(position.entryPrice)} · mark ${price(position.markPrice)} · ` +
    `${compact(position.notionalUsd)} USD`,
    `open ${delta(position.unrealizedUsd)} USD · ROE ${signedPercent(position.roe)}`,
    position.liquidationPrice === null
      ? "no liquidation price as it stands"
      : `liq ${price(position.liquidationPrice)}, ` +
        `${bold(percent(position.liquidationDistance))} away`,
    fundingLine(position, nowMs),
    positionTapeLine(position.tape),
  ];
  return lines.join("\n");
}

function fundingLine({ nextFundingUsd, nextFundingMs, fundingRate }: Shown, nowMs: number) {
  if (nextFundingUsd === null) return `next funding ${UNKNOWN}`;
  // A time that has passed belongs to the rate before.
  const due = nextFundingMs !== null && nextFundingMs > nowMs
    ? ` in ${duration(nextFundingMs - nowMs)}`
    : "";
  return `next funding ${delta(nextFundingUsd)} USD${due} (${signedPercent(fundingRate, 4)})`;
}

/** The tape that is known least: a chain is as good as its weakest link. */
function worst(trusts: readonly Trust[]): Trust | null {
  return trusts.reduce<Trust | null>(
    (least, trust) => least && least.minutesComplete <= trust.minutesComplete ? least : trust,
    null,
  );
}
