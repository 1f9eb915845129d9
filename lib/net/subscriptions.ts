/**
 * Which topics one connection has asked for, and what became of each request: confirmed,
 * refused, or not answered. One bad symbol can fail a whole request, so a refused request
 * is asked again in halves until the bad topic stands alone and is left out.
 */
import { Pacer } from "./pacer.ts";
import type { SocketOptions } from "./socket_options.ts";
import type { Timing } from "./timing.ts";

const ACK_MS = 10_000;
/** A venue that refuses this often refuses everything; halving on would only annoy it. */
const MAX_REFUSALS = 256;
/** Some refusals pass (a market just listed, a fault of the venue): asked again, doubling. */
const REFUSED_MS = 60_000;
const REFUSED_MAX_MS = 1_800_000;

export interface SubscriptionEvents {
  acked(topics: readonly string[]): void;
  /** These are left out for a while. */
  refused(topics: readonly string[], reason: string): void;
  /** A request was not answered and is sent once more. */
  unacked(detail: string): void;
  /** It was not answered again: the connection is of no use. */
  failed(reason: string): void;
}

interface Request {
  readonly id: number;
  readonly verb: "subscribe" | "unsubscribe";
  topics: readonly string[];
  tries: number;
  cancel: () => void;
}

export class Subscriptions {
  #wanted: ReadonlySet<string> = new Set();
  /** Sent, and neither refused nor taken back. */
  readonly #asked = new Set<string>();
  readonly #refused = new Set<string>();
  /** A second wish to renew the same topic before the first is sent changes nothing. */
  readonly #renewing = new Set<string>();
  /** Sent and not answered, oldest first. */
  readonly #waiting = new Map<number, Request>();
  /** Subscribe requests that are queued or not answered. */
  #open = 0;
  #lastId = 0;
  #refusals = 0;
  #refusedMs = REFUSED_MS;
  #cancelRefused: (() => void) | null = null;

  constructor(
    private readonly wire: Pick<SocketOptions, "subscribe" | "unsubscribe" | "limits">,
    private readonly pacer: Pacer,
    private readonly timing: Timing,
    private readonly events: SubscriptionEvents,
  ) {}

  /** Every request was answered one way or the other. */
  get settled(): boolean {
    return this.#open === 0;
  }

  setTopics(topics: readonly string[]): void {
    const before = this.#wanted;
    this.#wanted = new Set(topics);
    this.#enqueue("unsubscribe", [...before].filter((topic) => !this.#wanted.has(topic)));
    this.#enqueue("subscribe", [...this.#wanted].filter((topic) => !before.has(topic)));
  }

  /** Take back and ask again; unwanted, refused and already renewing topics are left alone. */
  renew(topics: readonly string[]): void {
    const stale = topics.filter((topic) => this.#asked.has(topic) && !this.#renewing.has(topic));
    for (const topic of stale) this.#renewing.add(topic);
    this.#enqueue("unsubscribe", stale);
    this.#enqueue("subscribe", stale);
  }

  ack(id: number | null): void {
    const request = this.#waitingFor(id);
    if (request) this.#confirm(request);
  }

  refuse(id: number | null, reason: string, topics: readonly string[]): void {
    const request = this.#waitingFor(id, topics);
    if (request?.verb === "unsubscribe") return this.#close(request);
    if (!request) return this.#leaveOut(topics.filter((topic) => this.#asked.has(topic)), reason);
    this.#refusals++;
    const rest = request.topics.filter((topic) => !topics.includes(topic));
    if (rest.length === 0 || rest.length === request.topics.length) {
      return this.#narrow(request, reason);
    }
    this.#leaveOut(request.topics.filter((topic) => topics.includes(topic)), reason);
    request.topics = rest;
    // Without ids the venue answers topic by topic, and the others' answers are still to come.
    if (id !== null) this.#confirm(request);
  }

  stop(): void {
    for (const request of this.#waiting.values()) request.cancel();
    this.#waiting.clear();
    this.#cancelRefused?.();
    this.#cancelRefused = null;
  }

  #waitingFor(id: number | null, topics: readonly string[] = []): Request | undefined {
    if (id !== null) return this.#waiting.get(id);
    for (const request of this.#waiting.values()) {
      if (topics.length === 0) return request;
      if (request.topics.some((topic) => topics.includes(topic))) return request;
    }
    return undefined;
  }

  #confirm(request: Request): void {
    if (request.verb === "subscribe") {
      const topics = request.topics.filter((topic) => this.#asked.has(topic));
      if (topics.length > 0) this.events.acked(topics);
    }
    this.#close(request);
  }

  /** Refused as a whole: ask for each half, or give up what cannot be divided. */
  #narrow(request: Request, reason: string): void {
    const { topics } = request;
    if (topics.length === 1 || this.#refusals > MAX_REFUSALS) {
      this.#leaveOut(topics, reason);
    } else {
      const middle = Math.ceil(topics.length / 2);
      for (const topic of topics) this.#asked.delete(topic);
      this.#request("subscribe", topics.slice(0, middle));
      this.#request("subscribe", topics.slice(middle));
    }
    this.#close(request);
  }

  #leaveOut(topics: readonly string[], reason: string): void {
    if (topics.length === 0) return;
    for (const topic of topics) {
      this.#refused.add(topic);
      this.#asked.delete(topic);
    }
    this.events.refused(topics, reason);
    this.#cancelRefused ??= this.timing.after(this.#refusedMs, () => this.#askRefused());
  }

  /** What was refused may be had by now: nothing else asks for it before the next connection. */
  #askRefused(): void {
    this.#cancelRefused = null;
    this.#refusedMs = Math.min(REFUSED_MAX_MS, 2 * this.#refusedMs);
    this.#refusals = 0;
    const topics = [...this.#refused].filter((topic) => this.#wanted.has(topic));
    this.#refused.clear();
    this.#enqueue("subscribe", topics);
  }

  #close(request: Request): void {
    request.cancel();
    this.#waiting.delete(request.id);
    if (request.verb === "subscribe") this.#open--;
  }

  #enqueue(verb: Request["verb"], topics: readonly string[]): void {
    const size = Math.max(1, this.wire.limits.topicsPerRequest);
    for (let at = 0; at < topics.length; at += size) {
      this.#request(verb, topics.slice(at, at + size));
    }
  }

  #request(verb: Request["verb"], topics: readonly string[]): void {
    if (verb === "subscribe") this.#open++;
    this.pacer.push(() => this.#write(verb, topics));
  }

  /** While a message waited for its turn, what is wanted may have changed. */
  #write(verb: Request["verb"], batch: readonly string[]): string | null {
    const topics = batch.filter((topic) =>
      verb === "unsubscribe"
        ? this.#asked.has(topic)
        : this.#wanted.has(topic) && !this.#refused.has(topic) && !this.#asked.has(topic)
    );
    if (verb === "subscribe") {
      for (const topic of batch) this.#renewing.delete(topic);
      for (const topic of topics) this.#asked.add(topic);
      if (topics.length === 0) this.#open--;
    } else {
      for (const topic of topics) this.#asked.delete(topic);
    }
    if (topics.length === 0) return null;
    const request: Request = { id: ++this.#lastId, verb, topics, tries: 0, cancel: () => {} };
    this.#waiting.set(request.id, request);
    return this.#send(request);
  }

  #send(request: Request): string {
    request.tries++;
    request.cancel = this.timing.after(ACK_MS, () => this.#late(request));
    return this.wire[request.verb](request.topics, request.id);
  }

  #late(request: Request): void {
    if (request.verb === "unsubscribe") return this.#close(request);
    const what = `No answer in ${ACK_MS / 1000} s to subscription ${request.id} ` +
      `(${request.topics[0]}, ${request.topics.length} in all)`;
    if (request.tries > 1) return this.events.failed(`${what}, asked twice`);
    this.events.unacked(what);
    // The same id again, so that a late answer to the first counts too.
    this.pacer.push(() => this.#again(request));
  }

  #again(request: Request): string | null {
    if (!this.#waiting.has(request.id)) return null;
    request.topics = request.topics.filter((topic) => this.#asked.has(topic));
    if (request.topics.length > 0) return this.#send(request);
    this.#close(request);
    return null;
  }
}
