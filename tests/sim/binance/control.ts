/** The Binance side of a socket: SUBSCRIBE and its kin, limits, raw and combined payloads. */
import { isRecord } from "../engine/faults.ts";
import type { Feed } from "../engine/feed.ts";
import type { Hub, Session } from "../engine/hub.ts";
import type { VenueName } from "../market/listing.ts";

export interface BinanceSocketOptions {
  readonly socket: WebSocket;
  readonly venue: VenueName;
  readonly route: string;
  /** Asked for by `/stream`: payloads are wrapped with their stream's name. */
  readonly combined: boolean;
  readonly nowMs: number;
  readonly hub: Hub;
  feedOf(stream: string): Feed | null;
}

const MAX_STREAMS = 1024;

type Id = string | number | null;

export class BinanceSession implements Session {
  readonly venue: VenueName;
  readonly route: string;
  readonly socket: WebSocket;
  readonly streams = new Set<string>();
  readonly openedMs: number;
  readonly #hub: Hub;
  readonly #feedOf: (stream: string) => Feed | null;
  /** When the last messages came in, for the limit per second. */
  #heardMs: number[] = [];
  #combined: boolean;

  constructor(options: BinanceSocketOptions) {
    this.venue = options.venue;
    this.route = options.route;
    this.socket = options.socket;
    this.openedMs = options.nowMs;
    this.#combined = options.combined;
    this.#hub = options.hub;
    this.#feedOf = options.feedOf;
  }

  dress(stream: string, payload: string): string {
    return this.#combined ? `{"stream":${JSON.stringify(stream)},"data":${payload}}` : payload;
  }

  /** Subscribes to streams; returns a reason where that is refused. */
  join(streams: readonly string[], nowMs: number): string | null {
    if (this.streams.size + streams.length > MAX_STREAMS) return "too many streams";
    for (const stream of streams) {
      if (!this.streams.has(stream)) {
        this.#hub.subscribe(this, stream, this.#feedOf(stream), nowMs);
      }
    }
    return null;
  }

  message(text: string, nowMs: number): void {
    const perSecond = this.venue === "binance-spot" ? 5 : 10;
    this.#heardMs = [...this.#heardMs.filter((at) => at > nowMs - 1000), nowMs];
    if (this.#heardMs.length > perSecond) {
      this.socket.close(1008, "Too many requests");
      return;
    }
    let request: unknown;
    try {
      request = JSON.parse(text);
    } catch {
      this.#refuse(null, 3, "Invalid JSON: expected value at line 1 column 1");
      return;
    }
    if (!isRecord(request)) {
      this.#refuse(null, 2, "Invalid request: request must be an object");
      return;
    }
    const id = request.id ?? null;
    if (!isId(id)) {
      this.#refuse(null, 2, "Invalid request: request ID must be an integer or a string");
    } else this.#obey(request, id, nowMs);
  }

  #obey(request: Record<string, unknown>, id: Id, nowMs: number): void {
    const { method } = request;
    const params = request.params ?? [];
    const names = Array.isArray(params) && params.every((name) => typeof name === "string")
      ? params
      : null;
    switch (method) {
      case "SUBSCRIBE":
      case "UNSUBSCRIBE": {
        if (!names || names.length === 0) {
          return this.#refuse(id, 2, "Invalid request: params must be a list of stream names");
        }
        if (method === "UNSUBSCRIBE") {
          for (const name of names) this.#hub.unsubscribe(this, name);
          return this.#answer(id, null);
        }
        // The answer comes before the first data.
        if (this.streams.size + names.length <= MAX_STREAMS) this.#answer(id, null);
        const reason = this.join(names, nowMs);
        if (reason !== null) this.#refuse(id, 2, `Invalid request: ${reason}`);
        return;
      }
      case "LIST_SUBSCRIPTIONS":
        return this.#answer(id, [...this.streams]);
      case "GET_PROPERTY":
      case "SET_PROPERTY":
        return this.#property(params, method === "SET_PROPERTY", id);
      case undefined:
        return this.#refuse(id, 2, "Invalid request: missing field `method` at line 1 column 73");
      default:
        return this.#refuse(id, 2, `Invalid request: unknown variant ${JSON.stringify(method)}`);
    }
  }

  #property(params: unknown, set: boolean, id: Id): void {
    const [name, value] = Array.isArray(params) ? params : [];
    if (name !== "combined") return this.#refuse(id, 0, "Unknown property");
    if (!set) return this.#answer(id, this.#combined);
    if (typeof value !== "boolean") {
      return this.#refuse(id, 1, "Invalid value type: expected Boolean");
    }
    this.#combined = value;
    this.#answer(id, null);
  }

  #answer(id: Id, result: unknown): void {
    this.#hub.send(this, JSON.stringify({ result, id }));
  }

  #refuse(id: Id, code: number, msg: string): void {
    this.#hub.send(this, JSON.stringify({ code, msg, id }));
  }
}

function isId(id: unknown): id is Id {
  return id === null || Number.isSafeInteger(id) || (typeof id === "string" && id.length <= 36);
}
