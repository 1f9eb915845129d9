const DAY_MS = 86_400_000;

/** Strangers remembered in a day; beyond it nobody new is told anything. */
const STRANGERS = 1000;

/** Who may ask. An empty list is nobody. */
export class Guard {
  readonly #allowed: ReadonlySet<number>;
  readonly #told = new Set<number>();
  #day = 0;

  constructor(allowedUsers: readonly number[]) {
    this.#allowed = new Set(allowedUsers);
  }

  /** `refuse` once in a UTC day for a stranger, `ignore` after that. */
  judge(userId: number | undefined, nowMs: number): "allow" | "refuse" | "ignore" {
    if (userId === undefined) return "ignore";
    if (this.#allowed.has(userId)) return "allow";
    const day = Math.floor(nowMs / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#told.clear();
    }
    if (this.#told.has(userId) || this.#told.size >= STRANGERS) return "ignore";
    this.#told.add(userId);
    return "refuse";
  }
}
