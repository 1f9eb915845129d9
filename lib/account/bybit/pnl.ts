/**
 * Realised profit, funding and fees of Bybit's linear contracts, from the transaction log,
 * where `change = cashFlow + funding − fee`; the closed-P&L list is read to compare.
 */
import { cursorOf, resultOf } from "./bybit.ts";
import { DollarSum, type PriceOf } from "../dollars.ts";
import { AccountRefusal } from "../refusal.ts";
import { pathOf } from "../../market/path.ts";
import type { Pause, SignedRest } from "../signed_rest.ts";
import { DAY_MS, windowsOf } from "../span.ts";
import type { Pnl, Span } from "../types.ts";
import { type Json, maybe, number, rows, text } from "../wire.ts";

const LOG_ROWS = 50;
const LOG_WINDOW_MS = DAY_MS;
const CLOSED_ROWS = 100;
const CLOSED_WINDOW_MS = 7 * DAY_MS;
/** Pages of one question. */
const PAGES = 400;
/** The log takes 25 calls a second. */
const SPACING_MS = 50;

export interface BybitPnlOptions {
  readonly rest: SignedRest;
  readonly span: Span;
  readonly signal: AbortSignal;
  readonly priceOf: PriceOf;
  readonly pause: Pause;
}

export async function bybitPnl(options: BybitPnlOptions): Promise<Pnl> {
  const closed = await readClosed(options);
  try {
    return await fromLog(options, closed);
  } catch (error) {
    if (!(error instanceof AccountRefusal) || error.kind !== "key") throw error;
    // The log wants a permission of its own.
    return {
      realizedUsd: closed,
      fundingUsd: null,
      feesUsd: null,
      remarks: [
        `the transaction log is closed to this key: ${error.message}`,
        "realised is Bybit's closed P&L, with the fees of both legs in it",
      ],
    };
  }
}

async function fromLog(options: BybitPnlOptions, closed: number): Promise<Pnl> {
  const [realized, funding, fees] = [0, 1, 2].map(() => new DollarSum(options.priceOf));
  const query = { accountType: "UNIFIED", category: "linear", limit: LOG_ROWS };
  const read = await readAll(options, "/v5/account/transaction-log", query, LOG_WINDOW_MS);
  for (const row of read.rows) {
    // Left empty where a booking is in no coin.
    const currency = row.currency === undefined || row.currency === ""
      ? "USDT"
      : text(row, "currency");
    const cashFlow = maybe(row, "cashFlow") ?? 0;
    const fee = maybe(row, "fee") ?? 0;
    realized?.add(cashFlow, currency);
    funding?.add(fundingOf(row, cashFlow, fee), currency);
    fees?.add(-fee, currency);
  }
  const [realizedUsd, feesUsd] = [realized?.usd ?? 0, fees?.usd ?? 0];
  return {
    realizedUsd,
    fundingUsd: funding?.usd ?? 0,
    feesUsd,
    remarks: [
      "linear contracts only: Bybit reports no realised profit for spot; its trades and fees, " +
      "inverse contracts and options are in no sum",
      ...new Set([realized, funding, fees].flatMap((sum) => sum?.remarks("amounts") ?? [])),
      ...closedRemark(closed, realizedUsd, feesUsd),
      ...(read.whole ? [] : ["not all pages of the log could be read: the sums lack some"]),
    ],
  };
}

/** Positive is received, which the balance's own change proves where it is told. */
function fundingOf(row: Json, cashFlow: number, fee: number): number {
  const funding = maybe(row, "funding") ?? 0;
  const change = maybe(row, "change");
  return funding === 0 || change === null ? funding : change - cashFlow + fee;
}

/**
 * Bybit does not say whether its closed P&L is net of fees, and it is of whole round trips:
 * it is compared, not used.
 */
function closedRemark(closed: number, realized: number, fees: number): string[] {
  const near = (other: number) => Math.abs(closed - other) <= 0.01 + 0.001 * Math.abs(other);
  return near(realized) || near(realized + fees)
    ? []
    : [`Bybit's own closed P&L of whole round trips: ${closed.toFixed(2)} USD`];
}

async function readClosed(options: BybitPnlOptions): Promise<number> {
  const query = { category: "linear", limit: CLOSED_ROWS };
  const read = await readAll(options, "/v5/position/closed-pnl", query, CLOSED_WINDOW_MS);
  return read.rows.reduce((sum, row) => sum + number(row, "closedPnl"), 0);
}

/** All rows of a span: window by window, each page by page. */
async function readAll(
  { rest, span, signal, pause }: BybitPnlOptions,
  path: string,
  query: Readonly<Record<string, string | number>>,
  windowMs: number,
): Promise<{ readonly rows: readonly Json[]; readonly whole: boolean }> {
  const found: Json[] = [];
  let pages = 0;
  for (const { fromMs, toMs } of windowsOf(span, windowMs)) {
    let before = "";
    for (let cursor: string | null = null;;) {
      if (pages >= PAGES) return { rows: found, whole: false };
      if (pages++ > 0) await pause(SPACING_MS, signal);
      const asked = pathOf(path, { ...query, startTime: fromMs, endTime: toMs, cursor });
      const result = await resultOf(rest, asked, signal);
      const page = rows(result.list, "the list");
      const told = JSON.stringify(page);
      // The same page again: Bybit has not understood its own cursor.
      if (page.length > 0 && told === before) return { rows: found, whole: false };
      before = told;
      found.push(...page);
      cursor = cursorOf(result, cursor);
      if (cursor === null) break;
    }
  }
  return { rows: found, whole: true };
}
