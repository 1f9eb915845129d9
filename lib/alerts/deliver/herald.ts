/** From rules that fired to what is told of them: cards with all that stands behind them. */
import { MINUTE_MS } from "../../market/bucket.ts";
import { within } from "../../market/flow.ts";
import type { Source } from "../../market/source.ts";
import { trustOf } from "../../market/trust.ts";
import { rollingWindow } from "../../market/windows.ts";
import type { Log } from "../../log.ts";
import { sparkline } from "../../reply/sparkline.ts";
import { trustLine } from "../../reply/trust_line.ts";
import { priceNow } from "../asset_price.ts";
import type { View } from "../metric/metric.ts";
import { pricedSeries } from "../metric/reading.ts";
import type { Book } from "../run/book.ts";
import type { Fired } from "../run/fired.ts";
import type { ViewReader } from "../run/reader.ts";
import { SEVERITIES } from "../rule/rule.ts";
import { coreText, metricOf } from "../rule/text.ts";
import { type Firing, itemId } from "./firing.ts";
import type { Outbox } from "./outbox.ts";

/** Beyond so many at once each is a line, and nobody sees a sparkline. */
const DRAWN = 5;
const SPARK_MINUTES = 24;
/** Fewer values are no picture. */
const LEAST_SPARK = 5;
/** Firings stored at once, with their rules and their history. */
const AT_ONCE = 100;
export const HISTORY = "alert-history";
const HISTORY_KEEP_MS = 30 * 86_400_000;
/** Bunches that wait while one is stored; more than this means that the store hangs. */
const MOST_BUNCHES = 1000;

export interface HeraldOptions {
  readonly source: Source;
  readonly book: Book;
  readonly outbox: Outbox;
  readonly reader: () => ViewReader;
  readonly log: Log;
}

const NEEDS = { history: SPARK_MINUTES + 6, volumes: false, percentile: false };

export class Herald {
  readonly #options: HeraldOptions;
  readonly #bunches: (readonly Fired[])[] = [];
  readonly stats = { fired: 0, muted: 0, lost: 0 };
  #working: Promise<void> | null = null;
  #nth = 0;

  constructor(options: HeraldOptions) {
    this.#options = options;
  }

  /** Takes a bunch of firings; they are stored and told in the order in which they come. */
  take(fired: readonly Fired[]): void {
    if (this.#bunches.length >= MOST_BUNCHES) {
      this.stats.lost += fired.length;
      return;
    }
    this.#bunches.push(fired);
    this.#working ??= this.#work();
  }

  /** Resolves when all that was taken is stored. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    // Only from here on there is something to be taken back below.
    await Promise.resolve();
    try {
      // Looked at and ended in one step: what is taken after it begins anew.
      for (let taken = this.#bunches.shift(); taken; taken = this.#bunches.shift()) {
        // What is stored first goes out first.
        const bunch = taken.toSorted((a, b) => rankOf(a) - rankOf(b));
        for (let i = 0; i < bunch.length; i += AT_ONCE) {
          await this.#tell(bunch.slice(i, i + AT_ONCE), bunch.length > DRAWN);
        }
      }
    } finally {
      this.#working = null;
    }
  }

  async #tell(bunch: readonly Fired[], plainly: boolean): Promise<void> {
    const { source, book, outbox, log } = this.#options;
    const nowMs = source.nowMs();
    const told: Firing[] = [];
    for (const fired of bunch) {
      const { armed } = fired;
      armed.hits++;
      armed.lastFiredMs = fired.atMs;
      this.stats.fired++;
      if (armed.mutedUntilMs > nowMs) this.stats.muted++;
      else told.push(await this.#firingOf(fired, plainly));
    }
    const rules = new Set(bunch.map(({ armed }) => armed));
    const history = told.map((firing) => ({
      key: [HISTORY, firing.person, `${String(firing.atMs).padStart(15, "0")} ${firing.id}`],
      value: firing,
      expireInMs: HISTORY_KEEP_MS,
    }));
    try {
      const stored = await book.commit("what fired", [
        ...[...rules].map((armed) => book.changeOf(armed)),
        ...outbox.changesFor(told),
        ...history,
      ]);
      // A newer process has these rules now, and tells of them.
      if (!stored) return;
    } catch (error) {
      for (const armed of rules) armed.dirty = true;
      const reason = error instanceof Error ? error.message : String(error);
      log.rateLimited("firing", 60_000, nowMs)
        ?.error("firings not stored, told from memory", { reason });
    }
    outbox.accept(told);
  }

  async #firingOf(fired: Fired, plainly: boolean): Promise<Firing> {
    const { armed, asset, value, atMs, step } = fired;
    const { rule } = armed;
    const metric = metricOf(rule);
    const nowMs = this.#options.source.nowMs();
    const view = plainly ? null : step?.view ?? await this.#viewOf(asset, nowMs);
    const recent = step ? [...step.key.recent, ...(step.forming ? [value] : [])] : [];
    return {
      kind: "firing",
      id: itemId(rule.severity, nowMs, this.#nth++),
      ruleId: armed.id,
      hit: armed.hits,
      person: armed.person,
      text: coreText(rule),
      asset,
      metric: metric.name,
      value,
      atMs: Math.min(atMs, nowMs),
      severity: rule.severity,
      ...(fired.isLast ? { lastOf: rule.capPerDay } : {}),
      price: metric.pace === "trade" ? value : priceNow(this.#options.source, asset),
      spark: view ? sparkOf(view, metric.words ? [] : recent) : "",
      trust: view ? this.#trustOf(view, rule.windowMinutes ?? 1, nowMs) : "",
      shownBy: metric.shownBy(asset, rule.windowMinutes ?? 15),
    };
  }

  /** What stands around a print: the closed minutes before it. */
  async #viewOf(asset: string, nowMs: number): Promise<View | null> {
    const { toMs } = rollingWindow(1, nowMs);
    try {
      const view = await this.#options.reader().view(asset, toMs, NEEDS);
      return view.series.length === 0 ? null : view;
    } catch (error) {
      // A firing is told without what stands around it rather than not at all.
      this.#options.log.rateLimited("firing view", 60_000, nowMs)
        ?.warn("firings told plainly", { error });
      return null;
    }
  }

  #trustOf(view: View, minutes: number, nowMs: number): string {
    const span = { fromMs: view.endMs - minutes * MINUTE_MS, toMs: view.endMs };
    const { source } = this.#options;
    const infos = source.seriesOf(view.asset);
    const series = view.series.map((one) => {
      const info = infos.find(({ venue }) => venue === one.venue);
      return { ...one, newestMs: info ? source.latest(info)?.tradeMs ?? null : null };
    });
    return trustLine(trustOf(series, span, nowMs));
  }
}

function rankOf({ armed }: Fired): number {
  return SEVERITIES.indexOf(armed.rule.severity);
}

/** The metric's own newest values, or where those are few the price's. */
function sparkOf(view: View, recent: readonly number[]): string {
  if (recent.length >= LEAST_SPARK) return sparkline(recent.slice(-SPARK_MINUTES));
  const span = { fromMs: view.endMs - SPARK_MINUTES * MINUTE_MS, toMs: view.endMs };
  const closes = within(pricedSeries(view)?.buckets ?? [], span).map(({ c }) => c);
  return closes.filter((close) => close !== null).length >= LEAST_SPARK ? sparkline(closes) : "";
}
