/**
 * Lets a few tasks run at a time; the others wait in the order in which they came. Each
 * begins in a turn of the event loop of its own, so that many at once do not hold up
 * what else is going on. How many wait is bounded by who calls.
 */
export class Turns {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(most: number) {
    this.#most = most;
  }

  /** The task's outcome. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#most) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      this.#lastTurn = this.#lastTurn.then(turn);
      await this.#lastTurn;
      return await task();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on, so that nobody slips in between.
      if (next) next();
      else this.#running--;
    }
  }
}

/** Resolves in the next turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
