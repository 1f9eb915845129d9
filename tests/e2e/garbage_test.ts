import { deepEqual, match, ok } from "../assert.ts";
import { startExchange } from "../sim/exchange.ts";
import { Service, untilMinuteEnds, wholeBucket } from "./service.ts";

Deno.test("garbage on the wire is counted, said once a minute, and changes no bucket", async () => {
  await using exchange = await startExchange({ symbols: 2, tradesPerSecond: 40, seed: 3 });
  await using service = new Service({ env: { ...exchange.env, SYMBOLS: "BTC,ETH" } });
  await service.until("/readyz", 200);
  // One in nine is 10 MB long, on each connection: many more would be a test of this machine.
  exchange.fault({ kind: "garbage", seconds: 90, perSecond: 8 });
  await untilMinuteEnds(exchange, 1_000);
  const endMs = await untilMinuteEnds(exchange, 8_000);
  for (const [venue, symbol] of [["binance-perp", "BTCUSDT"], ["bybit-spot", "ETHUSDT"]] as const) {
    const query = `venue=${venue}&symbol=${symbol}&from=${endMs - 60_000}&to=${endMs}&tf=1`;
    const bucket = await wholeBucket(service, query);
    const truth = exchange.truth(venue, symbol).find(({ t }) => t === endMs - 60_000);
    deepEqual([bucket.o, bucket.h, bucket.l, bucket.c, bucket.buys, bucket.sells], [
      ...[truth?.o, truth?.h, truth?.l, truth?.c, truth?.buys, truth?.sells],
    ]);
  }
  match((await service.get("/metrics")).body, /parse_errors_total\{venue="binance-perp"\} [1-9]\d/);
  service.kill("SIGTERM");
  const { err } = await service.finished;
  const said = err.split("\n").filter((line) =>
    line.includes('"malformed frame"') && line.includes('"venue":"binance-perp"')
  );
  ok(said.length >= 1 && said.length <= 3, `${said.length} lines in two minutes`);
});
