/**
 * Notices a full disk before the store does, and holds room that can be given back.
 *
 * Deno cannot ask for free space (Node's `statfs` can, and its modules cost 3 MB of memory),
 * so room is not read but sounded: a reserve lies beside the file, and each look takes a
 * little more and lets it go again, which with delayed allocation never reaches the disk.
 *
 * - `ok`: it could be taken. While the reserve is smaller than it should be, after the first
 *   start or beside a small one, the look makes it grow instead, a step a look: neither a
 *   stall nor a burst of dirty pages.
 * - It cannot be taken, or the KV says that the disk is full: for everybody else it is. Part
 *   of the reserve is given back, the rest where that was not enough. Rows are no longer
 *   written; what was given back is for deletes, small records, the KV's log, and its
 *   collector, whose failure ends the process.
 * - Coming back wants the whole reserve and some more, tried from time to time and again in
 *   steps. A disk too small for the reserve is `low` for good: what would be written there is
 *   the room that the deletes need.
 *
 * A network file system that refuses only when a file is closed is taken for one with room.
 */
import { fileReserve, type Reserve, sizeOf } from "./reserve.ts";

const MB = 1_000_000;

/** `low`: no rows are written, small records and deletes go on. `full`: even those may fail. */
export type DiskState = "ok" | "low" | "full";

export interface DiskOptions {
  /** Held while there is room. */
  readonly reserveBytes: number;
  /** Of that, still held while the disk is low. A roll-up and the KV's log take some 10 MB. */
  readonly lowReserveBytes: number;
  /** Taken and let go by a look. */
  readonly pieceBytes: number;
  /** What the reserve grows by in one look. */
  readonly stepBytes: number;
  /** Taken and let go before the KV is opened, which then deletes what is due. */
  readonly openBytes: number;
  /** Coming back to `ok` wants this beside the reserve. */
  readonly spareBytes: number;
  /** The disk is looked at this often at most. */
  readonly everyMs: number;
  /** Coming back is tried so long after the last failure. */
  readonly againMs: number;
  readonly reserve: Reserve;
}

const DEFAULTS: Omit<DiskOptions, "reserve"> = {
  reserveBytes: 32 * MB,
  lowReserveBytes: 20 * MB,
  pieceBytes: MB,
  stepBytes: 4 * MB,
  openBytes: 8 * MB,
  spareBytes: 4 * MB,
  everyMs: 5_000,
  againMs: 60_000,
};

/** What is known of the disk without its free space. */
export interface DiskUse {
  readonly state: DiskState;
  /** The store's file with its log. */
  readonly fileBytes: number;
  /** Room that is held for deletes on a full disk. */
  readonly reserveBytes: number;
  /** What that should be. */
  readonly reserveGoalBytes: number;
}

export class DiskGuard {
  readonly #path: string;
  readonly #options: DiskOptions;
  readonly #reserve: Reserve;
  #state: DiskState = "ok";
  #checkedMs: number | null = null;
  #fellMs = 0;

  /** `path` is the file to guard; the reserve lies beside it. */
  constructor(path: string, options: Partial<DiskOptions> = {}) {
    this.#path = path;
    this.#options = { ...DEFAULTS, reserve: fileReserve(path), ...options };
    this.#reserve = this.#options.reserve;
  }

  /** How the disk was at the last look, which is at most `everyMs` ago by the caller's clock. */
  state(nowMs: number): DiskState {
    const since = this.#checkedMs === null ? Infinity : Math.abs(nowMs - this.#checkedMs);
    if (since < this.#options.everyMs) return this.#state;
    this.#checkedMs = nowMs;
    return this.#state = this.#look(nowMs);
  }

  /** Before the KV is opened: makes room for its collector, out of all the reserve if need be. */
  makeRoom(nowMs: number): DiskState {
    if (!this.#sound(this.#options.openBytes)) this.#state = this.#fall(nowMs, 0);
    return this.#state;
  }

  /** The KV has found the disk full, whatever the last look said. */
  refused(nowMs: number): void {
    this.#state = this.#fall(nowMs);
  }

  /** `null` where the files cannot be looked at. */
  use(nowMs: number): DiskUse | null {
    const state = this.state(nowMs);
    const [file, log] = [sizeOf(this.#path), sizeOf(`${this.#path}-wal`)];
    const reserveBytes = this.#reserve.bytes();
    if (file === null || log === null || reserveBytes === null) return null;
    const reserveGoalBytes = this.#options.reserveBytes;
    return { state, fileBytes: file + log, reserveBytes, reserveGoalBytes };
  }

  #look(nowMs: number): DiskState {
    const { reserveBytes: goal, pieceBytes, spareBytes, againMs } = this.#options;
    const held = this.#reserve.bytes();
    if (held === null) return "ok";
    if (this.#state === "ok") {
      return (held < goal ? this.#grow(held, goal) : this.#sound(pieceBytes, goal))
        ? "ok"
        : this.#fall(nowMs);
    }
    if (Math.abs(nowMs - this.#fellMs) < againMs) {
      return this.#sound(pieceBytes) ? "low" : this.#fall(nowMs);
    }
    if (!this.#grow(held, goal + spareBytes)) return this.#fall(nowMs);
    if (held + this.#options.stepBytes < goal + spareBytes) return "low";
    this.#reserve.cut(goal);
    return "ok";
  }

  #grow(held: number, goal: number): boolean {
    return this.#reserve.take(Math.min(this.#options.stepBytes, goal - held));
  }

  /** Takes and lets go; afterwards no more than `most` is held. */
  #sound(bytes: number, most = Infinity): boolean {
    const held = Math.min(this.#reserve.bytes() ?? 0, most);
    const taken = this.#reserve.take(bytes);
    this.#reserve.cut(held);
    return taken;
  }

  /** Gives back what is more than `first`, and all where that does not help. */
  #fall(nowMs: number, first = this.#options.lowReserveBytes): DiskState {
    const { pieceBytes } = this.#options;
    this.#fellMs = nowMs;
    for (const most of [first, 0]) {
      if ((this.#reserve.bytes() ?? 0) > most) {
        this.#reserve.cut(most);
        if (this.#sound(pieceBytes)) return "low";
      }
    }
    return this.#sound(pieceBytes) ? "low" : "full";
  }
}
