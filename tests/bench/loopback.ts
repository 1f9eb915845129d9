/**
 * The same frames over a loopback socket: a client that only counts, one that only parses,
 * and the service's own feed with its lasting socket, in turns, from one flooding sender.
 */
import process from "node:process";
import { binancePerp } from "../../collectors/binance_perp.ts";
import { createLog } from "../../lib/log.ts";
import { Head } from "../../lib/market/head/head.ts";
import type { Instrument } from "../../lib/market/instrument.ts";
import { VenueClock } from "../../lib/net/clock.ts";
import { steadyMs } from "../../lib/net/timing.ts";
import { Feed } from "../../lib/tape/feed/feed.ts";
import type { Json } from "../../lib/reply/command.ts";
import { assetsOf, listingsOf } from "../sim/market/listing.ts";
import { Child } from "./child.ts";
import { SYMBOLS } from "./frames.ts";
import { type Measurement, median, rounded } from "./measurement.ts";

/** Of all four markets; the sender keeps those of one. */
const TRADES = 800_000;
const TIMEOUT_MS = 60_000;

/** What a client did with the frames of one flood. */
interface Taken {
  readonly perSecond: number;
  /** CPU of this process, sockets included. */
  readonly cpuUs: number;
}

export const loopback: Measurement = {
  name: "loopback",
  async run({ rounds }, say) {
    await using sender = new Child({
      args: ["run", "-A", "tests/bench/loopback_sender.ts", String(TRADES)],
    });
    const { port, frames } = await sender.firstLine();
    const [url, count] = [`ws://127.0.0.1:${port}`, Number(frames)];
    const clients = {
      countOnly: () => bare(url, count, () => {}),
      parseOnly: () => bare(url, count, parsed()),
      service: () => feed(url, count),
    };
    const taken = new Map<string, Taken[]>();
    for (let round = -1; round < rounds; round++) {
      for (const [name, client] of Object.entries(clients)) {
        const result = await client();
        say(`loopback ${name}: ${Math.round(result.perSecond)}/s, ${result.cpuUs.toFixed(2)} µs`);
        // The first round warms the compiler up.
        if (round >= 0) taken.set(name, [...taken.get(name) ?? [], result]);
      }
    }
    return summary(taken, count);
  },
};

function summary(taken: ReadonlyMap<string, readonly Taken[]>, frames: number): Json {
  const of = (name: string, field: keyof Taken) =>
    (taken.get(name) ?? []).map((result) => result[field]);
  const ratios = (field: keyof Taken) => {
    const [bare, ours] = [of("parseOnly", field), of("service", field)];
    return ours.map((value, round) => value / (bare[round] ?? NaN));
  };
  return {
    budget: "ratio ≥ 0.6",
    frames,
    sentPerSecond: rounded(median(of("countOnly", "perSecond"))),
    parseOnlyPerSecond: rounded(median(of("parseOnly", "perSecond"))),
    servicePerSecond: rounded(median(of("service", "perSecond"))),
    ratio: rounded(median(ratios("perSecond"))),
    parseOnlyCpuUs: rounded(median(of("parseOnly", "cpuUs"))),
    serviceCpuUs: rounded(median(of("service", "cpuUs"))),
    // Of the CPU that a frame takes: what the ratio would be if only the client worked.
    cpuRatio: rounded(1 / median(ratios("cpuUs"))),
  };
}

/** Times from the first frame to the last one. */
class Meter {
  readonly done = Promise.withResolvers<Taken>();
  #frames = 0;
  #startedMs = 0;
  #cpu = process.cpuUsage();

  constructor(readonly count: number) {
    const late = setTimeout(
      () => this.done.reject(new Error(`Only ${this.#frames} of ${count} frames came`)),
      TIMEOUT_MS,
    );
    void this.done.promise.finally(() => clearTimeout(late)).catch(() => {});
  }

  frame(): void {
    if (this.#frames++ === 0) {
      this.#startedMs = performance.now();
      this.#cpu = process.cpuUsage();
    } else if (this.#frames === this.count) {
      const { user, system } = process.cpuUsage(this.#cpu);
      const seconds = (performance.now() - this.#startedMs) / 1000;
      const frames = this.count - 1;
      this.done.resolve({ perSecond: frames / seconds, cpuUs: (user + system) / frames });
    }
  }
}

function parsed(): (text: string) => void {
  let sum = 0;
  return (text) => {
    const { data }: { data: { p: string; q: string } } = JSON.parse(text);
    sum += Number(data.p) * Number(data.q);
    if (sum === 0) throw new Error("Nothing was traded");
  };
}

/** A plain WebSocket client. */
async function bare(url: string, count: number, take: (text: string) => void): Promise<Taken> {
  const meter = new Meter(count);
  const socket = new WebSocket(url);
  socket.onopen = () =>
    socket.send(JSON.stringify({ method: "SUBSCRIBE", params: ["btcusdt@aggTrade"], id: 1 }));
  socket.onmessage = () => {
    // The first message is the ack.
    socket.onmessage = ({ data }) => {
      take(data);
      meter.frame();
    };
  };
  const closed = new Promise((resolve) => socket.onclose = resolve);
  const taken = await meter.done.promise;
  socket.close();
  await closed;
  return taken;
}

/** The feed of a venue as the service runs it: lasting sockets, clock, watch, intake, series. */
async function feed(url: string, count: number): Promise<Taken> {
  const meter = new Meter(count);
  const clock = new VenueClock(steadyMs);
  const head = new Head();
  const feed = new Feed({
    collector: binancePerp,
    wsBase: url,
    head,
    nowMs: () => clock.nowMs(),
    observe: (eventMs) => {
      clock.observe(eventMs, steadyMs());
      meter.frame();
    },
    log: createLog({ level: "error" }),
    alarm: () => {},
  });
  // The venue's clock is known, as it is in the service.
  clock.sample(steadyMs(), steadyMs(), Date.now());
  feed.watch(instruments());
  const ending = new AbortController();
  const ended = feed.run(ending.signal);
  const taken = await meter.done.promise.finally(() => ending.abort());
  await ended;
  const { events, parseErrors } = feed.stats;
  if (events.trade !== count || parseErrors > 0) {
    throw new Error(`Of ${count} trades only ${events.trade} reached a bucket`);
  }
  return taken;
}

function instruments(): Instrument[] {
  return listingsOf(assetsOf(SYMBOLS)).filter(({ venue }) => venue === binancePerp.venue)
    .map(({ venue, symbol, asset: base, multiplier }) => (
      { venue, symbol, base, quote: "USDT", multiplier }
    ));
}
