import { deepEqual, equal, match, ok, throws } from "../assert.ts";
import { LastingSocket } from "../../lib/net/socket.ts";
import { timingOf } from "../../lib/net/timing.ts";
import { FakeTiming, settle, until } from "./fake_timing.ts";
import { LoopbackVenue, type Rig, rig } from "./loopback.ts";

function names(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `t${at}`);
}

function confirmed({ seen }: Rig): string[] {
  return seen.calls.filter((call) => call.startsWith("subscribed"))
    .flatMap((call) => call.split(": ")[1]?.split(" ") ?? []);
}

function troubles({ seen }: Rig, what: string): string[] {
  return seen.troubles.filter((trouble) => trouble.what === what).map(({ detail }) => detail);
}

/** Keeps a peer talking, so that its connection counts as healthy. */
async function talk(venue: LoopbackVenue, forMs: number): Promise<void> {
  for (let spentMs = 0; spentMs < forMs; spentMs += 1_000) {
    for (const { socket } of venue.peers) {
      if (socket.readyState === WebSocket.OPEN) socket.send("trade");
    }
    await settle();
    venue.timing.advance(1_000);
    await settle();
  }
}

Deno.test("a socket subscribes in batches, and never faster than the venue allows", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const startMs = timing.now();
  const one = rig(venue, names(45), { ping: { everyMs: 1_000, frame: "ping" } });
  await timing.advanceUntil(() => confirmed(one).length === 45 && timing.now() > 1_005_000, 50);
  const { received } = venue.last;
  ok(received.filter(({ text }) => text === "ping").length >= 3);
  for (const [at, { text, atMs }] of received.entries()) {
    ok(text.split(" ").length <= 12, "at most ten topics in a request");
    ok(at <= (atMs - startMs) / 250, `${at + 1} messages in ${atMs - startMs} ms`);
  }
  deepEqual(confirmed(one), names(45));
  deepEqual(one.seen.calls.slice(0, 2), ["up 1", `subscribed 1: ${names(10).join(" ")}`]);
  await one.stop();
  equal(timing.pending, 0);
  equal(one.seen.calls.at(-1), "down 1: Stopped");
});

Deno.test("frames are handed over as they come, with the number of their connection", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"]);
  await until(() => confirmed(one).length === 1, "the ack");
  venue.last.socket.send("trade 1");
  venue.last.socket.send("throw");
  venue.last.socket.send("throw");
  venue.last.socket.send(new Uint8Array([1, 2]));
  venue.last.socket.send(new Uint8Array([3]));
  venue.last.socket.send("trade 2");
  await until(() => one.seen.data.length === 2, "two trades");
  deepEqual(one.seen.data, [{ text: "trade 1", connection: 1 }, {
    text: "trade 2",
    connection: 1,
  }]);
  match(troubles(one, "handler")[0] ?? "", /SyntaxError: Unreadable at throw/);
  equal(troubles(one, "handler").length, 1);
  equal(troubles(one, "binary").length, 1);
  const { frames, chars, binaryFrames, open, connects, lastFrameMs } = one.socket.stats;
  deepEqual(
    { frames, chars, binaryFrames, open, connects, lastFrameMs },
    { frames: 5, chars: 29, binaryFrames: 2, open: 1, connects: 1, lastFrameMs: timing.now() },
  );
  await one.stop();
  equal(one.socket.stats.open, 0);
  equal(one.socket.stats.frames, 5);
});

Deno.test("with the real clock, an abort leaves no timer running", async () => {
  await using venue = new LoopbackVenue(new FakeTiming());
  const real = timingOf({});
  const one = rig(venue, names(20), {
    ...real,
    limits: { requestSpacingMs: 20 },
    ping: { everyMs: 30, frame: "ping" },
  });
  await until(() => confirmed(one).length === 20, "both acks");
  await until(() => venue.last.received.some(({ text }) => text === "ping"), "a ping");
  ok(Math.abs((one.socket.stats.connectedSinceMs ?? 0) - Date.now()) < 60_000);
  await one.stop();
});

Deno.test("a frame of 10 MB is a frame like any other", async () => {
  await using venue = new LoopbackVenue(new FakeTiming());
  const one = rig(venue, []);
  await until(() => venue.peers.length === 1, "a connection");
  venue.last.socket.send("x".repeat(10_000_000));
  await until(() => one.seen.data.length === 1, "the frame");
  equal(one.seen.data[0]?.text.length, 10_000_000);
  await one.stop();
});

Deno.test("one bad topic is found by halving and left out; the others are subscribed", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  venue.answer = (_verb, id, topics) =>
    topics.includes("t13") ? `no ${id} invalid symbol` : `ack ${id}`;
  const one = rig(venue, names(20));
  await timing.advanceUntil(() => confirmed(one).length === 19);
  await timing.advanceUntil(() => one.socket.stats.refused === 1);
  deepEqual(confirmed(one).sort(), names(20).filter((name) => name !== "t13").sort());
  deepEqual(troubles(one, "refused"), ["t13: invalid symbol"]);
  const sent = venue.last.received.length;
  one.socket.resubscribe(["t13"]);
  timing.advance(5_000);
  await settle();
  equal(venue.last.received.length, sent, "a refused topic is not asked for again");
  await one.stop();
});

Deno.test("what was refused is asked for again later: a venue may list it by then", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  let fault = true;
  venue.answer = (_verb, id) => fault ? `no ${id} internal service error` : `ack ${id}`;
  const one = rig(venue, names(3), { silenceMs: 1e9 });
  await timing.advanceUntil(() => one.socket.stats.refused === 3);
  fault = false;
  await timing.advanceUntil(() => confirmed(one).length === 3, 1_000);
  deepEqual(confirmed(one).sort(), names(3));
  await one.stop();
  equal(timing.pending, 0);
});

Deno.test("topics that the venue names as refused are left out at once", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  venue.answer = (verb, id) => verb === "sub" && id === 1 ? "no 1 unknown|b d" : `ack ${id}`;
  const one = rig(venue, ["a", "b", "c", "d"]);
  await until(() => confirmed(one).length === 2, "the rest");
  deepEqual(confirmed(one), ["a", "c"]);
  deepEqual(troubles(one, "refused"), ["b d: unknown"]);
  equal(venue.last.received.length, 1);
  await one.stop();
});

Deno.test("answers without an id belong to the oldest request, or to the topics they name", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  venue.answer = () => null;
  const one = rig(venue, names(20));
  await timing.advanceUntil(() => venue.peers[0]?.received.length === 2);
  venue.last.socket.send("no null unknown|t15");
  venue.last.socket.send("ack null");
  venue.last.socket.send("ack null");
  await until(() => confirmed(one).length === 19, "both acks");
  deepEqual(confirmed(one), names(20).filter((name) => name !== "t15"));
  await one.stop();
});

Deno.test("a subscription without an answer is sent twice, then the connection is replaced", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  venue.answer = (_verb, id, _topics, peer) => peer.number === 1 ? null : `ack ${id}`;
  const one = rig(venue, ["a", "b"]);
  await until(() => one.seen.calls.includes("up 1"), "a connection");
  await timing.advanceUntil(() => confirmed(one).length === 2);
  deepEqual(venue.peers[0]?.received.map(({ text }) => text), ["sub 1 a b", "sub 1 a b"]);
  equal(troubles(one, "unacked").length, 1);
  match(one.seen.calls[1] ?? "", /^down 1: No answer in 10 s to subscription 1 \(a, 2 in all\)/);
  deepEqual(one.seen.calls.slice(2), ["up 2", "subscribed 2: a b"]);
  equal(one.socket.stats.reconnects, 1);
  await one.stop();
});

Deno.test("a late answer to the first try counts", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  venue.answer = () => null;
  const one = rig(venue, ["a"]);
  await timing.advanceUntil(() => venue.peers[0]?.received.length === 2);
  venue.last.socket.send("ack 1");
  await until(() => confirmed(one).length === 1, "the ack");
  await talk(venue, 30_000);
  equal(one.socket.stats.connects, 1);
  await one.stop();
});

Deno.test("a venue that refuses the region is asked again after ten minutes, and says so", async () => {
  for (const refusal of [451, 403]) {
    const timing = new FakeTiming();
    await using venue = new LoopbackVenue(timing);
    venue.accept = () => false;
    venue.refusal = refusal;
    const one = rig(venue, ["a"]);
    for (let failed = 1; failed <= 2; failed++) {
      await until(() => troubles(one, "connect").length === failed, `failure ${failed}`);
      equal(timing.delays.at(-1), 600_000);
      if (failed === 2) venue.accept = () => true;
      timing.advance(600_000);
    }
    const [said = ""] = troubles(one, "connect");
    match(said, new RegExp(`^The venue refuses this address or region \\(HTTP ${refusal}\\): use`));
    await until(() => venue.open === 1, "the connection");
    await one.stop();
  }
});

Deno.test("the pause before each new attempt doubles from 1 s to 60 s", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  venue.accept = () => false;
  const one = rig(venue, ["a"]);
  const pauses: number[] = [];
  for (let failed = 1; failed <= 8; failed++) {
    await until(() => troubles(one, "connect").length === failed, `failure ${failed}`);
    const pauseMs = timing.delays.at(-1) ?? 0;
    pauses.push(pauseMs);
    timing.advance(pauseMs - 1);
    await settle();
    equal(troubles(one, "connect").length, failed, "not before the pause is over");
    timing.advance(1);
  }
  deepEqual(pauses, [1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000, 45_000]);
  await one.stop();
  deepEqual(one.seen.calls, [], "what never was up does not go down");
  equal(timing.pending, 0);
});

Deno.test("the pause starts over only after a connection that delivered for 30 s", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"]);
  const pauses: number[] = [];
  for (const [at, livesMs] of [2_000, 2_000, 2_000, 32_000, 2_000].entries()) {
    await timing.advanceUntil(() => venue.peers.length === at + 1 && confirmed(one).length > at);
    await talk(venue, livesMs);
    venue.last.socket.close(1001, "going away");
    const gone = at + 1;
    await until(
      () => one.seen.calls.filter((call) => call.startsWith("down")).length === gone,
      "the close",
    );
    pauses.push(timing.delays.at(-1) ?? 0);
  }
  deepEqual(pauses, [1_500, 3_000, 6_000, 1_500, 3_000]);
  equal(one.seen.calls[2], "down 1: Closed with code 1001: going away");
  await one.stop();
});

Deno.test("a connection that falls silent is replaced; pongs are enough to stay", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"]);
  await until(() => confirmed(one).length === 1, "the ack");
  for (let minutes = 0; minutes < 3; minutes++) {
    timing.advance(50_000);
    venue.last.socket.send("pong");
    const { frames } = one.socket.stats;
    await until(() => one.socket.stats.frames > frames, "the pong");
  }
  equal(one.socket.stats.connects, 1);
  await timing.advanceUntil(() => one.seen.calls.includes("up 2"));
  match(one.seen.calls[2] ?? "", /^down 1: No frame in 60 s$/);
  await one.stop();
});

Deno.test("a process that was stopped for minutes does not blame the venue", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  // Timers fire late and only once, as after SIGSTOP.
  let lateMs = 0;
  const one = rig(venue, ["a"], { now: () => timing.now() + lateMs });
  await until(() => confirmed(one).length === 1, "the ack");
  lateMs = 300_000;
  timing.advance(10_000);
  equal(one.socket.stats.open, 1);
  await one.stop();
});

Deno.test("a handshake that is not answered is given up after 10 s", async () => {
  const timing = new FakeTiming();
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"], { url: `ws://127.0.0.1:${listener.addr.port}` });
  using conn = await listener.accept();
  ok(conn.remoteAddr);
  timing.advance(9_999);
  deepEqual(troubles(one, "connect"), []);
  timing.advance(1);
  deepEqual(troubles(one, "connect"), ["No connection in 10 s"]);
  await one.stop();
});

Deno.test("an abort in the middle of connecting leaves nothing behind", async () => {
  const timing = new FakeTiming();
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"], { url: `ws://127.0.0.1:${listener.addr.port}` });
  using _conn = await listener.accept();
  await one.stop();
  deepEqual(one.seen.calls, []);
  equal(timing.pending, 0);
});

Deno.test("a change of topics is sent as a difference", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a", "b"]);
  await until(() => confirmed(one).length === 2, "the ack");
  one.socket.setTopics(["b", "c"]);
  await timing.advanceUntil(() => confirmed(one).length === 3);
  deepEqual(venue.last.received.map(({ text }) => text), ["sub 1 a b", "unsub 2 a", "sub 3 c"]);
  one.socket.setTopics(["b"]);
  one.socket.setTopics(["b", "c"]);
  await timing.advanceUntil(() => venue.last.received.length === 5);
  deepEqual([...venue.last.topics].sort(), ["b", "c"]);
  await one.stop();
});

Deno.test("resubscribing takes the topics back and asks again, once for many wishes", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a", "b", "c"]);
  await until(() => confirmed(one).length === 3, "the ack");
  one.socket.resubscribe(["b", "nonsense"]);
  one.socket.resubscribe(["b"]);
  await timing.advanceUntil(() => confirmed(one).length === 4);
  deepEqual(venue.last.received.map(({ text }) => text), ["sub 1 a b c", "unsub 2 b", "sub 3 b"]);
  await one.stop();
});

Deno.test("a healthy connection is replaced at once when asked to, a young one after a pause", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"]);
  await until(() => confirmed(one).length === 1, "the ack");
  await talk(venue, 31_000);
  one.socket.reconnect("no trades");
  one.socket.reconnect("twice");
  equal(timing.delays.at(-1), 0);
  timing.advance(0);
  await until(() => one.seen.calls.includes("up 2"), "the second connection");
  one.socket.reconnect("no trades again");
  equal(timing.delays.at(-1), 1_500);
  deepEqual(
    one.seen.calls.filter((call) => call.startsWith("down")),
    ["down 1: no trades", "down 2: no trades again"],
  );
  await one.stop();
});

Deno.test("more topics than a socket may carry are refused before anything is opened", () => {
  const limits = {
    topicsPerSocket: 2,
    topicsPerRequest: 1,
    charsPerSocket: 5,
    requestSpacingMs: 0,
    maxAgeMs: 1,
  };
  const handlers = {
    frame: () => undefined,
    up: () => {},
    subscribed: () => {},
    down: () => {},
    trouble: () => {},
  };
  const options = { name: "x#1", subscribe: String, unsubscribe: String, ping: null, limits };
  const make = (url: string, topics: string[]) =>
    new LastingSocket({ ...options, url, topics, handlers });
  throws(() => make("ws://127.0.0.1:1", ["a", "b", "c"]), RangeError);
  throws(() => make("ws://127.0.0.1:1", ["abc", "def"]), /6 characters on x#1.*2 and 5/);
  throws(() => make("http://127.0.0.1:1", []), /give a ws: or wss: address/);
});

Deno.test("a socket that was never started, or aborted before, ends at once", async () => {
  await using venue = new LoopbackVenue(new FakeTiming());
  const options = rig(venue, ["a"]);
  throws(
    () => void options.socket.start(new AbortController().signal),
    /Cannot start test#1 twice/,
  );
  await options.stop();
  await options.socket.start(new AbortController().signal);
  await options.socket[Symbol.asyncDispose]();
});
