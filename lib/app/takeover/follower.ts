/**
 * The process that follows another one: it collects beside it until it hears what the other
 * hears, then names an instant of exchange time that is still to come, and waits until the
 * other has stored what was before it.
 */
import type { Holder, LeaseRow } from "../../store/mod.ts";
import { Refusal } from "../refusal.ts";
import { CLOSE_LOOK_MS, type LeaseholdOptions } from "./options.ts";

const RENEW_MS = 1_000;
/** What the other process hears must be heard within this. */
const READY_MS = 20_000;
/** The instant lies this far ahead when it is named, doubled where that was too near. */
const AHEAD_MS = 1_500;
const AHEAD_TRIES = 4;
/** After the instant the other gets this long to finish; it goes on by itself where it cannot. */
const FINISH_MS = 15_000;

export class Follower {
  /** The instant from which on this process counts; `null` while none is named. */
  cutMs: number | null = null;
  /** The first Telegram update that the other has not taken; 0 unknown. */
  nextUpdate = 0;
  readonly #options: LeaseholdOptions;
  #renewedMs = -Infinity;

  constructor(options: LeaseholdOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the data is there to be taken; false where the lifetime ended first.
   * @throws {Refusal} where it will not be: the other process goes on
   */
  async follow(signal: AbortSignal): Promise<boolean> {
    const { handed, log } = this.#options;
    let isLeft = !await this.#untilReady(signal);
    for (let tries = 0; !isLeft && !signal.aborted; tries++) {
      if (tries === AHEAD_TRIES) throw await this.#refused("it finds every instant too near");
      const cutMs = this.cutMs = Math.ceil(handed.nowMs() + AHEAD_MS * 2 ** tries);
      handed.holdFrom(cutMs);
      log.info("ready to take over", { cutMs });
      const answer = await this.#answerTo(cutMs, signal);
      if (answer === "released") break;
      isLeft = answer === "gone";
      if (answer === "declined") handed.cancel();
    }
    if (signal.aborted) return false;
    if (isLeft) log.warn("the process before this one is gone: going on from what it stored");
    if (this.cutMs === null) handed.holdFrom(this.cutMs = Math.ceil(handed.nowMs()));
    await handed.continueFrom(this.cutMs);
    return !signal.aborted;
  }

  /** Whether the other process can be neither asked nor waited for. */
  isGone(holder: Holder | null): boolean {
    const { lease, lock } = this.#options;
    return !lease.isLive(holder) || (!lease.isUnlocked(holder) && (lock?.take() ?? false));
  }

  /** Waits until every venue is heard that the other hears; false where there is no other. */
  async #untilReady(signal: AbortSignal): Promise<boolean> {
    const { handed, sleep, nowMs } = this.#options;
    const startMs = nowMs();
    while (!signal.aborted) {
      const { holder } = await this.#look();
      if (holder?.stage === "released" || this.isGone(holder)) return false;
      const excused = new Set(holder?.unheard);
      const lacking = handed.unheard().filter((venue) => !excused.has(venue));
      if (lacking.length === 0) return true;
      if (nowMs() - startMs > READY_MS) {
        throw await this.#refused(`this process does not hear ${lacking.join(", ")}`);
      }
      await sleep(CLOSE_LOOK_MS, signal);
    }
    return true;
  }

  async #answerTo(cutMs: number, signal: AbortSignal): Promise<"released" | "declined" | "gone"> {
    const { handed, sleep } = this.#options;
    let { holder, next } = await this.#look(cutMs);
    while (!signal.aborted) {
      this.nextUpdate = holder?.nextUpdate ?? 0;
      if (holder?.stage === "released") return "released";
      if (this.isGone(holder)) return "gone";
      if (holder?.stage === "collecting" && next?.cutMs !== cutMs) return "declined";
      if (handed.nowMs() > cutMs + FINISH_MS) throw await this.#refused("it does not finish");
      await sleep(CLOSE_LOOK_MS, signal);
      ({ holder, next } = await this.#look());
    }
    return "gone";
  }

  /** Says that we still follow, and returns how the row stands. */
  async #look(cutMs?: number): Promise<LeaseRow> {
    const { lease, nowMs } = this.#options;
    const isDue = cutMs !== undefined || nowMs() - this.#renewedMs >= RENEW_MS;
    const row = isDue ? await lease.follow(cutMs) : await lease.read();
    if (isDue) this.#renewedMs = nowMs();
    if (row && lease.isOurs(row.next)) return row;
    throw await this.#refused("another process is about to do so");
  }

  async #refused(why: string): Promise<Refusal> {
    const { lease, place } = this.#options;
    await lease.withdraw();
    return new Refusal(`Cannot take over ${place}: ${why}; the old process goes on`);
  }
}
