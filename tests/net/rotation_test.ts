import { deepEqual, equal, match, ok } from "../assert.ts";
import { FakeTiming, settle, until } from "./fake_timing.ts";
import { LoopbackVenue, type Peer, type Rig, rig } from "./loopback.ts";

function send(peer: Peer | undefined, text: string): void {
  if (peer?.socket.readyState === WebSocket.OPEN) peer.socket.send(text);
}

function isSubscribed(one: Rig, connection: number): boolean {
  return one.seen.calls.some((call) => call.startsWith(`subscribed ${connection}`));
}

/** Every open peer sends the same numbered trades until `done`. */
async function trade(venue: LoopbackVenue, done: () => boolean, stepMs = 100): Promise<number> {
  let sent = 0;
  while (!done()) {
    if (sent > 5_000) throw new Error("Not done after 5000 trades");
    const text = `trade ${sent++}`;
    for (const peer of venue.peers) send(peer, text);
    await settle();
    venue.timing.advance(stepMs);
  }
  return sent;
}

Deno.test("before the cut a second connection takes over and no trade is missed", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"], { limits: { maxAgeMs: 48_000 } });
  await until(() => isSubscribed(one, 1), "the ack");
  const startMs = timing.now();
  let atMs = 0;
  let open = 0;
  const sent = await trade(venue, () => {
    if (venue.peers.length === 2) atMs ||= timing.now();
    open = Math.max(open, one.socket.stats.open);
    return one.socket.stats.rotations === 1;
  });
  // 48 s less a sixteenth: 45 s, as 22.5 h are of 24 h.
  ok(atMs - startMs >= 45_000 && atMs - startMs < 47_000, `second after ${atMs - startMs} ms`);
  equal(open, 2);
  deepEqual(one.seen.calls, [
    "up 1",
    "subscribed 1: a",
    "up 2",
    "subscribed 2: a",
    "down 1: Rotated: 0 min old",
  ]);
  await until(() => venue.open === 1, "the first to close");
  send(venue.last, "last");
  await until(() => one.seen.data.at(-1)?.text === "last", "the last");
  const got = new Set(one.seen.data.map(({ text }) => text));
  for (let at = 0; at < sent - 1; at++) ok(got.has(`trade ${at}`), `trade ${at} is missing`);
  const overlap = one.seen.data.filter(({ connection }) => connection === 1)
    .filter(({ text }) => one.seen.data.some((x) => x.connection === 2 && x.text === text));
  ok(overlap.length > 10, `${overlap.length} trades came on both`);
  equal(one.socket.stats.reconnects, 0);
  await one.stop();
  equal(timing.pending, 0);
});

Deno.test("a closing notice moves at once", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"]);
  await until(() => isSubscribed(one, 1), "the ack");
  send(venue.last, "bye");
  send(venue.last, "bye");
  await until(() => venue.peers.length === 2, "the second connection, with time standing still");
  await trade(venue, () => one.socket.stats.rotations === 1);
  equal(one.seen.calls.at(-1), "down 1: Rotated: maintenance");
  equal(venue.peers.length, 2);
  await one.stop();
});

Deno.test("when the old connection dies in a rotation the new one carries on", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"]);
  await until(() => isSubscribed(one, 1), "the ack");
  one.socket.rotate("asked");
  await until(() => isSubscribed(one, 2), "the second ack");
  venue.peers[0]?.socket.close(1001);
  await until(() => one.seen.calls.at(-1)?.startsWith("down 1") ?? false, "the close");
  const { rotations, open, connects } = one.socket.stats;
  deepEqual({ rotations, open, connects }, { rotations: 0, open: 1, connects: 2 });
  send(venue.last, "trade");
  await until(() => one.seen.data.length === 1, "a trade");
  timing.advance(5_000);
  await settle();
  equal(venue.peers.length, 2);
  await one.stop();
});

Deno.test("a second connection that is refused leaves the old one alone and is tried again", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"]);
  await until(() => isSubscribed(one, 1), "the ack");
  venue.accept = () => false;
  one.socket.rotate("asked");
  await until(() => one.seen.troubles.length === 2, "the refusal");
  deepEqual(one.seen.troubles.map(({ what }) => what), ["rotate", "connect"]);
  one.socket.rotate("impatient");
  equal(one.socket.stats.open, 1);
  venue.accept = () => true;
  await trade(venue, () => one.socket.stats.rotations === 1);
  equal(one.seen.calls.filter((call) => call.startsWith("down")).length, 1);
  await one.stop();
});

Deno.test("a second connection that stays silent while the old one delivers is given up", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"]);
  await until(() => isSubscribed(one, 1), "the ack");
  one.socket.rotate("asked");
  const old = venue.peers[0];
  await timing.advanceUntil(() => {
    send(old, "trade");
    return one.seen.calls.at(-1)?.startsWith("down 2") ?? false;
  });
  match(one.seen.calls.at(-1) ?? "", /Nothing delivered in 20 s while the old connection did/);
  equal(one.socket.stats.rotations, 0);
  await trade(venue, () => one.socket.stats.rotations === 1);
  await one.stop();
});

Deno.test("in a silent market the second connection takes over after 20 s", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"]);
  await until(() => isSubscribed(one, 1), "the ack");
  one.socket.rotate("asked");
  await until(() => isSubscribed(one, 2), "the second ack");
  timing.advance(19_000);
  equal(one.socket.stats.rotations, 0);
  timing.advance(2_000);
  equal(one.socket.stats.rotations, 1);
  await one.stop();
});

Deno.test("an abort in a rotation closes both connections", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"]);
  await until(() => isSubscribed(one, 1), "the ack");
  one.socket.rotate("asked");
  await until(() => isSubscribed(one, 2), "the second ack");
  await one.stop();
  deepEqual(one.seen.calls.slice(-2), ["down 1: Stopped", "down 2: Stopped"]);
  await until(() => venue.open === 0, "both to close");
  equal(timing.pending, 0);
});

Deno.test("topics changed in a rotation reach both connections", async () => {
  const timing = new FakeTiming();
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, ["a"]);
  await until(() => isSubscribed(one, 1), "the ack");
  one.socket.rotate("asked");
  one.socket.setTopics(["b"]);
  await until(() => isSubscribed(one, 2), "the second ack");
  await timing.advanceUntil(() => venue.peers.every(({ topics }) => topics.has("b")));
  deepEqual(venue.peers.map(({ topics }) => [...topics]), [["b"], ["b"]]);
  await one.stop();
});
