// This module is pure.
/**
 * The last trade ids of a venue whose ids have no order (Bybit), to drop repeats after a
 * reconnect or while two sockets overlap: a ring, whose oldest id makes room for the newest,
 * and a hash table of chains through it. A chain leads from newer ids to older ones, so one
 * whose next link is not older has ended there: nothing is ever taken out. Bounded, no garbage.
 */

/** Ids that are remembered; the venue's REST reach is 1000 trades. */
const REMEMBERED = 1536;
/** The hash is a number of so many bits; six ids a chain. */
const CHAIN_BITS = 8;
const CHAINS = 1 << CHAIN_BITS;

/** Bytes at which the arrays begin in a buffer for all of them. */
const OLDER_AT = 8 * REMEMBERED;
const NEWEST_AT = OLDER_AT + 2 * REMEMBERED;
const BYTES = NEWEST_AT + 2 * CHAINS;

export class RecentIds {
  readonly #buffer = new ArrayBuffer(BYTES);
  /** Ids by place, plus 1: 0 is a place that was never taken. */
  readonly #ids = new Float64Array(this.#buffer, 0, REMEMBERED);
  /** The place of the next older id of the same chain. */
  readonly #older = new Uint16Array(this.#buffer, OLDER_AT, REMEMBERED);
  /** The place of each chain's newest id. */
  readonly #newest = new Uint16Array(this.#buffer, NEWEST_AT, CHAINS);
  /** Where the next id goes: it is the place of the oldest one. */
  #next = 0;

  /** Whether an id is remembered. */
  has(id: number): boolean {
    const key = id + 1;
    let place = this.#newest[chainOf(key)] ?? 0;
    let [age, before] = [this.#ageAt(place), -1];
    while (age > before) {
      if (this.#ids[place] === key) return true;
      place = this.#older[place] ?? 0;
      [before, age] = [age, this.#ageAt(place)];
    }
    return false;
  }

  /** Remembers an id; `false` where it was already known. Ids are integers ≥ 0. */
  add(id: number): boolean {
    if (this.has(id)) return false;
    const key = id + 1;
    const chain = chainOf(key);
    this.#ids[this.#next] = key;
    this.#older[this.#next] = this.#newest[chain] ?? 0;
    this.#newest[chain] = this.#next;
    this.#next = (this.#next + 1) % REMEMBERED;
    return true;
  }

  /** How many ids came after the one at a place. */
  #ageAt(place: number): number {
    const age = this.#next - 1 - place;
    return age < 0 ? age + REMEMBERED : age;
  }
}

function chainOf(key: number): number {
  // Ids are digests or dense counters; one multiplication spreads both.
  const mixed = Math.imul(key % 0x1_0000_0000 ^ Math.floor(key / 0x1_0000_0000), 0x9e3779b1);
  return mixed >>> (32 - CHAIN_BITS);
}
