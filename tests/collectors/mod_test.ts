import * as assert from "../assert.ts";
import { readdirSync, readFileSync } from "node:fs";
import { COLLECTORS } from "../../collectors/mod.ts";

const FOLDER = new URL("../../collectors/", import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".ts"));

Deno.test("every collector file exports exactly one collector, which mod.ts lists", async () => {
  const listed = new Set<unknown>(COLLECTORS);
  const venues = FILES.filter((name) => !name.startsWith("_") && name !== "mod.ts");
  for (const name of venues) {
    const exports = Object.values(await import(new URL(name, FOLDER).href));
    assert.equal(exports.length, 1, `${name} exports ${exports.length} values`);
    assert.ok(listed.has(exports[0]), `${name} is not listed in collectors/mod.ts`);
  }
  assert.equal(
    COLLECTORS.length,
    venues.length,
    "mod.ts lists a collector twice, or one without a file",
  );
});

Deno.test("every file of the collectors says that it is pure", () => {
  for (const name of FILES) {
    const text = readFileSync(new URL(name, FOLDER), "utf8");
    assert.ok(text.startsWith("// This module is pure.\n"), name);
    assert.doesNotMatch(text, /Date\.now|Math\.random|Deno\.|fetch\(|new WebSocket/, name);
  }
});

Deno.test("venue names are unique and name venue and market, as their files do", () => {
  assert.equal(new Set(COLLECTORS.map((collector) => collector.venue)).size, COLLECTORS.length);
  for (const { venue, market } of COLLECTORS) {
    assert.ok(venue.endsWith(`-${market}`), venue);
    assert.ok(FILES.includes(`${venue.replaceAll("-", "_")}.ts`), venue);
  }
});

Deno.test("addresses are secure and carry no path, and the variables name the venue", () => {
  for (const { venue, ws, rest, envWs, envRest } of COLLECTORS) {
    assert.match(ws, /^wss:\/\/[a-z.-]+(:\d+)?$/);
    assert.match(rest, /^https:\/\/[a-z.-]+$/);
    const exchange = venue.split("-")[0]?.toUpperCase() ?? "";
    assert.ok(envWs.startsWith(exchange) && envWs.endsWith("_WS"), envWs);
    assert.ok(envRest.startsWith(exchange) && envRest.endsWith("_REST"), envRest);
  }
});

Deno.test("every route subscribes its own topics, and each topic is asked for once", () => {
  const market = { base: "BTC", quote: "USDT", multiplier: 1 };
  for (const { venue, routes } of COLLECTORS) {
    const instruments = ["BTCUSDT", "币安人生USDT"].map((symbol) => ({ ...market, venue, symbol }));
    const names = routes.flatMap((route) => route.topics(instruments).map((topic) => topic.name));
    assert.ok(names.length > 0);
    assert.equal(new Set(names).size, names.length);
    for (const route of routes) {
      const topics = route.topics(instruments);
      assert.deepEqual(
        new Set(topics.map((topic) => topic.symbol)),
        new Set(["BTCUSDT", "币安人生USDT"]),
      );
      assert.ok(route.limits.topicsPerRequest <= route.limits.topicsPerSocket);
      const request = route.subscribe(topics.map((topic) => topic.name), 7);
      for (const topic of topics) assert.ok(request.includes(JSON.stringify(topic.name)));
      assert.notEqual(request, route.unsubscribe(topics.map((topic) => topic.name), 7));
    }
  }
});

Deno.test("a venue publishes liquidations exactly where it has a stream for them", () => {
  for (const { venue, market, liquidations, routes } of COLLECTORS) {
    const one = [{ venue, symbol: "BTCUSDT", base: "BTC", quote: "USDT", multiplier: 1 }];
    const kinds = routes.flatMap((route) => route.topics(one).map((topic) => topic.kind));
    assert.equal(kinds.includes("liquidation"), liquidations !== "none", venue);
    assert.equal(kinds.includes("derivative"), market === "perp", venue);
  }
});
