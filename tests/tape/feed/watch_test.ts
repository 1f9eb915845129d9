import { deepEqual, equal, ok } from "../../assert.ts";
import type { StreamKind } from "../../../lib/market/collector.ts";
import { judge, StreamWatch } from "../../../lib/tape/feed/watch.ts";

function watch(kind: StreamKind, symbol = "BTCUSDT"): StreamWatch {
  return new StreamWatch({ name: `${symbol}@${kind}`, kind, symbol });
}

/** A stream that was heard every `gapMs` from 0 to `untilMs`. */
function habitual(kind: StreamKind, gapMs: number, untilMs: number): StreamWatch {
  const stream = watch(kind);
  stream.acked(0);
  for (let nowMs = 0; nowMs <= untilMs; nowMs += gapMs) stream.heard(nowMs);
  return stream;
}

Deno.test("dense streams of every kind are found silent within a minute", () => {
  for (const kind of ["trade", "derivative", "depth"] as const) {
    for (const gapMs of [50, 500, 2_000]) {
      const stream = habitual(kind, gapMs, 100_000);
      equal(stream.isSilent(100_000 + 19_000), false, `${kind} ${gapMs}`);
      equal(stream.isSilent(100_000 + 60_000), true, `${kind} ${gapMs}`);
    }
  }
});

Deno.test("an ack without data is silence after half a minute, but not of a sparse stream", () => {
  const trade = watch("trade");
  trade.acked(1_000);
  equal(trade.isSilent(30_000), false);
  equal(trade.isSilent(32_000), true);
  const liquidations = watch("liquidation");
  liquidations.acked(1_000);
  equal(liquidations.isSilent(10_000_000), false);
});

Deno.test("a stream that is not subscribed is not silent", () => {
  const stream = habitual("trade", 100, 10_000);
  stream.lost();
  equal(stream.isSilent(500_000), false);
  equal(stream.wantsProbe(500_000), false);
});

Deno.test("first it is asked for again, then the socket is replaced, then the owner hears of it", () => {
  const streams = [habitual("trade", 100, 10_000), habitual("depth", 100, 10_000)];
  const cures: string[] = [];
  for (let nowMs = 10_000; nowMs < 200_000; nowMs += 1_000) {
    const silence = judge(streams, nowMs);
    if (silence) cures.push(silence.cure);
  }
  equal(cures[0], "resubscribe");
  ok(cures.indexOf("reconnect") > 0);
  ok(cures.indexOf("alarm") > cures.indexOf("reconnect"));
});

Deno.test("data ends the attempts", () => {
  const stream = habitual("depth", 100, 10_000);
  equal(judge([stream], 41_000)?.cure, "resubscribe");
  stream.heard(42_000);
  equal(judge([stream], 50_000), null);
  equal(judge([stream], 73_000)?.cure, "resubscribe");
});

Deno.test("a sparse stream beside a dense one that died is asked for again with it", () => {
  const dense = habitual("trade", 100, 10_000);
  const sparse = watch("liquidation");
  sparse.acked(0);
  const live = habitual("derivative", 1_000, 31_000);
  const silence = judge([dense, sparse, live], 31_000);
  deepEqual(silence?.streams, [dense, sparse]);
});

Deno.test("a quiet market is asked for again and never costs its neighbours their socket", () => {
  const quiet = habitual("trade", 10_000, 300_000);
  const busy = [0, 1, 2].map(() => habitual("trade", 100, 2_000_000));
  for (let nowMs = 300_000; nowMs < 2_000_000; nowMs += 1_000) {
    const silence = judge([quiet, ...busy], nowMs);
    if (silence) equal(silence.cure, "resubscribe");
  }
});

Deno.test("the venue is asked about a silence early, less and less often, and anew after data", () => {
  const rare = habitual("trade", 8_000, 80_000);
  const asked: number[] = [];
  for (let nowMs = 80_000; nowMs < 400_000; nowMs += 1_000) {
    if (rare.wantsProbe(nowMs)) asked.push((nowMs - 80_000) / 1_000);
  }
  deepEqual(asked, [32, 52, 92, 172]);
  rare.heard(400_000);
  equal(rare.wantsProbe(420_000), false);
  equal(rare.wantsProbe(520_000), true);
});

Deno.test("a stream that is subscribed anew gets its time before it is asked about", () => {
  const stream = habitual("trade", 100, 10_000);
  stream.lost();
  equal(stream.sureFromMs, Infinity);
  // Half a minute without a connection: that silence was not the stream's.
  stream.acked(40_000);
  equal(stream.wantsProbe(40_100), false);
  equal(stream.wantsProbe(59_000), false);
  equal(stream.wantsProbe(60_000), true);
  equal(stream.sureFromMs, 40_500);
});

Deno.test("a quiet market that trades in bursts never costs its neighbours their socket", () => {
  const bursts = watch("trade");
  const busy = [0, 1, 2].map(() => watch("trade"));
  for (const stream of [bursts, ...busy]) stream.acked(0);
  for (let nowMs = 0; nowMs < 1_200_000; nowMs += 100) {
    for (const stream of busy) stream.heard(nowMs);
    // A sweep of thirty prints every two minutes, the first one of two within a millisecond.
    if (nowMs === 5_000) { for (let i = 0; i < 2; i++) bursts.heard(nowMs); }
    if (nowMs % 120_000 === 60_000) { for (let i = 0; i < 30; i++) bursts.heard(nowMs + i * 20); }
    const silence = nowMs % 1_000 === 0 ? judge([bursts, ...busy], nowMs) : null;
    if (silence) equal(silence.cure, "resubscribe", `at ${nowMs}`);
  }
});

Deno.test("the time without a connection is no habit of the stream", () => {
  const stream = habitual("trade", 1_000, 60_000);
  stream.lost();
  stream.acked(400_000);
  stream.heard(401_000);
  equal(stream.isDense(), true);
  equal(stream.isSilent(427_000), true);
});

Deno.test("a stream that never spoke does not cost those that deliver their socket; the owner hears of it once", () => {
  const book = watch("depth");
  const trades = watch("trade");
  for (const stream of [book, trades]) stream.acked(0);
  const cures: string[] = [];
  for (let nowMs = 0; nowMs < 3_600_000; nowMs += 1_000) {
    trades.heard(nowMs);
    const silence = judge([book, trades, watch("trade", "ETHUSDT")], nowMs);
    if (silence) cures.push(silence.cure);
  }
  deepEqual(cures.slice(0, 4), ["resubscribe", "resubscribe", "tell", "resubscribe"]);
  deepEqual(new Set(cures.slice(4)), new Set(["resubscribe"]));
  // On a socket that delivers nothing at all it is the socket.
  const alone = watch("depth");
  alone.acked(0);
  equal(judge([alone], 31_000)?.cure, "resubscribe");
  equal(judge([alone], 60_000)?.cure, "reconnect");
});

Deno.test("the sparse stream of a quiet market is asked for again with its trades", () => {
  const quiet = habitual("trade", 4_000, 100_000);
  const busy = watch("derivative", "ETHUSDT");
  const sparse = [watch("liquidation"), watch("liquidation", "ETHUSDT")];
  for (const stream of [busy, ...sparse]) stream.acked(0);
  busy.heard(300_000);
  const silence = judge([quiet, busy, ...sparse], 301_000);
  deepEqual(silence?.streams, [quiet, sparse[0]]);
});

Deno.test("a market that was halted costs the others their socket once, and only its own liquidations are asked for again", () => {
  const halted = habitual("trade", 100, 10_000);
  const busy = watch("trade", "ETHUSDT");
  const sparse = [watch("liquidation"), watch("liquidation", "ETHUSDT")];
  for (const stream of [busy, ...sparse]) stream.acked(0);
  const cures: string[] = [];
  for (let nowMs = 10_000; nowMs < 3_600_000; nowMs += 1_000) {
    busy.heard(nowMs);
    const silence = judge([halted, busy, watch("trade", "XRPUSDT"), ...sparse], nowMs);
    if (!silence) continue;
    cures.push(silence.cure);
    equal(silence.streams.includes(sparse[1] as StreamWatch), false);
  }
  deepEqual(cures.slice(0, 4), ["resubscribe", "reconnect", "tell", "resubscribe"]);
  deepEqual(new Set(cures.slice(4)), new Set(["resubscribe"]));
});
