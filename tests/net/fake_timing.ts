/** Time that stands still until a test moves it; timers run in order of their due time. */
import type { Timing } from "../../lib/net/timing.ts";

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class FakeTiming implements Timing {
  #nowMs = 1_000_000;
  #order = 0;
  readonly #timers = new Set<Timer>();
  /** Every delay asked for, in order. */
  readonly delays: number[] = [];

  readonly now = (): number => this.#nowMs;

  readonly random = (): number => 0.5;

  readonly after = (delayMs: number, run: () => void): () => void => {
    const timer = { dueMs: this.#nowMs + delayMs, order: this.#order++, run };
    this.delays.push(delayMs);
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Timers that are still to run. */
  get pending(): number {
    return this.#timers.size;
  }

  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    for (let timer = this.#next(endMs); timer; timer = this.#next(endMs)) {
      this.#timers.delete(timer);
      this.#nowMs = timer.dueMs;
      timer.run();
    }
    this.#nowMs = endMs;
  }

  /** Moves time in small steps, letting real sockets and promises work between, until `done`. */
  async advanceUntil(done: () => boolean, stepMs = 250, maxSteps = 2_000): Promise<void> {
    for (let step = 0; !done(); step++) {
      if (step === maxSteps) throw new Error(`Not done after ${stepMs * maxSteps} ms of fake time`);
      this.advance(stepMs);
      await settle();
    }
  }

  #next(endMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue;
      if (!first || timer.dueMs < first.dueMs) first = timer;
      else if (timer.dueMs === first.dueMs && timer.order < first.order) first = timer;
    }
    return first;
  }
}

/** One real millisecond: time for what is on its way over loopback. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** Waits in real time, with fake time standing still. */
export async function until(done: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + 5_000;
  while (!done()) {
    if (performance.now() > deadlineMs) throw new Error(`Waited 5 s for: ${what}`);
    await settle();
  }
}
