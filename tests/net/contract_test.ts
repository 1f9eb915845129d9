import { deepEqual } from "../assert.ts";
import type { Notice, RestLimits, RouteLimits } from "../../lib/market/collector.ts";
import type { RequestLimits } from "../../lib/net/rest.ts";
import type { SocketLimits, SocketNotice } from "../../lib/net/socket.ts";

Deno.test("what a collector declares is what the network room takes, without a conversion", () => {
  // lib/net imports no other room, so that only the type check of this file holds the two together.
  const route: RouteLimits = {
    topicsPerSocket: 1,
    topicsPerRequest: 1,
    charsPerSocket: 1,
    requestSpacingMs: 1,
    maxAgeMs: 1,
  };
  const socketLimits: SocketLimits = route;
  const rest: RestLimits = { weight: 1, windowMs: 1, usedHeader: null, forbiddenPauseMs: 1 };
  const requestLimits: RequestLimits = rest;
  const notices: readonly Notice[] = [
    { kind: "ack", id: null },
    { kind: "refused", id: 1, reason: "", topics: [] },
    { kind: "pong" },
    { kind: "closing", reason: "" },
  ];
  const socketNotices: readonly SocketNotice[] = notices;
  deepEqual([socketLimits, requestLimits, socketNotices], [route, rest, notices]);
});
