/** One WebSocket from its first packet to its last; it never comes back to life. */
import { Pacer } from "./pacer.ts";
import { elsewhere, isBarring } from "./region.ts";
import type { SocketNotice, SocketOptions } from "./socket_options.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { Timing } from "./timing.ts";

const CONNECT_MS = 10_000;
/** How long the venue may take to confirm a close before we stop waiting for it. */
const CLOSE_MS = 3_000;
const SILENCE_MS = 60_000;
const TICK_MS = 500;
/** A connection that has delivered for this long was a good one. */
const HEALTHY_MS = 30_000;

export interface ConnectionEvents {
  opened(connection: Connection): void;
  /** It should be replaced soon, but still works. */
  leaving(connection: Connection, reason: string): void;
  /** Called once, whatever the cause; nothing follows. */
  ended(connection: Connection, reason: string): void;
  refused(topics: readonly string[]): void;
}

export class Connection {
  openedMs: number | null = null;
  /** Why it should be replaced; `null` while it may stay. */
  leaving: string | null = null;
  /** The venue does not let us in from here: an attempt made soon would end the same way. */
  barred = false;
  frames = 0;
  /** Frames that were no notice. */
  dataFrames = 0;
  chars = 0;
  binaryFrames = 0;
  /** Resolves when the socket is gone, or is not worth waiting for. */
  readonly closed: Promise<void>;

  readonly #socket: WebSocket;
  readonly #pacer: Pacer;
  readonly #subscriptions: Subscriptions;
  readonly #cancels = new Map<"connect" | "tick" | "ping" | "close", () => void>();
  readonly #silenceMs: number;
  readonly #tickEveryMs: number;
  readonly #rotateMs: number;
  readonly #resolveClosed: () => void;
  #ended = false;
  #throws = 0;
  #error = "";
  #tickMs = 0;
  /** Silence is counted from here. */
  #aliveMs = 0;
  #framesAtTick = 0;
  #lastFrameMs: number | null = null;

  /** @throws where a WebSocket cannot even be tried, as without permission */
  constructor(
    readonly number: number,
    private readonly options: SocketOptions,
    private topics: readonly string[],
    private readonly timing: Timing,
    private readonly events: ConnectionEvents,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.#silenceMs = options.silenceMs ?? SILENCE_MS;
    this.#tickEveryMs = Math.min(TICK_MS, this.#silenceMs / 4);
    // 22 to 23 h of 24 h: well before the cut, and not all sockets at once.
    this.#rotateMs = options.limits.maxAgeMs * (1 - (1 + timing.random()) / 24);
    this.#pacer = new Pacer(options.limits.requestSpacingMs, timing, (text) => this.#send(text));
    this.#subscriptions = new Subscriptions(options, this.#pacer, timing, {
      acked: (topics) => options.handlers.subscribed(topics, number),
      refused: (topics, reason) => {
        events.refused(topics);
        options.handlers.trouble("refused", `${clip(topics.join(" "))}: ${clip(reason)}`);
      },
      unacked: (detail) => options.handlers.trouble("unacked", detail),
      failed: (reason) => this.end(reason),
    });
    this.#socket = new WebSocket(options.url);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => this.#open();
    this.#socket.onmessage = (event: MessageEvent<unknown>) => this.#receive(event.data);
    // An error is always followed by a close, and only the error says what happened.
    this.#socket.onerror = (event) => {
      if (event instanceof ErrorEvent) this.#error = event.message;
    };
    this.#socket.onclose = (event) => this.#gone(event);
    this.#after("connect", CONNECT_MS, () => this.end(`No connection in ${CONNECT_MS / 1000} s`));
  }

  /** Every topic was confirmed or refused. */
  get settled(): boolean {
    return this.openedMs !== null && this.#subscriptions.settled;
  }

  /** When the last frame came, right within a tick; the hot path asks no clock. */
  get lastFrameMs(): number | null {
    return this.frames === this.#framesAtTick ? this.#lastFrameMs : this.timing.now();
  }

  get healthy(): boolean {
    const { openedMs, lastFrameMs } = this;
    return this.dataFrames > 0 && openedMs !== null && lastFrameMs !== null &&
      lastFrameMs - openedMs >= HEALTHY_MS;
  }

  setTopics(topics: readonly string[]): void {
    this.topics = topics;
    if (this.openedMs !== null) this.#subscriptions.setTopics(topics);
  }

  renew(topics: readonly string[]): void {
    this.#subscriptions.renew(topics);
  }

  /** Close it; from now on it is silent. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#subscriptions.stop();
    this.#pacer.stop();
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
    this.#socket.onopen = this.#socket.onmessage = null;
    if (this.#socket.readyState === WebSocket.CLOSED) this.#resolveClosed();
    else this.#close();
    this.events.ended(this, reason);
  }

  #close(): void {
    // Deno has no way to drop a socket whose peer does not answer the close; TCP will in time.
    this.#after("close", CLOSE_MS, () => {
      this.options.handlers.trouble("close", `Close not confirmed in ${CLOSE_MS / 1000} s`);
      this.#resolveClosed();
    });
    this.#socket.close();
  }

  #gone(event: CloseEvent): void {
    this.#socket.onerror = this.#socket.onclose = null;
    if (this.#ended) {
      this.#cancels.get("close")?.();
      return this.#resolveClosed();
    }
    // Deno tells the answer to a handshake in these words alone.
    const status = Number(/\bstatus code: (\d{3})\b/.exec(this.#error)?.[1]);
    if (isBarring(status)) {
      this.barred = true;
      const advice = elsewhere(this.options.limits.elsewhere);
      return this.end(`The venue refuses this address or region (HTTP ${status}): ${advice}`);
    }
    const said = [event.reason, this.#error].filter((text) => text !== "").join(", ");
    this.end(`Closed with code ${event.code}${said === "" ? "" : `: ${clip(said)}`}`);
  }

  #open(): void {
    this.#cancels.get("connect")?.();
    this.openedMs = this.#tickMs = this.#aliveMs = this.timing.now();
    this.#tick();
    if (this.options.ping) this.#ping(this.options.ping);
    this.events.opened(this);
    if (!this.#ended) this.#subscriptions.setTopics(this.topics);
  }

  #receive(data: unknown): void {
    if (typeof data !== "string") return this.#binary();
    this.frames++;
    this.chars += data.length;
    let notice: SocketNotice | undefined;
    try {
      notice = this.options.handlers.frame(data, this.number);
    } catch (error) {
      // Once per connection: a handler that fails on every frame must not flood the log.
      if (this.#throws++ === 0) {
        this.options.handlers.trouble("handler", `${clip(String(error))} at ${clip(data)}`);
      }
    }
    if (notice === undefined) this.dataFrames++;
    else this.#heed(notice);
  }

  #binary(): void {
    if (this.binaryFrames++ === 0) this.options.handlers.trouble("binary", this.options.url);
  }

  #heed(notice: SocketNotice): void {
    if (this.#ended) return;
    if (notice.kind === "ack") this.#subscriptions.ack(notice.id);
    else if (notice.kind === "refused") {
      this.#subscriptions.refuse(notice.id, notice.reason, notice.topics);
    } else if (notice.kind === "closing") this.#leave(notice.reason);
  }

  #leave(reason: string): void {
    if (this.leaving !== null) return;
    this.leaving = reason;
    this.events.leaving(this, reason);
  }

  /** Judges silence and age. */
  #tick(): void {
    const nowMs = this.timing.now();
    const heard = this.frames !== this.#framesAtTick;
    if (heard) this.#lastFrameMs = nowMs;
    this.#framesAtTick = this.frames;
    // After a stopped process or a suspended machine the frames are still in the kernel.
    const slept = nowMs - this.#tickMs > this.#silenceMs / 2;
    this.#tickMs = nowMs;
    if (heard || slept || this.topics.length === 0) this.#aliveMs = nowMs;
    const silentMs = nowMs - this.#aliveMs;
    if (silentMs >= this.#silenceMs) return this.end(`No frame in ${silentMs / 1000 | 0} s`);
    const ageMs = nowMs - (this.openedMs ?? nowMs);
    if (ageMs >= this.#rotateMs) this.#leave(`${ageMs / 60_000 | 0} min old`);
    if (!this.#ended) this.#after("tick", this.#tickEveryMs, () => this.#tick());
  }

  #ping(ping: { readonly everyMs: number; readonly frame: string }): void {
    this.#after("ping", ping.everyMs, () => {
      this.#pacer.pushFirst(() => ping.frame);
      this.#ping(ping);
    });
  }

  #send(text: string): void {
    // A socket that is closing takes nothing more; its end follows by itself.
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  #after(what: "connect" | "tick" | "ping" | "close", delayMs: number, run: () => void): void {
    this.#cancels.set(what, this.timing.after(delayMs, run));
  }
}

function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
