/** A tape as it is handed from one process to the next. */
import { pause } from "../every.ts";
import type { Tape } from "../tape.ts";
import type { Venue } from "../venue.ts";

/** What a handover needs of the tape, on both sides of it. */
export interface Handed {
  /** The latest of the venues' clocks, ms: an instant beyond it is still to come for all. */
  nowMs(): number;
  /** Venues that are not heard now. */
  unheard(): readonly string[];
  /** From an instant on, what happens waits and is counted nowhere. */
  holdFrom(atMs: number): void;
  /** What waited is counted after all: there is nobody else. */
  cancel(): void;
  /** Resolves when what was before the instant is heard, as far as it will be. */
  finish(atMs: number, signal: AbortSignal): Promise<void>;
  /** Writes what is open; whether all of it was written. */
  store(): Promise<boolean>;
  /** Takes what is stored for the truth up to the instant. */
  continueFrom(atMs: number): Promise<void>;
  /** Counts what waited, and goes on from there. */
  begin(atMs: number): void;
}

/** Prints of before the instant may be on their way for so long. */
const ON_THEIR_WAY_MS = 1_500;
/** What a socket without frames has not told by then is left to repair. */
const MOST_MS = 4_000;
const LOOK_MS = 50;

export function handed(tape: Tape): Handed {
  const { venues, universe, cut, head } = tape;
  const nowMs = () => Math.max(...venues.map(({ clock }) => clock.nowMs()));
  // Without all tickers other markets are chosen.
  const isRanked = ({ collector }: Venue) => universe.hasTickers(collector.venue);
  /** What had to be dropped is missing from its minutes. */
  const distrust = (fromMs: number) => {
    for (const { coverage } of head.all()) coverage.open(fromMs, nowMs());
  };
  return {
    nowMs,
    unheard() {
      const names = venues.filter((one) => one.trouble() !== null || !isRanked(one));
      return names.map(({ collector }) => collector.venue);
    },
    holdFrom: (atMs) => cut.holdFrom(atMs),
    cancel() {
      const { atMs } = cut;
      if (!cut.cancel() && atMs !== null) distrust(atMs);
    },
    async finish(atMs, signal) {
      const isTold = () =>
        venues.every(({ clock, feed }) => {
          const sinceMs = clock.nowMs() - atMs;
          return sinceMs > MOST_MS || (sinceMs > ON_THEIR_WAY_MS && feed.toldToMs() >= atMs);
        });
      while (!signal.aborted && !isTold()) await pause(LOOK_MS, signal);
      tape.credit();
    },
    store: () => tape.store(),
    continueFrom: (atMs) => tape.continueFrom(atMs),
    begin(atMs) {
      if (!cut.begin()) distrust(atMs);
    },
  };
}
