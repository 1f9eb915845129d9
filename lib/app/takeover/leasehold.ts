/** The tenure of a running service: by a lease, its own from the start or after another's. */
import { type Holder, LEASE_MS, type LeaseRow } from "../../store/mod.ts";
import { Refusal } from "../refusal.ts";
import { isFree } from "./data_lock.ts";
import { Follower } from "./follower.ts";
import { CLOSE_LOOK_MS, type LeaseholdOptions } from "./options.ts";
import { Owner } from "./owner.ts";
import type { Duties, Ending, Tenure } from "./tenure.ts";

/** A process that was just told to end gets this long before we refuse. */
const ENDING_MS = 1_500;

export class Leasehold implements Tenure, AsyncDisposable {
  readonly #options: LeaseholdOptions;
  readonly #owner: Owner;
  /** Until what it follows is taken. */
  #follower: Follower | null = null;

  private constructor(options: LeaseholdOptions) {
    this.#options = options;
    this.#owner = new Owner(options);
  }

  /**
   * Takes the lease, or says with `takeover` that it wants to follow who has it; `null` where
   * the lifetime ended first.
   * @throws {Refusal} where another process has it, or is about to follow
   */
  static async claim(
    options: LeaseholdOptions,
    takeover: boolean,
    signal: AbortSignal,
  ): Promise<Leasehold | null> {
    const { lease, lock, place, nowMs, sleep, log } = options;
    const hold = new Leasehold(options);
    const startMs = nowMs();
    while (!signal.aborted) {
      if (await hold.#take()) return hold;
      const { holder } = await lease.read();
      if (takeover && lease.isLive(holder)) {
        hold.#follower = new Follower(options);
        if (await lease.follow()) return hold;
        throw new Refusal(
          `Cannot take over ${place}: another process is about to do so; if it is gone, try again ` +
            "in some seconds",
        );
      }
      // A lock is held by who lives; without one, a lease is that is renewed.
      const isLockTold = lock !== null && !lease.isUnlocked(holder);
      const isRenewed = !isLockTold && (holder?.untilMs ?? 0) > startMs + LEASE_MS;
      if (isRenewed || nowMs() - startMs > (isLockTold ? ENDING_MS : 2 * LEASE_MS)) {
        throw new Refusal(refusalOf(holder, place));
      }
      if (lock === null) {
        log.rateLimited("wait", 60_000, nowMs())
          ?.info("waiting for the lease of a process that may be gone", { place });
      }
      await sleep(CLOSE_LOOK_MS, signal);
    }
    return null;
  }

  /** Takes the lease where nobody alive has it. */
  async #take(): Promise<boolean> {
    const { lease, lock, log } = this.#options;
    try {
      return await lease.take(({ holder }) => isFree(lease, lock, holder));
    } catch (error) {
      if (!lock?.take()) throw error;
      // A low disk takes no new rows; that the data is ours the lock says as well.
      log.warn("the lease is not written", { error });
      return true;
    }
  }

  /** Whether what is in memory is to be written by this process when it ends. */
  get owns(): boolean {
    return this.#follower === null && this.#owner.owns;
  }

  get isBeside(): boolean {
    return this.#follower !== null;
  }

  async wait(signal: AbortSignal): Promise<boolean> {
    return this.#follower ? await this.#follower.follow(signal) : !signal.aborted;
  }

  async begin(): Promise<number> {
    const { lease, lock, handed, place, log } = this.#options;
    const follower = this.#follower;
    if (!follower) return this.#owner.nextUpdate;
    const { cutMs, nextUpdate } = follower;
    const isOurs = ({ holder, next }: LeaseRow) =>
      lease.isOurs(next) && (holder?.stage === "released" || follower.isGone(holder));
    const unlocked = !(lock?.take() ?? true);
    if (cutMs === null || !await lease.take(isOurs, unlocked)) {
      throw new Refusal(`Cannot take over ${place}: this took too long; the old process goes on`);
    }
    this.#follower = null;
    handed.begin(cutMs);
    log.info("taken over", { cutMs });
    return this.#owner.nextUpdate = nextUpdate;
  }

  stay(duties: Duties, signal: AbortSignal): Promise<Ending> {
    return this.#owner.stay(duties, signal);
  }

  hasMoved(): Promise<boolean> {
    return this.#owner.hasMoved();
  }

  /** The process ends: nobody has to wait for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { lease, lock, log } = this.#options;
    const over = this.#follower ? lease.withdraw() : lease.end();
    await over.catch((error) => log.warn("the lease is not given back", { error }));
    lock?.[Symbol.dispose]();
  }
}

function refusalOf(holder: Holder | null, place: string): string {
  const fix = "stop it, or start with --takeover";
  if (holder === null) return `Cannot collect into ${place}: another Tapewatch does; ${fix}`;
  const since = new Date(holder.sinceMs).toISOString().slice(0, 19).replace("T", " ");
  return `Cannot collect into ${place}: Tapewatch ${holder.version}, process ${holder.pid}, does ` +
    `since ${since} UTC; ${fix}`;
}
