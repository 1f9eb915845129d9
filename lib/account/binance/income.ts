/** Realised profit, funding and fees of USDⓈ-M, as Binance books them: `/fapi/v1/income`. */
import { DollarSum, type PriceOf } from "../dollars.ts";
import { pathOf } from "../../market/path.ts";
import type { SignedRest } from "../signed_rest.ts";
import { DAY_MS, windowsOf } from "../span.ts";
import type { Pnl, Span } from "../types.ts";
import { type Json, number, rows, text, timeMs } from "../wire.ts";

/** Rows of one page, and pages of one question; a page costs 30 of 2400 a minute. */
const INCOME_ROWS = 1000;
const INCOME_PAGES = 40;
/** Asked in weeks, as the default reach is one; up to three months are kept. */
const INCOME_WINDOW_MS = 7 * DAY_MS;

/** Money that only changed its place or its coin: no profit and no cost. */
const MOVED: ReadonlySet<string> = new Set([
  ...["TRANSFER", "INTERNAL_TRANSFER", "CROSS_COLLATERAL_TRANSFER", "AUTO_EXCHANGE"],
  ...["COIN_SWAP_DEPOSIT", "COIN_SWAP_WITHDRAW", "STRATEGY_UMFUTURES_TRANSFER"],
]);
/** Kinds of other bookings that are named. */
const OTHERS = 5;

export interface IncomeOptions {
  readonly rest: SignedRest;
  readonly span: Span;
  readonly signal: AbortSignal;
  readonly priceOf: PriceOf;
}

export async function incomePnl(options: IncomeOptions): Promise<Pnl> {
  const sums = new Map<string, DollarSum>();
  const sumOf = (kind: string) => {
    const sum = sums.get(kind) ?? new DollarSum(options.priceOf);
    sums.set(kind, sum);
    return sum;
  };
  const [realized, funding, fees] = ["REALIZED_PNL", "FUNDING_FEE", "COMMISSION"].map(sumOf);
  const { income, whole } = await readIncome(options);
  for (const row of income) {
    const kind = text(row, "incomeType");
    if (!MOVED.has(kind)) sumOf(kind).add(number(row, "income"), text(row, "asset"));
  }
  return {
    realizedUsd: realized?.usd ?? null,
    fundingUsd: funding?.usd ?? null,
    feesUsd: fees?.usd ?? null,
    remarks: [
      ...new Set([...sums.values()].flatMap((sum) => sum.remarks("amounts"))),
      ...otherRemark([...sums].slice(3)),
      ...(whole ? [] : ["not all bookings could be read: the sums lack some"]),
    ],
  };
}

/** A liquidation's clearance, rebates and gifts are neither of the three: they are told. */
function otherRemark(others: readonly (readonly [string, DollarSum])[]): string[] {
  const told = others.filter(([, { usd }]) => usd !== 0).slice(0, OTHERS)
    .map(([kind, { usd }]) => `${kind} ${usd < 0 ? "−" : "+"}${Math.abs(usd).toFixed(2)}`);
  return told.length === 0 ? [] : [`in no sum: ${told.join(", ")} USD`];
}

/**
 * All bookings of a span, each once. A page starts at the last time of the one before,
 * whose bookings of that millisecond come again: `tranId` is unique within a type. Where
 * one millisecond fills a page (a liquidation in many fills), the venue's own `page` goes on.
 */
async function readIncome(
  { rest, span, signal }: IncomeOptions,
): Promise<{ readonly income: Iterable<Json>; readonly whole: boolean }> {
  const byId = new Map<string, Json>();
  let whole = true;
  let pages = 0;
  for (const { fromMs, toMs } of windowsOf(span, INCOME_WINDOW_MS)) {
    for (let startMs = fromMs, nth = 1; startMs <= toMs;) {
      if (++pages > INCOME_PAGES) return { income: byId.values(), whole: false };
      const query = { startTime: startMs, endTime: toMs, limit: INCOME_ROWS };
      const path = pathOf("/fapi/v1/income", { ...query, page: nth === 1 ? null : nth });
      const page = rows(await rest.get(path, 30, signal), "income");
      const before = byId.size;
      for (const row of page) {
        byId.set(`${text(row, "incomeType")} ${String(row.tranId)}`, row);
      }
      if (page.length < INCOME_ROWS) break;
      const lastMs = Math.max(...page.map((row) => timeMs(row, "time")));
      if (lastMs > startMs) [startMs, nth] = [lastMs, 1];
      else if (byId.size > before || nth === 1) nth++;
      else {
        // The same page again: what is left of this millisecond cannot be had.
        whole = false;
        [startMs, nth] = [startMs + 1, 1];
      }
    }
  }
  return { income: byId.values(), whole };
}
