/** The tape's counters on the metrics page: read when scraped, nothing is counted twice. */
import type { Registry } from "../metrics.ts";
import type { Store } from "../store/mod.ts";
import { LAG_BOUNDS_MS } from "./feed/feed_stats.ts";
import type { Flusher } from "./flush.ts";
import type { Canary } from "./repair/canary.ts";
import type { Repairer } from "./repair/repairer.ts";
import type { Tape } from "./tape.ts";
import type { Venue } from "./venue.ts";

/** A flush takes milliseconds; on a busy disk, seconds. */
const FLUSH_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Registers all that is known of the running tape. */
export function tape(metrics: Registry, tape: Tape, held: Store): void {
  venues(metrics, tape.venues);
  repair(metrics, tape.repairers);
  canaries(metrics, tape.canaries);
  store(metrics, held, tape.flusher);
}

/** What is known of the venues, labelled by venue. */
function venues(metrics: Registry, venues: readonly Venue[]): void {
  const per = (name: string, help: string, read: (venue: Venue) => number) => {
    const family = metrics.counter(name, help, ["venue"]);
    for (const venue of venues) family.with(venue.collector.venue).read(() => read(venue));
  };
  per("tapewatch_frames_total", "Frames read", ({ feed }) => feed.stats.frames);
  per("tapewatch_parse_errors_total", "Malformed frames", ({ feed }) => feed.stats.parseErrors);
  per("tapewatch_reconnects_total", "Connections replaced", ({ feed }) => feed.reconnects);
  per("tapewatch_silences_total", "Streams found silent", ({ feed }) => feed.stats.silences);
  per("tapewatch_gaps_total", "Holes seen in trade ids", (venue) => venue.gaps());
  per("tapewatch_rest_requests_total", "REST requests", ({ rest }) => rest.stats.requests);
  per("tapewatch_rest_weight_total", "REST weight spent", ({ rest }) => rest.stats.weightUsed);
  per("tapewatch_rest_limited_total", "Answers 429 and 418", ({ rest }) => rest.stats.limited);
  per("tapewatch_rest_failures_total", "REST requests given up", ({ rest }) => rest.stats.failures);

  const peak = metrics.gauge(
    "tapewatch_rest_peak_share",
    "Largest share of the venue's allowance ever spent in its window",
    ["venue"],
  );
  const events = metrics.counter("tapewatch_events_total", "Events taken", ["venue", "kind"]);
  const refused = metrics.counter("tapewatch_refused_total", "Events refused", ["venue", "why"]);
  const live = metrics.gauge("tapewatch_venue_live", "1 where all streams deliver", ["venue"]);
  const offset = metrics.gauge("tapewatch_clock_offset_seconds", "Venue clock − local clock", [
    "venue",
  ]);
  const lag = metrics.histogram(
    "tapewatch_lag_seconds",
    "From the venue's trade time to the bucket",
    LAG_BOUNDS_MS.map((ms) => ms / 1000),
    ["venue"],
  );
  for (const venue of venues) {
    const { stats } = venue.feed;
    const name = venue.collector.venue;
    for (const kind of ["trade", "liquidation", "derivative", "depth"] as const) {
      events.with(name, kind).read(() => stats.events[kind]);
    }
    for (const why of ["duplicate", "late", "future"] as const) {
      refused.with(name, why).read(() => stats.refused[why]);
    }
    peak.with(name).read(() => venue.rest.stats.peakShare);
    live.with(name).read(() => venue.trouble() === null ? 1 : 0);
    offset.with(name).read(() => (venue.clock.nowMs() - Date.now()) / 1000);
    lag.with(name).read(() => ({ counts: stats.lagBins, sum: stats.lagSumMs / 1000 }));
  }
}

/** What repair has done and what it still has before it. */
function repair(metrics: Registry, repairers: readonly Repairer[]): void {
  const waiting = metrics.gauge(
    "tapewatch_repair_waiting_buckets",
    "Minute buckets that lack something and can be had",
    ["venue"],
  );
  const repaired = metrics.counter(
    "tapewatch_buckets_repaired_total",
    "Minute buckets made whole",
    ["venue"],
  );
  const lost = metrics.counter(
    "tapewatch_buckets_lost_total",
    "Minute buckets that cannot be had any more",
    ["venue"],
  );
  const fromCandles = metrics.counter(
    "tapewatch_buckets_from_candles_total",
    "Minute buckets made whole from candles, without counts and large trades",
    ["venue"],
  );
  for (const repairer of repairers) {
    fromCandles.with(repairer.name).read(() => repairer.fromCandles);
    waiting.with(repairer.name).read(() => repairer.waiting);
    repaired.with(repairer.name).read(() => repairer.repaired);
    lost.with(repairer.name).read(() => repairer.lost);
  }
}

/** How often our hours agreed with the venues' own candles. */
function canaries(metrics: Registry, canaries: readonly Canary[]): void {
  const compared = metrics.counter(
    "tapewatch_hours_compared_total",
    "Hours of series compared with the venue's candles",
    ["venue"],
  );
  const wrong = metrics.counter(
    "tapewatch_hours_wrong_total",
    "Hours of series whose volume was off the venue's candles",
    ["venue"],
  );
  for (const canary of canaries) {
    compared.with(canary.name).read(() => canary.compared);
    wrong.with(canary.name).read(() => canary.wrong);
  }
}

/** What is known of the store and of what is written to it. */
export function store(metrics: Registry, store: Store, flusher: Flusher): void {
  metrics.counter("tapewatch_kv_rows_total", "Rows written to the KV").with()
    .read(() => store.stats().rowsWritten);
  metrics.counter("tapewatch_kv_bytes_total", "Bytes of packed rows written").with()
    .read(() => store.stats().bytesWritten);
  metrics.counter("tapewatch_kv_rows_skipped_total", "Stored rows that failed their check").with()
    .read(() => store.stats().rowsSkipped);
  metrics.counter("tapewatch_kv_write_errors_total", "Writes that failed").with()
    .read(() => store.stats().writeErrors);
  const flush = metrics.histogram("tapewatch_flush_seconds", "Time of a flush", FLUSH_SECONDS)
    .with();
  flusher.onFlush((seconds) => flush.observe(seconds));
}

export function process(
  metrics: Registry,
  version: string,
  residentBytes: () => number,
): void {
  metrics.gauge("tapewatch_resident_memory_bytes", "Resident memory").with().read(residentBytes);
  metrics.gauge("tapewatch_build_info", "Always 1; the version is a label", ["version"])
    .with(version).set(1);
}
