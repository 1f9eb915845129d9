/**
 * Evaluation: prints as they come, everything else once a second. What fires is stored
 * together with the rule's new state and its place in the outbox, or not at all.
 */
import type { Source } from "../../market/source.ts";
import type { Log } from "../../log.ts";
import type { AccountView } from "../account.ts";
import { metricOf } from "../rule/text.ts";
import type { Armed } from "./armed.ts";
import { markSeen, placeOf, setPlace } from "./armed.ts";
import type { Book } from "./book.ts";
import { assetsOf, type Plan, planOf } from "./index.ts";
import { isAbove, judge } from "./judge.ts";
import { MinuteRules, type Step } from "./minutes.ts";
import { PriceWatch } from "./prices.ts";
import { ViewReader } from "./reader.ts";

/** A rule at an asset that is news now. */
export interface Fired {
  readonly armed: Armed;
  readonly asset: string;
  readonly value: number;
  /** When it was so: the print's time, or the end of the minute that is judged. */
  readonly atMs: number;
  readonly step: Step | null;
}

export interface EngineOptions {
  readonly source: Source;
  readonly watched: () => readonly string[];
  readonly book: Book;
  /** `null` where no account is configured. */
  readonly account: () => AccountView | null;
  /** Told of what fired, in bunches; must not throw. */
  readonly fired: (fired: readonly Fired[]) => void;
  /** A rule that has not been evaluable for some minutes, and what it lacks. */
  readonly blind: (armed: Armed, lacking: string) => void;
  readonly log: Log;
}

/** So long nothing can be read before the rule's owner is told, once. */
const BLIND_MS = 5 * 60_000;
/** The market behind an asset's price is chosen anew this often. */
const FOLLOW_EVERY_MS = 5_000;
/** A market that was not heard for this long does not stand for the price. */
const HEARD_MS = 5 * 60_000;

export class Engine {
  readonly prices: PriceWatch;
  readonly minutes: MinuteRules;
  readonly reader: ViewReader;
  /** Duration of the newest round, ms. */
  lastTickMs = 0;
  readonly #options: EngineOptions;
  #fired: Fired[] = [];
  #plan: Plan = planOf([], []);
  #planned = "";
  #tickersMs: number | null = null;
  #followMs = 0;
  #handing = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.reader = new ViewReader(options.source);
    this.prices = new PriceWatch((armed, asset, value, atMs) => {
      this.#fired.push({ armed, asset, value, atMs, step: null });
      this.#handSoon();
    });
    this.minutes = new MinuteRules(this.reader, (step) => this.#step(step));
  }

  /** Brings what is watched up to date with the rules; called after each change of them. */
  replan(): void {
    const { book, watched, source } = this.#options;
    const assets = watched();
    const signature = `${book.version} ${assets.join()}`;
    if (signature === this.#planned) return;
    this.#planned = signature;
    this.#plan = planOf(book.all(), assets);
    this.prices.setRules(this.#plan.prices);
    this.minutes.setRules(this.#plan.minutes, source.nowMs());
    this.#tickersMs = null;
    this.#followMs = 0;
    this.#follow(source.nowMs());
  }

  /** Whether some rule is about the owner's positions. */
  get needsAccount(): boolean {
    return this.#plan.account.length > 0;
  }

  /** Once a second. */
  async tick(): Promise<void> {
    const startedMs = performance.now();
    const nowMs = this.#options.source.nowMs();
    this.replan();
    this.#follow(nowMs);
    this.prices.tick(nowMs);
    this.#hand();
    await this.minutes.tick(nowMs);
    this.#tickers(nowMs);
    this.#account(nowMs);
    this.#hand();
    this.lastTickMs = performance.now() - startedMs;
  }

  /** One rule at one asset takes a reading. */
  #take(armed: Armed, asset: string, value: number, atMs: number, step: Step | null): void {
    const held = placeOf(armed, asset);
    const { place, count, verdict } = judge(armed.rule, held, armed.count, value, atMs);
    setPlace(armed, asset, place);
    armed.count = count;
    this.#sees(armed);
    if (verdict === "fired") this.#fired.push({ armed, asset, value, atMs, step });
  }

  #step(step: Step): void {
    const { key, reading, endMs, forming } = step;
    for (const armed of key.rules) {
      if (!("value" in reading)) {
        this.#lacks(armed, `${key.asset}: ${reading.lacking}`);
        continue;
      }
      // What may still grow never arms, nor judges for the first time.
      const ready = placeOf(armed, key.asset).armed === true && isAbove(armed.rule, reading.value);
      if (forming && !ready) continue;
      this.#take(armed, key.asset, reading.value, endMs, step);
    }
    if (forming) this.#hand();
  }

  #tickers(nowMs: number): void {
    const { tickers } = this.#plan;
    if (tickers.length === 0) return;
    const { source, watched } = this.#options;
    const readMs = source.tickersMs("perp") ?? source.tickersMs("spot");
    if (readMs === null || readMs === this.#tickersMs) return;
    this.#tickersMs = readMs;
    const rows = new Map(
      [...source.tickers("perp"), ...source.tickers("spot")].reverse()
        .map((row) => [row.base, row]),
    );
    const assets = watched();
    for (const armed of tickers) {
      const metric = metricOf(armed.rule);
      if (metric.pace !== "ticker") continue;
      const wanted = armed.rule.scope.kind === "market" ? rows.keys() : assetsOf(armed, assets);
      for (const asset of wanted) {
        const row = rows.get(asset);
        const value = row ? metric.ofTicker(row) : null;
        if (value !== null) this.#take(armed, asset, value, nowMs, null);
        else if (armed.rule.scope.kind === "asset") this.#lacks(armed, `${asset}: no ticker`);
      }
      markSeen(armed);
    }
  }

  #account(nowMs: number): void {
    if (this.#plan.account.length === 0) return;
    const account = this.#options.account();
    const assets = this.#options.watched();
    for (const armed of this.#plan.account) {
      const metric = metricOf(armed.rule);
      if (metric.pace !== "account") continue;
      if (!account) {
        this.#lacks(armed, "no account is configured");
        continue;
      }
      for (const asset of assetsOf(armed, assets)) {
        const reading = metric.ofAccount(account, asset, nowMs);
        if ("value" in reading) this.#take(armed, asset, reading.value, nowMs, null);
        else this.#lacks(armed, reading.lacking);
      }
    }
  }

  #sees(armed: Armed): void {
    armed.blindSinceMs = null;
    if (!armed.blindTold) return;
    armed.blindTold = false;
    armed.dirty = true;
  }

  #lacks(armed: Armed, lacking: string): void {
    const nowMs = this.#options.source.nowMs();
    armed.blindSinceMs ??= nowMs;
    if (armed.blindTold || nowMs - armed.blindSinceMs < BLIND_MS) return;
    armed.blindTold = true;
    armed.dirty = true;
    this.#options.blind(armed, lacking);
  }

  /** Chooses the market whose prints stand for an asset: the first perpetual that is heard. */
  #follow(nowMs: number): void {
    if (nowMs - this.#followMs < FOLLOW_EVERY_MS && nowMs >= this.#followMs) return;
    this.#followMs = nowMs;
    const { source } = this.#options;
    for (const asset of this.prices.assets) {
      const heard = this.reader.seriesOf(asset).filter(({ info }) =>
        nowMs - (source.latest(info)?.tradeMs ?? -Infinity) < HEARD_MS
      );
      const chosen = heard.find(({ info }) => info.market === "perp") ?? heard[0];
      this.prices.follow(asset, chosen?.info.venue ?? null);
      for (const armed of this.#plan.prices.get(asset) ?? []) {
        if (chosen) this.#sees(armed);
        else this.#lacks(armed, `${asset}: no price is heard`);
      }
    }
  }

  /** Prints of one frame that fire go out together. */
  #handSoon(): void {
    if (this.#handing) return;
    this.#handing = true;
    queueMicrotask(() => {
      this.#handing = false;
      this.#hand();
    });
  }

  #hand(): void {
    if (this.#fired.length === 0) return;
    const fired = this.#fired;
    this.#fired = [];
    this.#options.fired(fired);
  }
}
