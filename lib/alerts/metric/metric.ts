// This module is pure.
/** The contract of a metric that rules can be about: one row of the metric table. */
import type { Bucket } from "../../market/bucket.ts";
import type { TickerRow } from "../../market/source.ts";
import type { MinuteVolumes } from "../../market/study/volume.ts";
import type { Held } from "../../market/trust.ts";
import type { AccountView } from "../account.ts";
import type { Comparison, Severity } from "../rule/rule.ts";

/** `percent` is 3 for 3 %; `word` is the place of a word in the metric's list. */
export type Unit =
  | "price"
  | "usd"
  | "percent"
  | "times"
  | "z"
  | "index"
  | "ratio"
  | "minutes"
  | "word";

/** A market of the asset, with minutes up to the end that is judged. */
export interface ViewSeries extends Held {
  readonly market: "spot" | "perp";
  readonly liquidations: "complete" | "sampled" | "none";
  /** Minute volumes far enough back for a baseline of 24 h, where some rule needs them. */
  readonly volumes: MinuteVolumes | null;
}

/** An asset as it stood when a minute had ended; the same from memory and from the store. */
export interface View {
  readonly asset: string;
  /** End of the minute that is judged. */
  readonly endMs: number;
  /** In venue order. */
  readonly series: readonly ViewSeries[];
  /**
   * See `LiquidationNorm.p99Quote`, of the hours before that of the end; `null` also where no
   * rule needs it.
   */
  readonly liquidationP99: number | null;
}

/**
 * A value, or in a few words what was lacking: a rule is judged on complete data only. Of
 * a sum that can only grow, or a smallest value that can only fall, what is known of it may
 * be enough all the same.
 */
export type Reading =
  | { readonly value: number }
  | Lacking;

/** What is missing, and what is certain all the same. */
export interface Lacking {
  readonly lacking: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export type Evaluate = (view: View, windowMinutes: number) => Reading;

/** Reads minute after minute, in order; only few metrics remember anything in between. */
export interface Reader {
  readonly read: Evaluate;
  /** What a minute that still forms would make of it; nothing is remembered. */
  readonly peek?: Evaluate;
}

/** A reader that remembers nothing. */
export function always(read: Evaluate): () => Reader {
  return () => ({ read });
}

interface Row {
  /** As it is typed; of two words joined by a hyphen both may be typed apart. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** What it measures, as it is read back: `liquidations`. */
  readonly title: string;
  readonly unit: Unit;
  /** In minutes, the usual one first; empty where it has none. */
  readonly windows: readonly number[];
  /** Of a metric that says a word: what it may say. */
  readonly words?: readonly string[];
  /** What is meant where no comparison is typed. */
  readonly usual?: { readonly comparison: Comparison; readonly threshold: number };
  readonly severity?: Severity;
  /** Stays where only critical alerts run: it needs no past, and what it tells cannot wait. */
  readonly critical?: true;
  /** How it is made, for /alert why. */
  readonly formula: string;
  /** The command that shows it, for the chart button. */
  readonly shownBy: (asset: string, windowMinutes: number) => string;
}

/** Judged at every print of the asset's leading market; in stored minutes at their extremes. */
export interface TradeMetric extends Row {
  readonly pace: "trade";
}

/** Judged when a minute, or an aligned bar, has closed. */
export interface MinuteMetric extends Row {
  readonly pace: "minute";
  /** Only at the end of bars of the window's length. */
  readonly aligned?: true;
  /** Minutes before the end that it reads. */
  readonly history: (windowMinutes: number) => number;
  /**
   * What lies further back than memory reaches is read of the leading market only: how much of
   * what is asked one knows by its minutes, from 0 to 1.
   */
  readonly leading?: (series: ViewSeries, endMs: number, windowMinutes: number) => number;
  /** Reads `ViewSeries.volumes`. */
  readonly volumes?: true;
  /** Reads `View.liquidationP99`. */
  readonly percentile?: true;
  /** A fresh reader; it may remember what it read before. */
  readonly open: () => Reader;
  /** The same readings of stored minutes, which do not change meanwhile, in less time. */
  readonly replay?: () => Reader;
  /** Minutes that a fresh reader must see before it may be believed. */
  readonly warmUp?: number;
  /** Judged this long after the minute's end, ready or not: it tells of what is missing. */
  readonly settleMs?: number;
  /**
   * What it reads may come so long after its minute, behind the prints that prove the
   * minute's end: judged no sooner. What is certain before is told all the same.
   */
  readonly lateMs?: number;
  /**
   * Where the value is a sum that only grows while its newest minute forms: what one
   * minute of one series adds. It is then judged every second with the forming minute:
   * what is enough before the minute's end is enough at its end.
   */
  readonly part?: (bucket: Bucket) => number | null;
  readonly counts?: (series: Pick<ViewSeries, "market" | "liquidations">) => boolean;
  /** A reader with `peek` is asked from this sum of parts of the forming minute on. */
  readonly peekFrom?: number;
}

/** Judged whenever the 24 h tickers were read anew. */
export interface TickerMetric extends Row {
  readonly pace: "ticker";
  readonly ofTicker: (row: TickerRow) => number | null;
}

/** Judged once a second on the owner's account. */
export interface AccountMetric extends Row {
  readonly pace: "account";
  readonly ofAccount: (account: AccountView, asset: string, nowMs: number) => Reading;
}

export type Metric = TradeMetric | MinuteMetric | TickerMetric | AccountMetric;
