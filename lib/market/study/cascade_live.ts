// This module is pure.
/**
 * The cascade detector on single liquidations: the last 60 s in sixty slots of a second,
 * so that memory is bounded however fast they come.
 */
import type { Liquidation } from "../events.ts";
import {
  type Cascade,
  type CascadeMinute,
  cascadeOver,
  type CascadeReading,
  stepCascade,
  WATCHING,
} from "./cascade.ts";

const SECOND_MS = 1000;
const SLOTS = 60;
/** OI older than this is no start to measure a drop from. */
const OI_AGE_SECONDS = 360;

interface Slot {
  second: number;
  longQuote: number;
  shortQuote: number;
  longs: number;
  shorts: number;
  high: number | null;
  low: number | null;
  oiBase: number | null;
}

export class LiveCascade {
  /** May be set anew as the symbol's own percentile moves; a cascade under way keeps its own. */
  triggerQuote: number;
  /** Events that came when their second had left the window. */
  late = 0;
  readonly #slots: readonly Slot[] = Array.from({ length: SLOTS }, () => emptySlot(-1));
  #state: Cascade = WATCHING;
  #second = -1;
  #price: number | null = null;
  #atr: number | null = null;
  /** The last OI that left the window, and when it was current. */
  #oiOut: { readonly second: number; readonly base: number } | null = null;

  constructor(triggerQuote: number) {
    this.triggerQuote = triggerQuote;
  }

  get state(): Cascade {
    return this.#state;
  }

  /**
   * Takes up where stored minutes end. The forming minute's totals count from its first
   * second on: they leave the window no later than they should.
   */
  restore(closed: Iterable<CascadeMinute>, forming: CascadeMinute | null, nowMs: number): void {
    this.#state = cascadeOver(closed, this.triggerQuote, this.#state);
    if (forming) {
      const slot = this.#turnTo(Math.floor(forming.t / SECOND_MS));
      slot.longQuote += forming.longQuote;
      slot.shortQuote += forming.shortQuote;
      slot.longs += forming.longs;
      slot.shorts += forming.shorts;
      slot.oiBase = forming.oiBase;
    }
    this.#turnTo(Math.floor(nowMs / SECOND_MS));
  }

  /**
   * Counts a liquidation and judges. `price` and `atr` are in quote, `null` where unknown,
   * `nowMs` is the venue's clock; an event from the future counts as of now.
   */
  add(event: Liquidation, price: number | null, atr: number | null, nowMs: number): Cascade {
    this.#observe(price, atr, nowMs);
    const second = Math.min(Math.floor(event.timeMs / SECOND_MS), this.#second);
    if (second <= this.#second - SLOTS) this.late++;
    else {
      const slot = this.#slotOf(second);
      const quote = event.price * event.size;
      if (event.position === "long") {
        slot.longQuote += quote;
        slot.longs++;
      } else {
        slot.shortQuote += quote;
        slot.shorts++;
      }
    }
    return this.#judge(nowMs);
  }

  /** Judges anew as prices and OI move; once a second is enough, and any rate is right. */
  tick(
    price: number | null,
    atr: number | null,
    oiBase: number | null,
    nowMs: number,
  ): Cascade {
    this.#observe(price, atr, nowMs);
    if (oiBase !== null) this.#slotOf(this.#second).oiBase = oiBase;
    return this.#judge(nowMs);
  }

  #observe(price: number | null, atr: number | null, nowMs: number): void {
    const slot = this.#turnTo(Math.floor(nowMs / SECOND_MS));
    this.#atr = atr;
    if (price === null) return;
    this.#price = price;
    slot.high = Math.max(slot.high ?? price, price);
    slot.low = Math.min(slot.low ?? price, price);
  }

  #judge(nowMs: number): Cascade {
    const judgedMs = Math.max(nowMs, this.#second * SECOND_MS);
    return this.#state = stepCascade(this.#state, this.#reading(), this.triggerQuote, judgedMs);
  }

  /** Moves the window on, judging each second between, so that an end comes when it is due. */
  #turnTo(second: number): Slot {
    if (this.#second < 0) this.#second = second;
    while (this.#second < second) {
      if (this.#state.state === "active") this.#judge((this.#second + 1) * SECOND_MS - 1);
      else if (second - this.#second >= SLOTS) {
        // Nothing in the window will be left by then.
        for (const slot of this.#slots) this.#leave(slot);
        this.#second = second - 1;
      }
      this.#second++;
      this.#slotOf(this.#second);
    }
    return this.#slotOf(this.#second);
  }

  #reading(): CascadeReading {
    const firstSecond = this.#second - SLOTS + 1;
    const total = { longQuote: 0, shortQuote: 0, longs: 0, shorts: 0 };
    let [high, low]: [number | null, number | null] = [null, null];
    let [oldest, newest]: [Slot | null, Slot | null] = [null, null];
    for (const slot of this.#slots) {
      if (slot.second < firstSecond) continue;
      total.longQuote += slot.longQuote;
      total.shortQuote += slot.shortQuote;
      total.longs += slot.longs;
      total.shorts += slot.shorts;
      if (slot.high !== null) high = Math.max(high ?? slot.high, slot.high);
      if (slot.low !== null) low = Math.min(low ?? slot.low, slot.low);
      if (slot.oiBase === null) continue;
      if (oldest === null || slot.second < oldest.second) oldest = slot;
      if (newest === null || slot.second > newest.second) newest = slot;
    }
    const out = this.#oiOut && this.#second - this.#oiOut.second <= OI_AGE_SECONDS
      ? this.#oiOut.base
      : null;
    return {
      ...total,
      fall: high === null || this.#price === null ? null : high - this.#price,
      rise: low === null || this.#price === null ? null : this.#price - low,
      atr: this.#atr,
      oiBeforeBase: out ?? oldest?.oiBase ?? null,
      oiBase: newest?.oiBase ?? out,
    };
  }

  /** The slot of a second of the window, emptied where it held an older one. */
  #slotOf(second: number): Slot {
    const slot = this.#slots[((second % SLOTS) + SLOTS) % SLOTS] ?? emptySlot(second);
    if (slot.second !== second) {
      this.#leave(slot);
      Object.assign(slot, emptySlot(second));
    }
    return slot;
  }

  #leave({ second, oiBase }: Slot): void {
    if (oiBase !== null && second >= (this.#oiOut?.second ?? -1)) {
      this.#oiOut = { second, base: oiBase };
    }
  }
}

function emptySlot(second: number): Slot {
  return {
    ...{ second, longQuote: 0, shortQuote: 0, longs: 0, shorts: 0 },
    ...{ high: null, low: null, oiBase: null },
  };
}
