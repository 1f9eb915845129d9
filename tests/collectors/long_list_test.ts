/** The long lists of a venue are read with their named fields alone: those must be all. */
import { deepEqual, ok } from "../assert.ts";
import { COLLECTORS } from "../../collectors/mod.ts";
import { bybitPerp } from "../../collectors/bybit_perp.ts";
import type { Collector } from "../../lib/market/collector.ts";
import { JsonRows } from "../../lib/net/body/json_rows.ts";
import { testWithData } from "../shared_data.ts";
import { startExchange } from "../sim/exchange.ts";
import { readText } from "./recordings.ts";

/** Reads the body of both long calls as a whole, and row by row, and compares. */
async function compare({ venue, api }: Collector, get: (path: string) => Promise<string>) {
  const { instruments, tickers } = api;
  const whole = await get(instruments.path({ cursor: null }));
  const { rows } = instruments.read(JSON.parse(whole), { cursor: null });
  ok(rows.length > 0, venue);
  const read = instruments.read(pickedFrom(whole, instruments.list), { cursor: null });
  deepEqual(read.rows, rows);
  const all = await get(tickers.path(null));
  deepEqual(tickers.read(pickedFrom(all, tickers.list), null), tickers.read(JSON.parse(all), null));
}

function pickedFrom(text: string, list: Collector["api"]["tickers"]["list"]): unknown {
  ok(list, "a list of all markets is long");
  const rows = new JsonRows(list);
  rows.add(text);
  return rows.body();
}

Deno.test("every venue's lists of all markets say the same with the named fields alone", async () => {
  await using exchange = await startExchange({ symbols: 5, tradesPerSecond: 5 });
  for (const collector of COLLECTORS) {
    const base = new Map(Object.entries(exchange.env)).get(collector.envRest);
    await compare(collector, async (path) => await (await fetch(`${base}${path}`)).text());
  }
});

testWithData("a recorded poll of all tickers does too", () => {
  const text = readText("bybit-v5_rest/gocryptotrader_tickers_linear_20230816.json.gz");
  const { tickers } = bybitPerp.api;
  deepEqual(
    tickers.read(pickedFrom(text, tickers.list), null),
    tickers.read(JSON.parse(text), null),
  );
});
