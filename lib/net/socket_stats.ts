/** What a lasting socket has done, over all its connections. */
import type { Connection } from "./connection.ts";

/** Counts since the socket was made. */
export interface SocketStats {
  /** Connections that opened, for whatever reason. */
  readonly connects: number;
  /** Connections that opened after an earlier one was lost. */
  readonly reconnects: number;
  /** Moves to a new connection that were completed while the old one was still up. */
  readonly rotations: number;
  readonly frames: number;
  /** Characters of those frames; the same as bytes for ASCII, which venues send. */
  readonly chars: number;
  /** Binary frames, which are ignored. */
  readonly binaryFrames: number;
  /** Topics that a connection had to leave out. */
  readonly refused: number;
  /** Connections open now: 0, 1, or 2 during a rotation. */
  readonly open: number;
  /** Since when the current connection is up, by `now`; `null` while there is none. */
  readonly connectedSinceMs: number | null;
  /** When the last frame came, by `now`, right within half a second; `null` before the first. */
  readonly lastFrameMs: number | null;
}

export class Tally {
  connects = 0;
  reconnects = 0;
  rotations = 0;
  refused = 0;
  #frames = 0;
  #chars = 0;
  #binaryFrames = 0;
  #lastFrameMs: number | null = null;

  /** Keep the counts of a connection that has ended. */
  take(connection: Connection): void {
    this.#frames += connection.frames;
    this.#chars += connection.chars;
    this.#binaryFrames += connection.binaryFrames;
    this.#lastFrameMs = later(this.#lastFrameMs, connection.lastFrameMs);
  }

  /** With the connections that have not ended, the one in use first. */
  stats(current: Connection | null, next: Connection | null): SocketStats {
    const live = [current, next].filter((connection) => connection !== null);
    const sum = (count: (connection: Connection) => number) =>
      live.reduce((total, connection) => total + count(connection), 0);
    return {
      connects: this.connects,
      reconnects: this.reconnects,
      rotations: this.rotations,
      refused: this.refused,
      frames: this.#frames + sum((connection) => connection.frames),
      chars: this.#chars + sum((connection) => connection.chars),
      binaryFrames: this.#binaryFrames + sum((connection) => connection.binaryFrames),
      open: live.filter((connection) => connection.openedMs !== null).length,
      connectedSinceMs: current?.openedMs ?? null,
      lastFrameMs: live.reduce(
        (last, connection) => later(last, connection.lastFrameMs),
        this.#lastFrameMs,
      ),
    };
  }
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? one ?? other : Math.max(one, other);
}
