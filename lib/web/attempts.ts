// This module is pure.
/** Wrong tokens by address: after a few, each costs twice the wait of the one before. */

/** Typing errors are free. */
const FREE = 3;
const FIRST_MS = 1000;
const LONGEST_MS = 60_000;
const FORGET_MS = 15 * 60_000;
/** When full, the address that failed longest ago is forgotten. */
const ADDRESSES = 1024;

interface Failures {
  count: number;
  lastMs: number;
}

export class FailedAttempts {
  // In the order of the last failure: the first entry is the oldest.
  readonly #failures = new Map<string, Failures>();

  get size(): number {
    return this.#failures.size;
  }

  /** How long the address must still wait, 0 where it may try. */
  waitMs(address: string, nowMs: number): number {
    const failures = this.#failures.get(address);
    if (!failures || failures.count < FREE) return 0;
    const delay = Math.min(FIRST_MS * 2 ** (failures.count - FREE), LONGEST_MS);
    return Math.max(0, failures.lastMs + delay - nowMs);
  }

  failed(address: string, nowMs: number): void {
    const before = this.#failures.get(address);
    const kept = before && nowMs - before.lastMs < FORGET_MS ? before.count : 0;
    this.#failures.delete(address);
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size < ADDRESSES) break;
      this.#failures.delete(oldest);
    }
    this.#failures.set(address, { count: kept + 1, lastMs: nowMs });
  }

  succeeded(address: string): void {
    this.#failures.delete(address);
  }
}

/**
 * Whom an address stands for: itself, or of IPv6 the network of 64 bits, all of which one
 * customer has.
 */
export function callerOf(address: string): string {
  if (!address.includes(":") || /\d\.\d+$/.test(address)) return address;
  const [head = "", tail] = address.split("%", 1)[0]?.split("::", 2) ?? [];
  const groups = (text: string) => text === "" ? [] : text.split(":");
  const left = groups(head);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - groups(tail).length);
  const all = [...left, ...Array<string>(zeros).fill("0"), ...groups(tail ?? "")];
  return `${all.slice(0, 4).map((group) => parseInt(group, 16).toString(16)).join(":")}::/64`;
}
