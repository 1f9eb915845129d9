/**
 * Repair of one venue, in the background: finds the minutes that lack something by their
 * stored coverage, newest first, and has them mended as far as the venue can. What cannot
 * be had is given up and counted. One series that fails never holds up the others.
 */
import { MINUTE_MS } from "../../market/bucket.ts";
import type { Series } from "../../market/head/series.ts";
import type { Log } from "../../log.ts";
import { pause } from "../every.ts";
import type { Minutes } from "../minutes.ts";
import { Backlog } from "./backlog.ts";
import { CheckedMender } from "./checked.ts";
import { ExactMender } from "./exact.ts";
import { Fetcher } from "./fetch.ts";
import { readHistory } from "./history.ts";
import { meansOf } from "./means.ts";
import type { Mender, RepairVenue } from "./mender.ts";
import { MinuteSet } from "./minute_set.ts";
import { minutesIn, missingSpans, type Span } from "./plan.ts";

/** A closed minute may still get late trades; after this it is judged. */
const SETTLED_MS = 5_000;
const IDLE_MS = 1_000;
/** A series whose hot window lacked nothing is looked at again so often. */
const LOOK_EVERY_MS = 4_000;
/** After failures in a row the venue is left alone this long, doubled each time. */
const REST_MS = 500;
const REST_MAX_MS = 15_000;
/** The stored minutes are looked through again so often: what left memory unrepaired is there. */
const REREAD_MS = 3_600_000;
/** So many at a time: the three days of a series would be 2 MB of buckets at once. */
const READ_AT_ONCE_MS = 6 * 3_600_000;

export interface RepairerOptions {
  readonly venue: RepairVenue;
  readonly minutes: Minutes;
  readonly seriesOf: (symbol: string) => Series | undefined;
  /** How far back minutes are wanted, ms. */
  readonly horizonMs: number;
  /** Nothing from before this time, by the venue's clock, is wanted either; unless given all is. */
  readonly beginMs?: (() => number) | undefined;
  readonly log: Log;
}

interface Task {
  readonly backlog: Backlog;
  readonly run: () => Promise<void>;
}

export class Repairer {
  /** Minutes that lack something and can be had; as of the last look. */
  waiting = 0;
  repaired = 0;
  fromCandles = 0;
  lost = 0;
  readonly #options: RepairerOptions;
  readonly #mender: Mender;
  readonly #backlogs = new Map<string, Backlog>();
  #failures = 0;

  constructor(options: RepairerOptions) {
    this.#options = options;
    const { exactCandles } = meansOf(options.venue.collector);
    this.#mender = exactCandles ? new ExactMender(options) : new CheckedMender(options);
  }

  /** The venue's name, for metrics. */
  get name(): string {
    return this.#options.venue.collector.venue;
  }

  /** Runs until aborted, one request at a time; live work goes first at the REST client. */
  async run(signal: AbortSignal): Promise<void> {
    const fetcher = new Fetcher(this.#options.venue, signal);
    while (!signal.aborted) {
      const restMs = await this.step(fetcher);
      if (restMs > 0) await pause(restMs, signal);
    }
  }

  /** Does the most urgent piece of work; returns how long to wait before the next, ms. */
  async step(fetcher: Fetcher): Promise<number> {
    const nowMs = this.#options.venue.clock.nowMs();
    let backlog: Backlog | null = null;
    try {
      const task = await this.#next(fetcher, nowMs);
      if (!task) return IDLE_MS;
      backlog = task.backlog;
      await task.run();
      backlog.succeeded();
      this.#failures = 0;
      return 0;
    } catch (error) {
      // A stop is no failure; the loop ends by itself.
      if (error instanceof DOMException && error.name === "AbortError") return 0;
      backlog?.failed(nowMs);
      this.#say(error);
      return Math.min(REST_MAX_MS, REST_MS * 2 ** this.#failures++);
    }
  }

  async #next(fetcher: Fetcher, nowMs: number): Promise<Task | null> {
    const due: { symbol: string; series: Series; backlog: Backlog }[] = [];
    let newest: { span: Span; task: Task } | null = null;
    this.waiting = 0;
    for (const symbol of this.#options.venue.feed.symbols) {
      const series = this.#options.seriesOf(symbol);
      if (!series) continue;
      const backlog = await this.#backlogOf(symbol, nowMs);
      const spans = [...this.#recentSpans(series, backlog, nowMs), ...backlog.old];
      this.waiting += spans.reduce((sum, span) => sum + minutesIn(span), 0);
      if (!backlog.isDue(nowMs)) continue;
      due.push({ symbol, series, backlog });
      const [first] = spans;
      if (!first || (newest && first.toMs <= newest.span.toMs)) continue;
      newest = { span: first, task: this.#mending(series, first, backlog, fetcher) };
    }
    const urgent = due.find(({ series }) => this.#mender.isUrgent(series));
    if (urgent) {
      const { series, backlog } = urgent;
      return { backlog, run: () => this.#mender.hurry(series, fetcher) };
    }
    return this.#probing(fetcher) ?? newest?.task ?? this.#history(due, nowMs, fetcher);
  }

  #mending(series: Series, span: Span, backlog: Backlog, fetcher: Fetcher): Task {
    return {
      backlog,
      run: async () => {
        const mended = await this.#mender.mend(series, span, backlog, fetcher);
        this.repaired += mended.repaired;
        this.fromCandles += mended.fromCandles;
        this.lost += mended.lost;
      },
    };
  }

  /** A stream that says nothing: does its market trade? */
  #probing(fetcher: Fetcher): Task | null {
    const { feed } = this.#options.venue;
    const suspect = feed.suspect();
    if (!suspect) return null;
    const { symbol, sureFromMs } = suspect;
    const [series, backlog] = [this.#options.seriesOf(symbol), this.#backlogs.get(symbol)];
    if (!series || !backlog) return null;
    return {
      backlog,
      run: async () => {
        if (await this.#mender.isDeaf(series, sureFromMs, fetcher)) feed.deaf(symbol);
      },
    };
  }

  /** Open interest and funding of the past, once the minutes themselves are there. */
  #history(
    due: readonly { symbol: string; backlog: Backlog }[],
    nowMs: number,
    fetcher: Fetcher,
  ): Task | null {
    const { venue, minutes } = this.#options;
    const next = due.find(({ backlog }) => backlog.historyToMs !== null);
    if (!next) return null;
    const { symbol, backlog } = next;
    const endMs = this.#horizonMs(nowMs);
    return { backlog, run: () => readHistory(venue, minutes, symbol, backlog, endMs, fetcher) };
  }

  async #backlogOf(symbol: string, nowMs: number): Promise<Backlog> {
    const held = this.#backlogs.get(symbol);
    if (held && nowMs - held.readMs < REREAD_MS) return held;
    const backlog = held ?? new Backlog();
    this.#backlogs.set(symbol, backlog);
    const [fromMs, toMs] = [this.#horizonMs(nowMs), this.#options.minutes.windowFromMs()];
    const { final, interest } = await this.#stored(symbol, fromMs, toMs);
    const isDone = (t: number) => final.has(t) || backlog.isLost(t);
    backlog.old = fromMs < toMs ? missingSpans(isDone, fromMs, toMs) : [];
    // The hot window has no past of open interest either, where nothing was stored.
    const closedMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    if (!held && !interest && fromMs < closedMs) backlog.historyToMs = closedMs;
    backlog.prune(fromMs, toMs);
    backlog.readMs = nowMs;
    return backlog;
  }

  /** The stored minutes that are as good as they can be, and whether any has open interest. */
  async #stored(
    symbol: string,
    fromMs: number,
    toMs: number,
  ): Promise<{ final: MinuteSet; interest: boolean }> {
    const id = { venue: this.name, symbol };
    const final = new MinuteSet();
    let interest = false;
    for (let t = fromMs; t < toMs; t += READ_AT_ONCE_MS) {
      const endMs = Math.min(toMs, t + READ_AT_ONCE_MS);
      for (const bucket of await this.#options.minutes.readOnce(id, t, endMs)) {
        if (this.#mender.isFinal(bucket)) final.add(bucket.t);
        interest ||= bucket.oiBase !== null;
      }
    }
    return { final, interest };
  }

  /** Closed minutes of the hot window that lack something, newest first. */
  #recentSpans(series: Series, backlog: Backlog, nowMs: number): Span[] {
    if (Math.abs(nowMs - backlog.wholeMs) < LOOK_EVERY_MS) return [];
    const toMs = Math.floor((nowMs - SETTLED_MS) / MINUTE_MS) * MINUTE_MS;
    const isDone = (t: number) => this.#mender.isDone(series, t, backlog);
    const fromMs = Math.max(this.#options.minutes.windowFromMs(), this.#beginMs());
    const spans = missingSpans(isDone, fromMs, toMs);
    if (spans.length === 0) backlog.wholeMs = nowMs;
    return spans;
  }

  #horizonMs(nowMs: number): number {
    const wantedMs = Math.ceil((nowMs - this.#options.horizonMs) / MINUTE_MS) * MINUTE_MS;
    return Math.max(wantedMs, this.#beginMs());
  }

  /** The first whole minute that is wanted, however far back memory and store reach. */
  #beginMs(): number {
    return Math.ceil((this.#options.beginMs?.() ?? 0) / MINUTE_MS) * MINUTE_MS;
  }

  #say(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.log.rateLimited(`${this.name} repair`, 60_000, Date.now())
      ?.warn("repair failed, will be tried again", { venue: this.name, reason });
  }
}
