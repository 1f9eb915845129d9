/**
 * Trade frames as the venues send them, rendered beforehand: a minute and more of a busy
 * simulated market over 20 symbols.
 */
import { assetsOf, isVenue, type VenueName } from "../sim/market/listing.ts";
import { World } from "../sim/market/world.ts";
import { publish } from "../sim/engine/publish.ts";

export interface Frame {
  readonly venue: VenueName;
  readonly text: string;
  /** When it arrives, exchange ms. */
  readonly atMs: number;
}

export const SYMBOLS = 20;
const TICK_MS = 10;

/**
 * The frames of at least `trades` trades, in the order in which they come. At 2 000 trades a
 * second, all four venues on a wild day, a frame of Bybit seldom holds more than two.
 */
export function renderFrames(
  trades: number,
  startMs: number,
  tradesPerSecond: number = 2_000,
): Frame[] {
  const world = new World({
    seed: 1,
    assets: assetsOf(SYMBOLS),
    tradesPerSecond,
    historyMinutes: 0,
    startMs,
    cascadesPerHour: 0,
    keepPrints: 1,
  });
  const frames: Frame[] = [];
  let rendered = 0;
  for (let nowMs = startMs; rendered < trades; nowMs += TICK_MS) {
    for (const happened of world.advance(nowMs)) {
      rendered += happened.prints.length;
      const publisher = {
        publish({ venue }: { venue?: string }, stream: string, _: boolean, make: () => string) {
          if (!isVenue(venue) || !/@aggTrade$|^publicTrade/.test(stream)) return;
          const payload = make();
          // A block trade reaches no bucket, and would be missed when they are counted.
          if (payload.includes('"BT":true')) return;
          const text = venue.startsWith("binance")
            ? `{"stream":"${stream}","data":${payload}}`
            : payload;
          frames.push({ venue, text: flat(text), atMs: nowMs });
        },
      };
      publish(publisher, happened, nowMs);
    }
  }
  return frames;
}

/** The same text in one piece, as a socket delivers it; a concatenation is a tree in V8. */
function flat(text: string): string {
  return DECODER.decode(ENCODER.encode(text));
}

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
