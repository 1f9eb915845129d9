// This module is pure.
/** A picture as data: panels over one time axis, drawn by `render.ts`. */

/** A value of the step that begins at `t`; `null` is unknown and leaves a gap. */
export interface ChartPoint {
  readonly t: number;
  readonly value: number | null;
  /** Not whole: the step is forming, or minutes of it are missing. Drawn faint. */
  readonly faint?: boolean;
}

export interface ChartCandle {
  readonly t: number;
  readonly o: number | null;
  readonly h: number | null;
  readonly l: number | null;
  readonly c: number | null;
  readonly faint?: boolean;
}

/**
 * What a colour means. `signed`: buy above zero, sell below. `main` stands out, `first`
 * and `second` are told apart from it and from each other, `quiet` stays behind.
 */
export type ChartTone = "signed" | "buy" | "sell" | "main" | "first" | "second" | "quiet";

/** What one panel shows; layers are drawn in order. */
export type ChartLayer =
  | { readonly kind: "candles"; readonly label: string; readonly rows: readonly ChartCandle[] }
  | {
    readonly kind: "line";
    readonly label: string;
    readonly tone: ChartTone;
    readonly rows: readonly ChartPoint[];
  }
  | {
    /** Bars from zero, up or down. */
    readonly kind: "bars";
    readonly label: string;
    readonly tone: ChartTone;
    readonly rows: readonly ChartPoint[];
  };

/** How the values of an axis are written. A percent value is a fraction. */
export type ChartUnit = "price" | "usd" | "coins" | "percent";

export interface ChartPanel {
  readonly title: string;
  readonly unit: ChartUnit;
  readonly layers: readonly ChartLayer[];
  /** Share of the height. */
  readonly weight: number;
  /** The axis is written without signs: what grows down is a size, not a debt. */
  readonly mirrored?: boolean;
}

export interface Chart {
  readonly title: string;
  /** The trust line: what the picture stands on. Plain text. */
  readonly footer: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Width of a bar or candle, ms. */
  readonly stepMs: number;
  readonly panels: readonly ChartPanel[];
}
