/**
 * Who may ask next: live requests before repairs, within a share of the venue's allowance
 * per address, and nobody while the venue wants a pause.
 */
import { VenueHttpError } from "./http_error.ts";
import type { Timing } from "./timing.ts";
import { WeightWindow } from "./weight_window.ts";

export type Priority = "live" | "repair";

/** Venues ban addresses, and other programs on this one count too. */
const SHARE: Readonly<Record<Priority, number>> = {
  live: 0.7,
  // A repair may be long: a live request then still finds room without waiting a window.
  repair: 0.5,
};
const MAX_WAITING = 512;
/** Requests under way at once, and repairs among them. */
const MAX_UNDER_WAY: Readonly<Record<Priority, number>> = { live: 6, repair: 3 };
/** A longer pause is not waited for: the caller hears why at once. */
const MAX_PAUSE_WAIT_MS = 300_000;

interface Waiting {
  readonly weight: number;
  readonly priority: Priority;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class RequestQueue {
  readonly #window: WeightWindow;
  readonly #lines: Readonly<Record<Priority, Waiting[]>> = { live: [], repair: [] };
  #underWay = 0;
  #pauseUntilMs = -Infinity;
  #pauseCause: VenueHttpError | null = null;
  #stopped: Error | null = null;
  #cancel: () => void = () => {};
  weightUsed = 0;
  /** Largest share of the venue's whole allowance that was spent when we sent a request. */
  peakShare = 0;

  constructor(
    private readonly limits: { readonly weight: number; readonly windowMs: number },
    private readonly timing: Timing,
  ) {
    this.#window = new WeightWindow(limits.windowMs);
  }

  get waiting(): number {
    return this.#lines.live.length + this.#lines.repair.length;
  }

  get paused(): boolean {
    return this.timing.now() < this.#pauseUntilMs;
  }

  /**
   * Resolves when the request may go; its weight is then spent and `leave` must follow.
   * @throws {RangeError} where no window can hold the weight
   * @throws {VenueHttpError} where the queue is full, or a pause longer than `patienceMs` is on
   */
  async enter(
    weight: number,
    priority: Priority,
    signal?: AbortSignal,
    patienceMs: number = MAX_PAUSE_WAIT_MS,
  ): Promise<void> {
    signal?.throwIfAborted();
    if (this.#stopped) throw this.#stopped;
    if (!(weight <= this.limits.weight * SHARE.live)) {
      throw new RangeError(
        `Cannot spend ${weight} on one request: ${SHARE.live} of the allowance is ` +
          `${this.limits.weight * SHARE.live} in ${this.limits.windowMs} ms`,
      );
    }
    const refusal = this.#refusal(patienceMs);
    if (refusal) throw refusal;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { weight, priority, resolve, reject };
    const abort = () => this.#withdraw(waiting, signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    this.#lines[priority].push(waiting);
    this.#pump();
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** The request is over, however it ended. */
  leave(): void {
    this.#underWay--;
    this.#pump();
  }

  /** The venue's own count of what this address has spent. */
  correct(used: number): void {
    this.#window.correct(used, this.timing.now());
  }

  /** Nobody asks for this long; a shorter pause does not end a longer one. */
  pause(forMs: number, cause: VenueHttpError): void {
    const untilMs = this.timing.now() + forMs;
    if (untilMs <= this.#pauseUntilMs) return;
    this.#pauseUntilMs = untilMs;
    this.#pauseCause = cause;
    const refusal = forMs > MAX_PAUSE_WAIT_MS ? this.#refusal(MAX_PAUSE_WAIT_MS) : null;
    if (refusal) this.#rejectAll(refusal);
    else this.#pump();
  }

  stop(error: Error): void {
    this.#stopped = error;
    this.#cancel();
    this.#rejectAll(error);
  }

  #refusal(patienceMs: number): VenueHttpError | null {
    const pauseMs = this.#pauseUntilMs - this.timing.now();
    const cause = this.#pauseCause;
    if (pauseMs > patienceMs && cause) {
      const message = `Not asked for another ${Math.ceil(pauseMs / 1000)} s after HTTP ` +
        `${cause.status}`;
      return new VenueHttpError(message, cause.status, true, cause.hint, pauseMs);
    }
    if (this.waiting < MAX_WAITING) return null;
    const hint = "ask for less, or for fewer symbols";
    return new VenueHttpError(`Not asked: ${MAX_WAITING} requests wait already`, null, true, hint);
  }

  #withdraw(waiting: Waiting, reason: unknown): void {
    const line = this.#lines[waiting.priority];
    const at = line.indexOf(waiting);
    if (at < 0) return;
    line.splice(at, 1);
    waiting.reject(reason);
    this.#pump();
  }

  #rejectAll(error: Error): void {
    for (const waiting of [...this.#lines.live, ...this.#lines.repair]) waiting.reject(error);
    this.#lines.live.length = this.#lines.repair.length = 0;
  }

  /** Lets go who may; the first in line keeps all behind it waiting, so nobody starves. */
  #pump(): void {
    this.#cancel();
    for (;;) {
      const first = this.#lines.live[0] ?? this.#lines.repair[0];
      if (!first || this.#underWay >= MAX_UNDER_WAY[first.priority]) return;
      const nowMs = this.timing.now();
      const limit = Math.max(this.limits.weight * SHARE[first.priority], first.weight);
      const waitMs = Math.max(
        this.#pauseUntilMs - nowMs,
        this.#window.waitMs(first.weight, limit, nowMs),
      );
      if (waitMs > 0) {
        this.#cancel = this.timing.after(waitMs, () => this.#pump());
        return;
      }
      this.#lines[first.priority].shift();
      this.#spend(first.weight, nowMs);
      first.resolve();
    }
  }

  #spend(weight: number, nowMs: number): void {
    this.#underWay++;
    this.weightUsed += weight;
    this.#window.add(weight, nowMs);
    this.peakShare = Math.max(this.peakShare, this.#window.used(nowMs) / this.limits.weight);
  }
}
