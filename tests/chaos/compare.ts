/** Every stored minute against what truly happened. */
import type { Exchange, MinuteTruth, VenueName } from "../sim/exchange.ts";
import type { Service } from "../e2e/service.ts";

const MINUTE_MS = 60_000;
const SAME = 1e-9;

export interface Comparison {
  /** Minutes of series that were compared. */
  readonly minutes: number;
  /** Of these, those that say themselves that they lack something. */
  readonly incomplete: number;
  readonly bySource: Readonly<Record<string, number>>;
  /** What is not as it was, in words. */
  readonly wrong: readonly string[];
  /** What is incomplete, in words. */
  readonly lacking: readonly string[];
}

const FIELDS = [
  ...["o", "h", "l", "c"],
  ...["buyBase", "sellBase", "buyQuote", "sellQuote", "buys", "sells"],
] as const;

/** A minute as `/api/v1/buckets` tells it. */
export type Row = Readonly<Record<string, number | string | null>>;

/** Compares the minutes of `[fromMs, toMs)` of every series that the service serves. */
export async function compare(
  exchange: Exchange,
  service: Service,
  fromMs: number,
  toMs: number,
): Promise<Comparison> {
  const wrong: string[] = [];
  const lacking: string[] = [];
  const bySource: Record<string, number> = {};
  let minutes = 0;
  const { symbols } = JSON.parse((await service.get("/api/v1/symbols")).body);
  for (const { venue, symbol } of symbols as { venue: VenueName; symbol: string }[]) {
    const rows = await served(service, venue, symbol, fromMs, toMs);
    const truths = new Map(exchange.truth(venue, symbol).map((truth) => [truth.t, truth]));
    for (let t = fromMs; t < toMs; t += MINUTE_MS) {
      minutes++;
      const name = `${venue} ${symbol} ${new Date(t).toISOString().slice(11, 16)}`;
      const at = rows.filter((row) => row.t === t);
      const [row] = at;
      if (!row || at.length > 1) {
        wrong.push(`${name}: ${at.length} rows`);
        continue;
      }
      bySource[String(row.source)] = (bySource[String(row.source)] ?? 0) + 1;
      if (Number(row.coverageMs) < MINUTE_MS) {
        const text = `${name}: covers ${row.coverageMs} ms, ${row.source}, ${
          Number(row.buys) + Number(row.sells)
        } of ${(truths.get(t)?.buys ?? 0) + (truths.get(t)?.sells ?? 0)} prints`;
        (venue.startsWith("binance") ? wrong : lacking).push(text);
      } else {
        const fault = difference(row, truths.get(t));
        if (fault !== null) wrong.push(`${name}: ${fault} (${row.source})`);
      }
    }
  }
  return { minutes, incomplete: lacking.length, bySource, wrong, lacking };
}

async function served(
  service: Service,
  venue: string,
  symbol: string,
  fromMs: number,
  toMs: number,
): Promise<Row[]> {
  const query = `venue=${venue}&symbol=${symbol}&from=${fromMs}&to=${toMs}&tf=1`;
  const { status, body } = await service.get(`/api/v1/buckets?${query}`);
  if (status !== 200) throw new Error(`/api/v1/buckets?${query} answers ${status}: ${body}`);
  return JSON.parse(body).buckets;
}

/** The first field that differs, or `null`. A minute without trades has no truth of its own. */
export function difference(row: Row, truth: MinuteTruth | undefined): string | null {
  for (const field of FIELDS) {
    const ours = row[field] ?? null;
    const theirs = truth ? truth[field] : "ohlc".includes(field) ? null : 0;
    if (ours === null || theirs === null || typeof ours === "string") {
      if (ours !== theirs) return `${field} is ${ours}, was ${theirs}`;
    } else if (Math.abs(ours - theirs) > SAME * Math.abs(theirs)) {
      return `${field} is ${ours}, was ${theirs}`;
    }
  }
  return null;
}
