/** Tasks waiting or running, over all keys and for one of them. */
const TASKS = 256;
const TASKS_PER_KEY = 8;

type Task = () => Promise<void>;

interface Lane {
  tail: Promise<void>;
  size: number;
  /** Something was done instead of a task that was not taken. */
  hasRefused: boolean;
}

/**
 * Runs tasks of one key in order and those of different keys at once, so that a chat
 * which must wait does not hold up the others. Bounded: what does not fit is refused.
 */
export class Lanes {
  readonly #lanes = new Map<number, Lane>();
  #size = 0;

  /**
   * Whether the task was taken. It must not throw.
   * @param instead runs in its place where it was not; once until the lane is empty again
   */
  add(key: number, task: Task, instead: Task | null = null): boolean {
    const lane = this.#lanes.get(key) ?? { tail: Promise.resolve(), size: 0, hasRefused: false };
    if (this.#size < TASKS && lane.size < TASKS_PER_KEY) {
      this.#append(key, lane, task);
      return true;
    }
    if (instead && !lane.hasRefused) {
      lane.hasRefused = true;
      this.#append(key, lane, instead);
    }
    return false;
  }

  #append(key: number, lane: Lane, task: Task): void {
    this.#lanes.set(key, lane);
    this.#size++;
    lane.size++;
    lane.tail = lane.tail.then(task).finally(() => {
      this.#size--;
      lane.size--;
      if (lane.size === 0) this.#lanes.delete(key);
    });
  }

  /** Resolves when all that was taken so far is done. */
  async idle(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.tail));
  }
}
