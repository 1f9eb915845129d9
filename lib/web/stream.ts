/**
 * `GET /api/v1/stream`: server-sent events with the newest prices. The first event has
 * every market, each later one what changed since; silence is broken by a comment line.
 */
import type { Source } from "../market/source.ts";
import type { PriceEvent } from "./schemas.ts";

const EVERY_MS = 1000;
/** Proxies cut connections that are silent for 30 to 60 s. */
const HEARTBEAT_TICKS = 15;
const CLIENTS = 32;

type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;
type Price = PriceEvent["prices"][number];

export class PriceStreams {
  readonly #source: Source;
  readonly #sleep: Sleep;
  readonly #clients = new Set<AbortController>();
  #closed = false;

  constructor(source: Source, sleep: Sleep = sleepUntil) {
    this.#source = source;
    this.#sleep = sleep;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** The body of one client's reply, or `null` where no more clients are taken. */
  open(): ReadableStream<Uint8Array> | null {
    if (this.#closed || this.#clients.size >= CLIENTS) return null;
    const client = new AbortController();
    const changes = new Changes(this.#source);
    const encoder = new TextEncoder();
    let first = true;
    this.#clients.add(client);
    // Pulled, not pushed: a client that does not read gets fewer and larger events, no queue.
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const text = first ? `retry: 3000\n${changes.event() ?? ": waiting\n\n"}` : null;
          first = false;
          const frame = text ?? await this.#next(changes, client.signal);
          if (frame !== null) controller.enqueue(encoder.encode(frame));
          else if (this.#clients.delete(client)) controller.close();
        } catch (error) {
          this.#clients.delete(client);
          throw error;
        }
      },
      cancel: () => {
        this.#clients.delete(client);
        client.abort();
      },
    });
  }

  /** Ends every stream, for a server that shuts down. */
  close(): void {
    this.#closed = true;
    for (const client of this.#clients) client.abort();
  }

  /** The next event or heartbeat, `null` once the client is to go. */
  async #next(changes: Changes, signal: AbortSignal): Promise<string | null> {
    for (let tick = 0; tick < HEARTBEAT_TICKS; tick++) {
      await this.#sleep(EVERY_MS, signal);
      if (signal.aborted) return null;
      const event = changes.event();
      if (event !== null) return event;
    }
    return ": still here\n\n";
  }
}

/** What one client has been told, so that it is told only what is new. */
class Changes {
  readonly #source: Source;
  readonly #told = new Map<string, string>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** `event: prices` with the markets that changed, `null` where none did. */
  event(): string | null {
    const prices: Price[] = [];
    const all = this.#source.allSeries();
    for (const series of all) {
      const { venue, market, symbol, base } = series;
      const { price = null, tradeMs = null } = this.#source.latest(series) ?? {};
      const key = `${venue} ${symbol}`;
      const state = `${price} ${tradeMs}`;
      if (this.#told.get(key) === state) continue;
      this.#told.set(key, state);
      prices.push({ venue, market, symbol, base, price, tradeMs });
    }
    // Markets that left the list must not stay for ever.
    if (this.#told.size > all.length * 2) this.#told.clear();
    if (prices.length === 0) return null;
    const event: PriceEvent = { t: this.#source.nowMs(), prices };
    return `event: prices\ndata: ${JSON.stringify(event)}\n\n`;
  }
}

function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
