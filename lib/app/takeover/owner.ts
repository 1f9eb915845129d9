/**
 * The process whose the data is: it renews its lease, and hands over where another one is
 * ready to follow. Until that one has taken the lease it may fail, and this one goes on.
 */
import type { Holder } from "../../store/mod.ts";
import { CLOSE_LOOK_MS, type LeaseholdOptions } from "./options.ts";
import type { Duties, Ending } from "./tenure.ts";

const RENEW_MS = 2_000;
/** How often it is looked in peace whether somebody wants to follow. */
const LOOK_MS = 1_000;
/** An instant nearer than this may have been passed by a print already. */
const TOO_NEAR_MS = 300;

export class Owner {
  /** Whether what is in memory is still to be written by this process. */
  owns = true;
  /** The first Telegram update that was not taken; 0 unknown. */
  nextUpdate = 0;
  readonly #options: LeaseholdOptions;
  /** Whether what was released is another's; pending while that is open. */
  #moved: Promise<boolean> = Promise.resolve(false);
  #renewedMs = -Infinity;
  #hasLock = false;

  constructor(options: LeaseholdOptions) {
    this.#options = options;
  }

  hasMoved(): Promise<boolean> {
    return this.#moved;
  }

  /**
   * Stays until the lifetime ends or the data has changed hands.
   * @throws {Error} where another process took it without asking: this one was silent too long
   */
  async stay(duties: Duties, signal: AbortSignal): Promise<Ending> {
    const { lock, sleep } = this.#options;
    for (let lookMs = CLOSE_LOOK_MS; !signal.aborted;) {
      await sleep(lookMs, signal);
      if (signal.aborted) break;
      // The process before this one may have lived on for a moment. That the lock is ours is
      // told at once: until then who comes cannot tell by it whether we live.
      if (!this.#hasLock && (this.#hasLock = lock?.take() ?? true)) this.#renewedMs = -Infinity;
      const asked = await this.#look();
      lookMs = asked === "nobody" && this.#hasLock ? LOOK_MS : CLOSE_LOOK_MS;
      if (typeof asked === "number" && await this.#agree(asked)) {
        return await this.#handOver(asked, duties, signal);
      }
    }
    return "stopped";
  }

  /** Renews the lease where it is time; returns the instant at which somebody wants to follow. */
  async #look(): Promise<number | "somebody" | "nobody"> {
    const { lease, nowMs, log } = this.#options;
    try {
      const isDue = nowMs() - this.#renewedMs >= RENEW_MS;
      const row = isDue ? await lease.renew(this.#news()) : await lease.read();
      if (!row || !lease.isOurs(row.holder)) {
        this.#lost((await lease.read()).holder);
        await lease.take(({ holder }) => !lease.isLive(holder));
        return "nobody";
      }
      if (isDue) this.#renewedMs = nowMs();
      return lease.isLive(row.next) ? row.next?.cutMs ?? "somebody" : "nobody";
    } catch (error) {
      if (error instanceof Lost) throw error;
      log.rateLimited("lease", 60_000, nowMs())?.warn("the lease is not renewed", { error });
      return "nobody";
    }
  }

  #news(): Pick<Holder, "unheard" | "unlocked"> {
    return { unheard: this.#options.handed.unheard(), unlocked: !this.#hasLock };
  }

  #lost(holder: Holder | null): void {
    const { lease, place } = this.#options;
    if (holder === null || lease.isOurs(holder) || !lease.isLive(holder)) return;
    this.owns = false;
    throw new Lost(`Cannot go on collecting into ${place}: process ${holder.pid} has taken it`);
  }

  async #agree(cutMs: number): Promise<boolean> {
    const { lease, handed, log } = this.#options;
    if (cutMs - handed.nowMs() < TOO_NEAR_MS) {
      log.info("the instant of the takeover is too near", { cutMs });
      await lease.decline();
      return false;
    }
    handed.holdFrom(cutMs);
    if (await lease.agree(cutMs)) return true;
    handed.cancel();
    return false;
  }

  async #handOver(cutMs: number, duties: Duties, signal: AbortSignal): Promise<Ending> {
    const { lease, handed, sleep, log } = this.#options;
    log.info("handing over", { cutMs });
    for (let aheadMs; !signal.aborted && (aheadMs = cutMs - handed.nowMs()) > 0;) {
      await sleep(Math.min(aheadMs, RENEW_MS), signal);
      await this.#stillHere();
    }
    await handed.finish(cutMs, signal);
    if (signal.aborted) return "stopped";
    const nextUpdate = this.nextUpdate = await duties.quiet();
    if (signal.aborted) return "stopped";
    await this.#stillHere();
    const moved = Promise.withResolvers<boolean>();
    this.#moved = moved.promise;
    try {
      await duties.rest();
      // Whoever took it meanwhile has repaired what is in memory here; it must not be written over.
      if (!await lease.renew({})) {
        this.owns = false;
        moved.resolve(true);
        return "taken";
      }
      if (await handed.store()) {
        this.owns = false;
        await lease.renew({ stage: "released", nextUpdate });
        const taken = await this.#untilTaken(signal);
        moved.resolve(taken);
        if (taken) return "taken";
        if (signal.aborted) return "stopped";
        this.owns = true;
      } else {
        await lease.decline();
        await lease.renew({ stage: "collecting" });
      }
      handed.cancel();
      log.warn("nobody took over: going on");
      return "resumed";
    } finally {
      moved.resolve(false);
    }
  }

  /** Who says nothing for as long as a hand-over takes is held to be gone, and is robbed. */
  async #stillHere(): Promise<void> {
    const { lease, nowMs, log } = this.#options;
    await lease.renew({}).catch((error) =>
      log.rateLimited("lease", 60_000, nowMs())?.warn("the lease is not renewed", { error })
    );
  }

  /** Whether what was released was taken; it is taken back where nobody is there to take it. */
  async #untilTaken(signal: AbortSignal): Promise<boolean> {
    const { lease, sleep } = this.#options;
    while (!signal.aborted) {
      const { holder, next } = await lease.read();
      if (!lease.isOurs(holder)) return true;
      if (!lease.isLive(next) && await lease.resume()) return false;
      await sleep(CLOSE_LOOK_MS, signal);
    }
    return false;
  }
}

/** The data is another process's. */
class Lost extends Error {}
