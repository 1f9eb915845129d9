/**
 * What is usual of each asset's liquidations, worked out once an hour: three days of minutes
 * are too many to be read for a question.
 */
import { MINUTE_MS } from "../../market/bucket.ts";
import type { SeriesInfo, Source } from "../../market/source.ts";
import { type LiquidationNorm, normEnd, NormMinutes } from "../../market/study/liquidation/norm.ts";
import type { Span } from "../../market/windows.ts";
import { pause } from "../every.ts";
import type { Minutes } from "../minutes.ts";

const HOUR_MS = 60 * MINUTE_MS;
/** Minutes are read six hours at a time: three days of them would be more than a megabyte. */
const READ_MS = 6 * HOUR_MS;
/** Between two assets in the background: others have their turn. */
const PAUSE_MS = 5;
/** A recording's minutes are kept for ever, but nobody's are looked at for longer. */
const MOST_MS = 30 * 24 * HOUR_MS;

export interface NormsOptions {
  readonly minutes: Pick<Minutes, "readOnce">;
  /** How long minutes are kept, ms. */
  readonly keptMs: number;
  readonly nowMs: () => number;
}

interface Held {
  readonly toMs: number;
  readonly norm: Promise<LiquidationNorm>;
}

export class Norms {
  readonly #options: NormsOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: NormsOptions) {
    this.#options = options;
  }

  /** The norm of an asset that has these series; right after an hour that of the hour before. */
  async of(asset: string, series: readonly SeriesInfo[]): Promise<LiquidationNorm> {
    const toMs = normEnd(this.#options.nowMs());
    const held = this.#held.get(asset);
    if (held && Math.abs(toMs - held.toMs) <= HOUR_MS) return await held.norm;
    // Held before it is read: who comes meanwhile waits for the same.
    const made = { toMs, norm: this.#read(series, toMs) };
    this.#held.set(asset, made);
    try {
      return await made.norm;
    } catch (error) {
      if (this.#held.get(asset) === made) this.#held.delete(asset);
      throw error;
    }
  }

  /** Works out the hour's norm of each asset, one after the other, and forgets all others. */
  async fill(source: Pick<Source, "assets" | "seriesOf">, signal: AbortSignal): Promise<void> {
    const assets = source.assets();
    for (const asset of this.#held.keys()) if (!assets.includes(asset)) this.#held.delete(asset);
    for (const asset of assets) {
      const toMs = normEnd(this.#options.nowMs());
      if (this.#held.get(asset)?.toMs === toMs) continue;
      if (signal.aborted) return;
      const norm = await this.#read(source.seriesOf(asset), toMs);
      this.#held.set(asset, { toMs, norm: Promise.resolve(norm) });
      await pause(PAUSE_MS, signal);
    }
  }

  async #read(series: readonly SeriesInfo[], toMs: number): Promise<LiquidationNorm> {
    const { minutes, keptMs } = this.#options;
    const span: Span = { fromMs: toMs - Math.min(keptMs, MOST_MS), toMs };
    const all = new NormMinutes(span);
    for (const info of series) {
      if (info.market !== "perp" || info.liquidations === "none") continue;
      for (let fromMs = span.fromMs; fromMs < toMs; fromMs += READ_MS) {
        all.add(await minutes.readOnce(info, fromMs, Math.min(fromMs + READ_MS, toMs)));
      }
    }
    return all.norm();
  }
}
