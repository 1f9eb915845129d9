import { deepEqual } from "../../assert.ts";
import { createLog } from "../../../lib/log.ts";
import type { Route, Topic } from "../../../lib/market/collector.ts";
import { Series } from "../../../lib/market/head/series.ts";
import { Shard } from "../../../lib/tape/feed/shard.ts";
import { Watched } from "../../../lib/tape/feed/watched.ts";

const TOPICS: readonly Topic[] = [
  { name: "btc@trade", kind: "trade", symbol: "BTCUSDT" },
  { name: "btc@forced", kind: "liquidation", symbol: "BTCUSDT" },
  { name: "eth@forced", kind: "liquidation", symbol: "ETHUSDT" },
];

const ROUTE: Route = {
  ...{ name: "market", path: "/", ping: null, topics: () => [...TOPICS] },
  subscribe: (names, id) => JSON.stringify({ ask: names, id }),
  unsubscribe: (names, id) => JSON.stringify({ leave: names, id }),
  limits: {
    ...{ topicsPerSocket: 9, topicsPerRequest: 9, charsPerSocket: 999 },
    ...{ requestSpacingMs: 1, maxAgeMs: 1e9 },
  },
};

Deno.test("with a trade stream that is found dead the liquidations of its market are asked for again", async () => {
  const left: string[] = [];
  const [asked, renewed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => {
      const { ask, leave, id } = JSON.parse(data);
      socket.send(JSON.stringify({ id }));
      if (ask) asked.resolve();
      if (!leave) return;
      left.push(...leave);
      renewed.resolve();
    };
    return response;
  });
  const lifetime = new AbortController();
  const watched = new Map(["BTCUSDT", "ETHUSDT"].map((symbol) => {
    const instrument = { venue: "test-perp", symbol, base: symbol, quote: "USDT", multiplier: 1 };
    const options = { sequentialIds: true, liquidations: true, depthDeltas: false };
    return [symbol, new Watched(new Series(instrument, options), () => null)];
  }));
  const shard = new Shard({
    ...{ name: "test-perp/market#1", url: `ws://127.0.0.1:${server.addr.port}/`, route: ROUTE },
    ...{ nowMs: Date.now, behindMs: 0, creditToMs: () => Infinity, alarm: () => {} },
    find: (symbol) => watched.get(symbol),
    take: (text) => ({ kind: "ack", id: JSON.parse(text).id }),
    log: createLog({ level: "error", write: () => {} }),
  });
  shard.setTopics(TOPICS);
  const running = shard.socket.start(lifetime.signal);
  await asked.promise;
  while (shard.trouble(Date.now())?.includes("not yet confirmed")) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  shard.deaf("BTCUSDT", Date.now());
  await renewed.promise;
  deepEqual(left, ["btc@trade", "btc@forced"]);
  lifetime.abort();
  await running;
  await server.shutdown();
});
