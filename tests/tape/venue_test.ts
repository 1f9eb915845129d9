import { equal } from "../assert.ts";
import { binancePerp } from "../../collectors/binance_perp.ts";
import { createLog } from "../../lib/log.ts";
import { Head } from "../../lib/market/head/head.ts";
import { RestClient } from "../../lib/net/rest.ts";
import { Universe } from "../../lib/tape/universe.ts";
import { Venue } from "../../lib/tape/venue.ts";

const LISTED = {
  symbols: [{
    ...{ symbol: "BTCUSDT", status: "TRADING", contractType: "PERPETUAL" },
    ...{ baseAsset: "BTC", quoteAsset: "USDT" },
  }],
};

Deno.test("a venue that does not tell its funding intervals is collected all the same", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (call) => {
      const { pathname } = new URL(call.url);
      if (pathname === "/fapi/v1/exchangeInfo") return Response.json(LISTED);
      if (pathname === "/fapi/v1/time") return Response.json({ serverTime: Date.now() });
      return new Response("no such path", { status: 404 });
    },
  );
  const { port } = server.addr;
  const universe = new Universe([binancePerp], { kind: "list", assets: ["BTC"] });
  const stop = new AbortController();
  const chosen = Promise.withResolvers<void>();
  const venue = new Venue({
    collector: binancePerp,
    wsBase: `ws://127.0.0.1:${port}`,
    rest: new RestClient({
      baseUrl: `http://127.0.0.1:${port}`,
      limits: binancePerp.restLimits,
    }),
    head: new Head(),
    universe,
    log: createLog({ level: "error" }),
    alarm: () => {},
    changed: () => chosen.resolve(),
  });
  equal(venue.trouble(), "binance-perp: instrument list not read yet");
  equal(venue.reason(), "instrument list not read yet");
  const running = venue.run(stop.signal);
  await chosen.promise;
  equal(universe.marketsOf("BTC")[0]?.symbol, "BTCUSDT");
  equal(universe.fundingHours("binance-perp", "BTCUSDT"), null);
  equal(venue.trouble(), "binance-perp: no market chosen yet");
  equal(venue.reason(), "no market chosen yet");
  venue.watch(universe.watchedOn("binance-perp"));
  equal(venue.trouble(), "binance-perp/market#1: not connected");
  equal(venue.reason(), "market#1: not connected");
  stop.abort();
  await running;
});
