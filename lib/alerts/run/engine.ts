/**
 * Evaluation. A price is judged at every print. A sum (liquidations, volume, large trades)
 * and a cascade are looked at twice a second while their minute forms: what is enough then
 * is enough at its end. All else is known only when its minute or bar has closed, and is
 * judged as soon as every market it reads has proven the end by a later print: a mean, a
 * change or a ratio of a forming minute could still turn back. Never on incomplete data.
 *
 * What fires is stored together with the rule's new state and its place in the outbox, or
 * not at all.
 */
import { barStart, MINUTE_MS } from "../../market/bucket.ts";
import type { Source } from "../../market/source.ts";
import type { Log } from "../../log.ts";
import type { AccountView } from "../account.ts";
import type { Rule } from "../rule/rule.ts";
import { metricOf } from "../rule/text.ts";
import type { Armed } from "./armed.ts";
import { enough, markSeen, placeOf, setPlace } from "./armed.ts";
import { lacks, sees } from "./blind.ts";
import type { Book } from "./book.ts";
import type { Fired } from "./fired.ts";
import { assetsOf, type Plan, planOf } from "./index.ts";
import { isAbove, judge } from "./judge.ts";
import { MinuteRules, type Step } from "./minutes.ts";
import { PriceWatch } from "./prices.ts";
import { ViewReader } from "./reader.ts";

export interface EngineOptions {
  readonly source: Source;
  readonly watched: () => readonly string[];
  readonly book: Book;
  /** `null` where no account is configured. */
  readonly account: () => AccountView | null;
  /** Whether a person may be told anything; rules of others rest. Everybody where not given. */
  readonly mayHear?: ((person: string) => boolean) | undefined;
  /** Whether a rule is judged at all; all are where not given. */
  readonly runs?: ((rule: Rule) => boolean) | undefined;
  /** Brings up to date how far the tape was heard; where it is not given, the tape does it alone. */
  readonly credit?: (() => void) | undefined;
  /** Told of what fired, in bunches; must not throw. */
  readonly fired: (fired: readonly Fired[]) => void;
  /** A rule that has not been evaluable for some minutes, and what it lacks. */
  readonly blind: (armed: Armed, lacking: string) => void;
  readonly log: Log;
}

/** The market behind an asset's price is chosen anew this often. */
const FOLLOW_EVERY_MS = 5_000;
/**
 * What only grows while its minute forms is looked at this often, so that an event is told
 * within a second of its coming; and what has closed so often until it is whole.
 */
const ROUND_MS = 500;
const CLOSING_MS = 100;
const NO_ACCOUNT = { lacking: "no account is configured" };
/** The first look at a closed minute, after its end. */
const AFTER_END_MS = 20;

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
  #roundMs = -Infinity;
  #handing = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.reader = new ViewReader(options.source);
    this.prices = new PriceWatch((armed, asset, value, atMs) => {
      this.#note(armed, asset, value, atMs, null);
      this.#handSoon();
    });
    this.minutes = new MinuteRules(this.reader, (step) => this.#step(step));
  }

  /** Brings what is watched up to date with the rules; called after each change of them. */
  replan(): void {
    const { book, watched, source, mayHear = () => true, runs = () => true } = this.#options;
    const assets = watched();
    const people = new Set(book.people().filter(mayHear));
    const signature = `${book.version} ${[...people].join()} ${assets.join()}`;
    if (signature === this.#planned) return;
    // A process before this one may have judged a part of what has closed.
    const sinceMs = this.#planned === "" ? book.judgedMs : null;
    this.#planned = signature;
    const rules = [...book.all()].filter(({ person, rule }) => people.has(person) && runs(rule));
    this.#plan = planOf(rules, assets);
    this.prices.setRules(this.#plan.prices);
    this.minutes.setRules(this.#plan.minutes, source.nowMs(), sinceMs);
    const { prices, minutes } = this.#plan;
    this.reader.keepOnly(new Set([...prices.keys(), ...minutes.map(({ asset }) => asset)]));
    this.#tickersMs = null;
    this.#followMs = 0;
    this.#follow(source.nowMs());
  }

  /** Whether some rule is about the owner's positions. */
  get needsAccount(): boolean {
    return this.#plan.account.length > 0;
  }

  /** A round of evaluation; `restMs` says when the next one is due. */
  async tick(): Promise<void> {
    const startedMs = performance.now();
    const nowMs = this.#options.source.nowMs();
    this.#options.credit?.();
    if (nowMs - this.#roundMs < ROUND_MS && nowMs >= this.#roundMs) {
      await this.minutes.close(nowMs);
    } else {
      this.#roundMs = nowMs;
      this.replan();
      this.#follow(nowMs);
      this.prices.tick(nowMs);
      this.#hand();
      await this.minutes.tick(nowMs);
      this.#tickers(nowMs);
      this.#account(nowMs);
    }
    this.#hand();
    this.#options.book.judgedMs = this.minutes.judgedMs();
    this.lastTickMs = performance.now() - startedMs;
  }

  /** How long nothing can become due, ms. */
  restMs(): number {
    const nowMs = this.#options.source.nowMs();
    const roundMs = this.#roundMs + ROUND_MS - nowMs;
    const endMs = barStart(nowMs, 1) + MINUTE_MS + AFTER_END_MS - nowMs;
    const closingMs = this.minutes.isClosing(nowMs) ? CLOSING_MS : ROUND_MS;
    return Math.max(0, Math.min(roundMs, endMs, closingMs));
  }

  /** One rule at one asset takes a reading. */
  #take(armed: Armed, asset: string, value: number, atMs: number, step: Step | null): void {
    const held = placeOf(armed, asset);
    sees(armed);
    // What it was before it fired is past, and a process before this one told of the firing.
    const firedMs = held.firedMs ?? -Infinity;
    if (step !== null && (atMs < firedMs || (atMs === firedMs && held.armed === true))) return;
    const { place, count, verdict } = judge(armed.rule, held, armed.count, value, atMs);
    setPlace(armed, asset, place);
    armed.count = count;
    if (verdict === "fired") this.#note(armed, asset, value, atMs, step);
  }

  #note(armed: Armed, asset: string, value: number, atMs: number, step: Step | null): void {
    const isLast = armed.count.fired >= armed.rule.capPerDay;
    this.#fired.push({ armed, asset, value, atMs, step, isLast });
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
      for (const asset of assetsOf(armed, assets)) {
        const reading = account ? metric.ofAccount(account, asset, nowMs) : NO_ACCOUNT;
        const value = "value" in reading ? reading.value : enough(armed, asset, reading);
        if (value !== null) this.#take(armed, asset, value, nowMs, null);
        else if ("lacking" in reading) this.#lacks(armed, reading.lacking);
      }
    }
  }

  #lacks(armed: Armed, lacking: string): void {
    if (lacks(armed, this.#options.source.nowMs())) this.#options.blind(armed, lacking);
  }

  /** Chooses the market whose prints stand for an asset. */
  #follow(nowMs: number): void {
    if (nowMs - this.#followMs < FOLLOW_EVERY_MS && nowMs >= this.#followMs) return;
    this.#followMs = nowMs;
    for (const asset of this.prices.assets) {
      const { venue, heard } = this.reader.leadingOf(asset);
      this.prices.follow(asset, venue);
      for (const armed of this.#plan.prices.get(asset) ?? []) {
        if (heard) sees(armed);
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
