import { deepEqual, equal } from "../assert.ts";
import { Head } from "../../lib/market/head/head.ts";
import { MINUTE_MS } from "../../lib/market/bucket.ts";
import { createLog } from "../../lib/log.ts";
import type { SeriesBucket, Store } from "../../lib/store/mod.ts";
import { Flusher } from "../../lib/tape/flush.ts";

const T0 = Date.UTC(2026, 10, 20, 10, 0);
const log = createLog({ level: "error", write: () => {} });

function headWithTrades() {
  const head = new Head();
  const instrument = {
    ...{ venue: "test-perp", symbol: "BTCUSDT", base: "BTC" },
    ...{ quote: "USDT", multiplier: 1 },
  };
  const options = { sequentialIds: true, liquidations: false, depthDeltas: false };
  const series = head.open(instrument, options);
  let id = 0;
  const trade = () =>
    series.addTrade(
      { kind: "trade", symbol: "", timeMs: T0, price: 1, size: 1, side: "buy", id: ++id },
      T0,
    );
  return { head, trade };
}

/** A store of one method, which may be slow or fail. */
function storeOf(write: (rows: readonly SeriesBucket[]) => Promise<void>): Store {
  return {
    writeMinute: (_minute: number, rows: readonly SeriesBucket[]) => write(rows),
  } as unknown as Store;
}

Deno.test("a flush asked for while one is under way writes what came meanwhile", async () => {
  const { head, trade } = headWithTrades();
  const written: (number | null)[] = [];
  const [begun, slow] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const flusher = new Flusher(
    head,
    storeOf(async (rows) => {
      written.push(rows[0]?.bucket.buys ?? null);
      begun.resolve();
      await slow.promise;
    }),
    log,
  );
  trade();
  const first = flusher.flush();
  await begun.promise;
  trade();
  slow.resolve();
  deepEqual(await Promise.all([first, flusher.flush()]), [true, true]);
  deepEqual(written, [1, 2]);
});

Deno.test("a minute whose write failed stays due, and each flush is timed", async () => {
  const { head, trade } = headWithTrades();
  let full = true;
  const written: number[] = [];
  const flusher = new Flusher(
    head,
    storeOf((rows) => {
      if (full) return Promise.reject(new Error("database or disk is full"));
      written.push(rows.length);
      return Promise.resolve();
    }),
    log,
  );
  let timed = 0;
  flusher.onFlush(() => timed++);
  trade();
  equal(await flusher.flush(), false);
  deepEqual(head.dirtyMinutes(), [T0 / MINUTE_MS]);
  full = false;
  equal(await flusher.flush(), true);
  deepEqual(written, [1]);
  equal(timed, 2);
});
