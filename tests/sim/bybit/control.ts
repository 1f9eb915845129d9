/** The Bybit side of a socket: subscribe and unsubscribe in batches that fail as a whole, ping. */
import { isRecord } from "../engine/faults.ts";
import type { Hub, Session } from "../engine/hub.ts";
import type { VenueName } from "../market/listing.ts";
import type { World } from "../market/world.ts";
import { feedOf, readTopic } from "./topics.ts";

export interface BybitSocketOptions {
  readonly socket: WebSocket;
  readonly route: "spot" | "linear";
  readonly nowMs: number;
  readonly hub: Hub;
  readonly world: World;
}

const MAX_ARGS_SPOT = 10;
const MAX_CHARACTERS = 21_000;

export class BybitSession implements Session {
  readonly venue: VenueName;
  readonly route: string;
  readonly socket: WebSocket;
  readonly streams = new Set<string>();
  readonly openedMs: number;
  /** Sockets without any message for ten minutes are cut. */
  heardMs: number;
  readonly #hub: Hub;
  readonly #world: World;
  readonly #connId = crypto.randomUUID();

  constructor(options: BybitSocketOptions) {
    this.venue = options.route === "spot" ? "bybit-spot" : "bybit-perp";
    this.route = options.route;
    this.socket = options.socket;
    this.openedMs = this.heardMs = options.nowMs;
    this.#hub = options.hub;
    this.#world = options.world;
  }

  dress(_stream: string, payload: string): string {
    return payload;
  }

  message(text: string, nowMs: number): void {
    this.heardMs = nowMs;
    let request: unknown;
    try {
      request = JSON.parse(text);
    } catch {
      return this.#answer(false, "Invalid JSON", "", "");
    }
    if (!isRecord(request)) return this.#answer(false, "Invalid request", "", "");
    const reqId = typeof request.req_id === "string" ? request.req_id : "";
    const op = typeof request.op === "string" ? request.op : "";
    if (op === "ping") return this.#answer(true, "pong", reqId, "ping");
    if (op !== "subscribe" && op !== "unsubscribe") {
      return this.#answer(false, `error:op not supported: ${op}`, reqId, op);
    }
    const args: unknown[] = Array.isArray(request.args) ? request.args : [];
    const topics = args.filter((arg) => typeof arg === "string");
    const reason = this.#problem(topics, args.length, op);
    this.#answer(reason === null, reason ?? "", reqId, op);
    if (reason !== null) return;
    for (const topic of topics) {
      if (op === "subscribe") this.#join(topic, nowMs);
      else this.#hub.unsubscribe(this, topic);
    }
  }

  /** Why the batch fails, all of it, for one wrong topic; `null` where it does not. */
  #problem(topics: readonly string[], count: number, op: string): string | null {
    if (count === 0 || topics.length !== count) return "error:args must be a list of topics";
    if (this.route === "spot" && count > MAX_ARGS_SPOT) return "error:args size >10";
    if (op === "unsubscribe") return null;
    const characters = [...this.streams, ...topics].reduce((sum, text) => sum + text.length, 0);
    if (characters > MAX_CHARACTERS) return "error:args characters >21000";
    for (const text of topics) {
      const topic = readTopic(text, this.route);
      if (!topic) return `error:handler not found,topic:${text}`;
      if (!this.#world.market(this.venue, topic.symbol)) return `Invalid symbol :[${text}]`;
      if (this.streams.has(text)) return `error:already subscribed,topic:${text}`;
    }
    return null;
  }

  #join(text: string, nowMs: number): void {
    const topic = readTopic(text, this.route);
    const market = topic && this.#world.market(this.venue, topic.symbol);
    if (market) this.#hub.subscribe(this, text, feedOf(market, topic), nowMs);
  }

  #answer(success: boolean, message: string, reqId: string, op: string): void {
    const head = { success, ret_msg: message, conn_id: this.#connId };
    const answer = op === "ping" && reqId === "" ? { ...head, op } : { ...head, req_id: reqId, op };
    this.#hub.send(this, JSON.stringify(answer));
  }
}
