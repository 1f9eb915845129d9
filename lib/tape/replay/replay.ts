/**
 * Recordings through the live path: every frame goes through `parse`, into the head and
 * the store, on the recording's own clock, which then stands still at its end.
 */
import { MINUTE_MS } from "../../market/bucket.ts";
import type { Collector } from "../../market/collector.ts";
import { Head } from "../../market/head/head.ts";
import { realAsset, seriesKey, splitPair } from "../../market/instrument.ts";
import type { Series } from "../../market/head/series.ts";
import { seriesOptions } from "../../market/head/series_options.ts";
import type { Store } from "../../store/mod.ts";
import type { Log } from "../../log.ts";
import { pause } from "../every.ts";
import { Flusher } from "../flush.ts";
import { Intake, type Slot } from "../feed/intake.ts";
import { readRecording, type RecordedFrame } from "./recordings.ts";
import { Minutes } from "../minutes.ts";
import { Norms } from "../past/norms.ts";
import { Quarters } from "../past/quarters.ts";
import { TapeSource } from "../tape_source.ts";
import { Universe } from "../universe.ts";

export interface ReplayOptions {
  readonly files: readonly string[];
  readonly collectors: readonly Collector[];
  /** Names the venue where the recording cannot. */
  readonly venue: string | null;
  /** Recorded seconds per second; `null` for as fast as possible. */
  readonly speed: number | null;
  /** The recording's clock, set by the replay and read by the store. */
  readonly clock: { nowMs: number };
  readonly store: Store;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** The event loop gets a turn after so many frames, so that questions are answered meanwhile. */
const FRAMES_PER_TURN = 2_000;
const PROGRESS_EVERY_MS = 2_000;
/** Frames of a recording that tell how far its clock was off. */
const CLOCK_FRAMES = 201;

/** A recording in progress: its next frame, and how far its recorder's clock was off. */
interface Reel {
  readonly frames: AsyncGenerator<RecordedFrame>;
  readonly early: RecordedFrame[];
  next: RecordedFrame | null;
  offsetMs: number;
}

/** When a connection of a recording was heard, and what it carried. */
interface Span {
  readonly fromMs: number;
  toMs: number;
  readonly series: Set<Series>;
}

export class Replay {
  readonly head = new Head();
  readonly source: TapeSource;
  readonly flusher: Flusher;
  readonly intakes: readonly Intake[];
  readonly #options: ReplayOptions;
  readonly #byVenue = new Map<string, Intake>();
  readonly #slots = new Map<string, Slot>();
  readonly #spans = new Map<string, Span>();
  #span: Span | null = null;
  readonly #clock: { nowMs: number };
  #done = false;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#clock = options.clock;
    const { collectors, store, log } = options;
    this.flusher = new Flusher(this.head, store, log);
    const { head, flusher } = this;
    const nowMs = () => this.#clock.nowMs;
    const minutes = new Minutes(head, store, nowMs);
    this.source = new TapeSource({
      collectors,
      head,
      store,
      minutes,
      quarters: new Quarters({ head, minutes, flusher, nowMs }),
      norms: new Norms({ minutes, keptMs: Infinity, nowMs }),
      keptMs: Infinity,
      ensure: (asset) => Promise.resolve(this.#holds(asset) ? "watched" : "unlisted"),
      universe: new Universe(collectors, { kind: "list", assets: [] }),
      nowMs,
      trouble: () => null,
    });
    this.intakes = collectors.map((collector) => {
      const find = (symbol: string) => this.#slot(collector, symbol);
      const intake = new Intake({ collector, log, find });
      this.#byVenue.set(collector.venue, intake);
      return intake;
    });
  }

  /** Whether every recording was read to its end. */
  get isDone(): boolean {
    return this.#done;
  }

  #holds(asset: string): boolean {
    return [...this.head.all()].some(({ instrument }) => instrument.base === asset);
  }

  #slot(collector: Collector, symbol: string): Slot {
    const key = seriesKey(collector.venue, symbol);
    const held = this.#slots.get(key);
    if (held) return held;
    const { base, quote } = splitPair(symbol);
    const instrument = { venue: collector.venue, symbol, quote, ...realAsset(base) };
    const series = this.head.open(instrument, seriesOptions(collector));
    const slot: Slot = {
      series,
      heard: (kind) => {
        if (kind === "trade") this.#span?.series.add(series);
      },
    };
    this.#slots.set(key, slot);
    return slot;
  }

  /** Feeds all recordings, merged by time; resolves when the last frame is stored. */
  async run(): Promise<void> {
    const { files, collectors, venue, log } = this.#options;
    const reels: Reel[] = [];
    for (const path of files) {
      const skipped = (what: string) => log.warn("connection left out", { path, what });
      reels.push(await openReel(readRecording(path, collectors, venue, skipped)));
    }
    await this.#play(reels);
    this.#credit();
    await this.flusher.flush();
    await this.source.loadFirstMinutes();
    this.#done = true;
    const frames = this.intakes.reduce((sum, { stats }) => sum + stats.frames, 0);
    log.info("replay done", { frames, series: this.head.size, endMs: this.#clock.nowMs });
  }

  async #play(reels: readonly Reel[]): Promise<void> {
    const { speed, log, signal } = this.#options;
    let frames = 0;
    let saidMs = performance.now();
    let minute = 0;
    while (!signal.aborted) {
      const reel = earliest(reels);
      if (!reel?.next) return;
      const timeMs = reel.next.localMs + reel.offsetMs;
      const waitMs = speed === null || this.#clock.nowMs === 0
        ? 0
        : (timeMs - this.#clock.nowMs) / speed;
      if (waitMs > 20) await pause(waitMs, signal);
      this.#clock.nowMs = Math.max(this.#clock.nowMs, timeMs);
      this.#take(reel.next, reels.indexOf(reel));
      reel.next = await advance(reel);
      // The hot window must be on disk before it turns over.
      if (Math.floor(this.#clock.nowMs / MINUTE_MS) !== minute) {
        minute = Math.floor(this.#clock.nowMs / MINUTE_MS);
        this.#credit();
        await this.flusher.flush();
        await this.flusher.rollUp(this.#clock.nowMs);
      }
      if (++frames % FRAMES_PER_TURN === 0) await pause(0, signal);
      if (performance.now() - saidMs > PROGRESS_EVERY_MS) {
        saidMs = performance.now();
        log.info("replaying", { frames, at: new Date(this.#clock.nowMs).toISOString() });
      }
    }
  }

  #take(frame: RecordedFrame, reel: number): void {
    const key = `${reel} ${frame.connection} ${frame.collector.venue}`;
    let span = this.#spans.get(key);
    if (!span) {
      span = { fromMs: this.#clock.nowMs, toMs: this.#clock.nowMs, series: new Set() };
      this.#spans.set(key, span);
    }
    span.toMs = this.#clock.nowMs;
    this.#span = span;
    this.#byVenue.get(frame.collector.venue)?.take(frame.text, this.#clock.nowMs);
  }

  /** A recording was live from its first frame to its last. */
  #credit(): void {
    for (const { fromMs, toMs, series } of this.#spans.values()) {
      for (const one of series) one.coverage.cover(fromMs, toMs);
    }
  }
}

async function openReel(frames: AsyncGenerator<RecordedFrame>): Promise<Reel> {
  const early: RecordedFrame[] = [];
  const offsets: number[] = [];
  while (early.length < CLOCK_FRAMES) {
    const { value, done } = await frames.next();
    if (done) break;
    early.push(value);
    // The exchange's send time, whatever the venue calls it.
    const sent = /"(?:E|ts)":(\d{13})\b/.exec(value.text)?.[1];
    if (sent !== undefined) offsets.push(Number(sent) - value.localMs);
  }
  offsets.sort((a, b) => a - b);
  const reel: Reel = { frames, early, next: null, offsetMs: 0 };
  // A recorder behind the exchange is set right; ahead is what a network's delay looks like.
  reel.offsetMs = Math.max(0, offsets[offsets.length >> 1] ?? 0);
  reel.next = await advance(reel);
  return reel;
}

async function advance(reel: Reel): Promise<RecordedFrame | null> {
  const early = reel.early.shift();
  if (early) return early;
  const { value, done } = await reel.frames.next();
  return done ? null : value;
}

function earliest(reels: readonly Reel[]): Reel | undefined {
  let first: Reel | undefined;
  for (const reel of reels) {
    if (!reel.next) continue;
    if (!first?.next || reel.next.localMs + reel.offsetMs < first.next.localMs + first.offsetMs) {
      first = reel;
    }
  }
  return first;
}
