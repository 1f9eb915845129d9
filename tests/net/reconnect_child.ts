/**
 * Reconnects to the loopback venue at the given address, in a process of its own because
 * memory is measured: 200 times to warm up, then 200 times, and prints what those have cost.
 * Wants `--expose-gc`.
 */
import { LastingSocket } from "../../lib/net/socket.ts";
import { FakeTiming, until } from "./fake_timing.ts";

const timing = new FakeTiming();
let deliveries = 0;

await using socket = new LastingSocket({
  name: "child#1",
  url: Deno.args[0] ?? "",
  topics: Array.from({ length: 50 }, (_, at) => `topic${at}`),
  subscribe: (topics, id) => `sub ${id} ${topics.join(" ")}`,
  unsubscribe: (topics, id) => `unsub ${id} ${topics.join(" ")}`,
  ping: { everyMs: 20_000, frame: "ping" },
  limits: {
    topicsPerSocket: 1000,
    topicsPerRequest: 10,
    charsPerSocket: 21_000,
    requestSpacingMs: 0,
    maxAgeMs: 86_400_000,
  },
  now: timing.now,
  after: timing.after,
  handlers: {
    frame(text) {
      if (text.startsWith("ack")) return { kind: "ack", id: Number(text.slice(4)) };
      deliveries++;
      return undefined;
    },
    up: () => {},
    subscribed: () => {},
    down: () => {},
    trouble: () => {},
  },
});

async function reconnect(times: number): Promise<void> {
  for (let round = 0; round < times; round++) {
    const before = deliveries;
    socket.reconnect("next round");
    timing.advance(timing.delays.at(-1) ?? 0);
    timing.delays.length = 0;
    await until(() => deliveries > before, "a trade");
  }
}

function measure() {
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect === "function") collect();
  const { rss, heapUsed } = Deno.memoryUsage();
  return { rss, heapUsed, timers: timing.pending };
}

const end = new AbortController();
const ended = socket.start(end.signal);
await until(() => deliveries > 0, "the first trade");
await reconnect(200);
const before = measure();
await reconnect(200);
const after = measure();
const { connects } = socket.stats;
end.abort();
await ended;
const report = {
  connects,
  rssMb: (after.rss - before.rss) / 1e6,
  heapMb: (after.heapUsed - before.heapUsed) / 1e6,
  timersBefore: before.timers,
  timersAfter: after.timers,
  timersAtEnd: timing.pending,
};
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report)));
