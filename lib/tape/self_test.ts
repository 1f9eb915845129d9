/**
 * Asks each venue what the service will ask of it, once, and says in plain words what
 * answers: the clock, the list of markets, and the first data of every kind of stream.
 */
import type { Collector, Route, StreamKind } from "../market/collector.ts";
import { Head } from "../market/head/head.ts";
import type { Instrument } from "../market/instrument.ts";
import type { Log } from "../log.ts";
import { RestClient } from "../net/rest.ts";
import { steadyMs } from "../net/timing.ts";
import { pause } from "./every.ts";
import { Universe } from "./universe.ts";
import { Venue } from "./venue.ts";

/** The market that every venue has and that is never quiet. */
const LIQUID = "BTC";
const DATA_WITHIN_MS = 10_000;
const POLL_MS = 100;

/** Returns whether everything answered; `say` gets a line per finding. */
export async function selfTest(
  collectors: readonly Collector[],
  endpoints: Readonly<Record<string, string>>,
  log: Log,
  say: (line: string) => void,
): Promise<boolean> {
  const results = await Promise.all(
    collectors.map(async (collector) => {
      const lines: string[] = [];
      const good = await testVenue(collector, endpoints, log, (line) => lines.push(line));
      say([`${good ? "ok  " : "FAIL"} ${collector.venue}`, ...lines].join("\n       "));
      return good;
    }),
  );
  return results.every((good) => good);
}

async function testVenue(
  collector: Collector,
  endpoints: Readonly<Record<string, string>>,
  log: Log,
  say: (line: string) => void,
): Promise<boolean> {
  const lifetime = new AbortController();
  const universe = new Universe([collector], { kind: "list", assets: [LIQUID] });
  const venue = new Venue({
    collector,
    wsBase: endpoints[collector.envWs] ?? collector.ws,
    rest: new RestClient({
      baseUrl: endpoints[collector.envRest] ?? collector.rest,
      limits: collector.restLimits,
    }),
    head: new Head(),
    universe,
    log,
    alarm: say,
    changed: () => {},
  });
  try {
    const sentMs = steadyMs();
    const serverMs = await venue.ask(collector.api.time, null, lifetime.signal);
    venue.clock.sample(sentMs, steadyMs(), serverMs);
    const offsetMs = Math.round(venue.clock.nowMs() - Date.now());
    const side = offsetMs < 0 ? "ahead" : "behind";
    say(`clock answers; this machine is ${Math.abs(offsetMs)} ms ${side}`);
    const { rows } = await venue.ask(collector.api.instruments, { cursor: null }, lifetime.signal);
    universe.list(collector.venue, rows);
    const markets = universe.watchedOn(collector.venue);
    say(
      `${rows.length} markets on the first page; ${LIQUID} is ${markets[0]?.symbol ?? "missing"}`,
    );
    if (markets.length === 0) return false;
    return await testStreams(venue, markets, lifetime, say);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return false;
  } finally {
    lifetime.abort();
  }
}

async function testStreams(
  venue: Venue,
  markets: readonly Instrument[],
  lifetime: AbortController,
  say: (line: string) => void,
): Promise<boolean> {
  const { feed, collector } = venue;
  feed.watch(markets);
  const running = feed.run(lifetime.signal);
  const wanted = kindsOf(collector.routes, markets);
  const missing = () => [...wanted].filter((kind) => feed.stats.heard(kind) === 0);
  const untilMs = performance.now() + DATA_WITHIN_MS;
  while (missing().length > 0 && performance.now() < untilMs) {
    await pause(POLL_MS, lifetime.signal);
  }
  for (const kind of wanted) {
    const count = feed.stats.heard(kind);
    say(count > 0 ? `${kind} data arrives` : `no ${kind} data within ${DATA_WITHIN_MS / 1000} s`);
  }
  if (feed.stats.parseErrors > 0) say(`${feed.stats.parseErrors} frames could not be read`);
  const good = missing().length === 0 && feed.stats.parseErrors === 0;
  lifetime.abort();
  await running;
  return good;
}

/** Kinds that send all the time; liquidations may stay away for hours. */
function kindsOf(routes: readonly Route[], markets: readonly Instrument[]): Set<StreamKind> {
  const kinds = new Set<StreamKind>();
  for (const route of routes) {
    for (const { kind } of route.topics(markets)) if (kind !== "liquidation") kinds.add(kind);
  }
  return kinds;
}
