import { deepEqual, equal, match, ok } from "../assert.ts";
import { PriceStreams } from "../../lib/web/stream.ts";
import { bench, FakeSource, NOW_MS, refusal, SERIES } from "./fake.ts";

/** A clock by hand: each `tick` ends the sleeps that wait. */
function handClock() {
  const waiting = new Set<() => void>();
  return {
    sleep: (_: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        waiting.add(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      }),
    async tick() {
      // The reader's pull has to reach its sleep first.
      await new Promise((resolve) => setTimeout(resolve, 0));
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
  };
}

function opened(streams: PriceStreams): ReadableStream<Uint8Array> {
  const body = streams.open();
  ok(body);
  return body;
}

function textReader(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  return {
    async next() {
      const { done, value } = await reader.read();
      return done ? null : decoder.decode(value);
    },
    cancel: () => reader.cancel(),
  };
}

Deno.test("the first event has every market, the next ones what changed", async () => {
  const source = new FakeSource();
  const clock = handClock();
  const streams = new PriceStreams(source, clock.sleep);
  const reader = textReader(opened(streams));
  const first = await reader.next() ?? "";
  match(first, /^retry: 3000\nevent: prices\ndata: \{.*\}\n\n$/);
  const event = JSON.parse(first.split("data: ")[1] ?? "");
  equal(event.t, NOW_MS);
  equal(event.prices.length, SERIES.length);
  source.prices.set("bybit-perp 1000PEPEUSDT", 7);
  const second = reader.next();
  await clock.tick();
  const data = JSON.parse((await second ?? "").split("data: ")[1] ?? "");
  deepEqual(data.prices, [{
    venue: "bybit-perp",
    market: "perp",
    symbol: "1000PEPEUSDT",
    base: "PEPE",
    price: 7,
    tradeMs: NOW_MS,
  }]);
  await reader.cancel();
  equal(streams.size, 0);
});

Deno.test("silence is broken by a comment after 15 s", async () => {
  const clock = handClock();
  const streams = new PriceStreams(new FakeSource(), clock.sleep);
  const reader = textReader(opened(streams));
  await reader.next();
  const next = reader.next();
  for (let second = 0; second < 15; second++) await clock.tick();
  equal(await next, ": still here\n\n");
  await reader.cancel();
});

Deno.test("the number of clients is bounded and a client that leaves makes room", async () => {
  const { get, app } = bench();
  const replies: Response[] = [];
  for (let client = 0; client < 32; client++) replies.push(await get("/api/v1/stream"));
  deepEqual((await refusal(get("/api/v1/stream"))).slice(0, 2), [503, "busy"]);
  await replies.pop()?.body?.cancel();
  const again = await get("/api/v1/stream");
  equal(again.status, 200);
  equal(again.headers.get("content-type"), "text/event-stream");
  replies.push(again);
  app.close();
  for (const reply of replies) match(await reply.text(), /^retry: 3000\n/);
  equal((await refusal(get("/api/v1/stream")))[0], 503);
});

Deno.test("a source that fails ends the stream with its error and frees the place", async () => {
  const source = new FakeSource();
  const streams = new PriceStreams(source);
  source.allSeries = () => {
    throw new Error("gone");
  };
  const reader = textReader(opened(streams));
  let reason: unknown;
  await reader.next().catch((error: unknown) => reason = error);
  ok(reason instanceof Error && reason.message === "gone");
  equal(streams.size, 0);
});
