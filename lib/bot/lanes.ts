/** Tasks waiting or running, over all keys and for one of them. */
const TASKS = 256;
const TASKS_PER_KEY = 8;

/**
 * Runs tasks of one key in order and those of different keys at once, so that a chat
 * which must wait does not hold up the others. Bounded: what does not fit is refused.
 */
export class Lanes {
  readonly #lanes = new Map<number, { tail: Promise<void>; size: number }>();
  #size = 0;

  /** Whether the task was taken. It must not throw. */
  add(key: number, task: () => Promise<void>): boolean {
    const lane = this.#lanes.get(key) ?? { tail: Promise.resolve(), size: 0 };
    if (this.#size >= TASKS || lane.size >= TASKS_PER_KEY) return false;
    this.#lanes.set(key, lane);
    this.#size++;
    lane.size++;
    lane.tail = lane.tail.then(task).finally(() => {
      this.#size--;
      lane.size--;
      if (lane.size === 0) this.#lanes.delete(key);
    });
    return true;
  }

  /** Resolves when all that was taken so far is done. */
  async idle(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.tail));
  }
}
