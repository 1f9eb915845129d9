// This module is pure.
/** A series that is collected now, and what is known of the streams that feed it. */
import { MINUTE_MS } from "../../market/bucket.ts";
import type { StreamKind, Topic } from "../../market/collector.ts";
import type { Liquidation } from "../../market/events.ts";
import type { Series } from "../../market/head/series.ts";
import { Echoes } from "./echoes.ts";
import type { CountedKind } from "./feed_stats.ts";
import { StreamWatch } from "./watch.ts";

/** One socket connection: when its topics were acked, when it last spoke. */
export interface Connection {
  readonly ackedMs: Map<string, number>;
  /** Symbols whose trades this connection has delivered. */
  readonly proven: Set<string>;
  lastFrameMs: number;
}

export class Watched {
  readonly series: Series;
  readonly streams = new Map<StreamKind, StreamWatch>();
  readonly #current: () => Connection | null;
  readonly #echoes = new Echoes();

  /** `current` tells the connection whose frame is being parsed. */
  constructor(series: Series, current: () => Connection | null) {
    this.series = series;
    this.#current = current;
  }

  register(topic: Topic): void {
    if (this.streams.has(topic.kind)) return;
    this.streams.set(topic.kind, new StreamWatch(topic));
    // Trades alone do not tell that nobody was liquidated.
    if (topic.kind === "liquidation") this.series.hearsLiquidations = false;
  }

  acked(kind: StreamKind, nowMs: number): void {
    this.streams.get(kind)?.acked(nowMs);
    if (kind === "liquidation") this.series.hearsLiquidations = true;
  }

  /** No connection carries this stream any more. */
  lost(kind: StreamKind, nowMs: number): void {
    this.streams.get(kind)?.lost();
    if (kind !== "liquidation") return;
    this.series.hearsLiquidations = false;
    this.series.coverage.doubtCalm(Math.floor(nowMs / MINUTE_MS));
  }

  heard(kind: CountedKind, nowMs: number): void {
    if (kind === "trade") this.#prove();
    this.streams.get(kind)?.heard(nowMs);
  }

  /** Whether another connection has told this liquidation already. */
  isEcho(liquidation: Liquidation, nowMs: number): boolean {
    const connection = this.#current();
    return connection !== null && this.#echoes.has(liquidation, connection, nowMs);
  }

  /** The first trade after an ack proves that the ack was true. */
  #prove(): void {
    const connection = this.#current();
    const { symbol } = this.series.instrument;
    if (!connection || connection.proven.has(symbol)) return;
    const topic = this.streams.get("trade")?.topic.name;
    const ackedMs = topic === undefined ? undefined : connection.ackedMs.get(topic);
    if (ackedMs === undefined) return;
    connection.proven.add(symbol);
    this.series.coverage.cover(ackedMs, ackedMs);
  }
}
