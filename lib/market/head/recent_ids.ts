// This module is pure.
/**
 * The last few thousand trade ids of a venue whose ids have no order (Bybit), to drop
 * repeats after a reconnect or while two sockets overlap. Two generations of a small
 * hash table: when the young one is full, the old one is dropped. Bounded, no garbage.
 */

/** Ids per generation; the venue's REST reach is 1000 trades, and a generation exceeds it. */
const GENERATION = 1536;
/** Slots, a power of two, so that a generation fills three quarters. */
const SLOTS = 2048;

export class RecentIds {
  #young = new Float64Array(0);
  #old = new Float64Array(0);
  #count = 0;

  /** Whether an id is remembered. */
  has(id: number): boolean {
    return find(this.#old, id + 1) || find(this.#young, id + 1);
  }

  /** Remembers an id; `false` where it was already known. Ids are integers ≥ 0. */
  add(id: number): boolean {
    if (this.#young.length === 0) this.#young = new Float64Array(SLOTS);
    const key = id + 1; // 0 marks a free slot
    if (find(this.#old, key) || find(this.#young, key)) return false;
    if (this.#count === GENERATION) {
      const emptied = this.#old.length === 0 ? new Float64Array(SLOTS) : this.#old.fill(0);
      this.#old = this.#young;
      this.#young = emptied;
      this.#count = 0;
    }
    insert(this.#young, key);
    this.#count++;
    return true;
  }
}

function slotOf(key: number): number {
  // Ids are digests or dense counters; one multiplication spreads both.
  return Math.imul(key % 0x1_0000_0000 ^ Math.floor(key / 0x1_0000_0000), 0x9e3779b1) >>> 21;
}

function find(table: Float64Array, key: number): boolean {
  if (table.length === 0) return false;
  for (let slot = slotOf(key);; slot = (slot + 1) % SLOTS) {
    const held = table[slot];
    if (held === key) return true;
    if (held === 0) return false;
  }
}

function insert(table: Float64Array, key: number): void {
  let slot = slotOf(key);
  while (table[slot] !== 0) slot = (slot + 1) % SLOTS;
  table[slot] = key;
}
