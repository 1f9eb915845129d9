import { deepEqual, equal, ok } from "../../assert.ts";
import fc from "fast-check";
import type { RouteLimits, Topic } from "../../../lib/market/collector.ts";
import { shards } from "../../../lib/tape/feed/shards.ts";

const topic = (name: string): Topic => ({ name, kind: "trade", symbol: name });
const LIMITS: RouteLimits = {
  topicsPerSocket: 3,
  topicsPerRequest: 10,
  charsPerSocket: 40,
  requestSpacingMs: 0,
  maxAgeMs: 1,
};

Deno.test("no topics need no socket", () => deepEqual(shards([], LIMITS), []));

Deno.test("every topic is on exactly one socket, in order, and no socket is over its limits", () => {
  const name = fc.string({ minLength: 1, maxLength: 30, unit: "grapheme-ascii" });
  fc.assert(fc.property(fc.array(name, { maxLength: 30 }), (names) => {
    const parts = shards(names.map(topic), LIMITS);
    deepEqual(parts.flat().map((one) => one.name), names);
    for (const part of parts) {
      ok(part.length > 0 && part.length <= LIMITS.topicsPerSocket);
      const chars = part.reduce((sum, one) => sum + one.name.length, 0);
      ok(chars <= LIMITS.charsPerSocket || part.length === 1);
    }
  }));
});

Deno.test("topics that fit go on as few sockets as the count allows", () => {
  equal(shards(["a", "b", "c", "d"].map(topic), LIMITS).length, 2);
});
