/** A venue on loopback with a protocol of its own, obedient unless a test says otherwise. */
import { LastingSocket, type SocketOptions, type Trouble } from "../../lib/net/socket.ts";
import { type FakeTiming, until } from "./fake_timing.ts";

/** `sub 7 a b` asks, `ack 7` and `no 7 reason|a b` answer, `bye` announces the end. */
export interface Peer {
  readonly socket: WebSocket;
  readonly number: number;
  /** Everything received, with the fake time of its arrival. */
  readonly received: { readonly text: string; readonly atMs: number }[];
  readonly topics: Set<string>;
}

export class LoopbackVenue implements AsyncDisposable {
  readonly peers: Peer[] = [];
  /** Sockets open now. */
  open = 0;
  /** Answers one request; `null` is silence. */
  answer: (verb: string, id: number, topics: string[], peer: Peer) => string | null = (
    _verb,
    id,
  ) => `ack ${id}`;
  /** Whether a handshake is granted. */
  accept: () => boolean = () => true;
  /** What one that is not is answered with. */
  refusal = 503;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(readonly timing: FakeTiming) {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (request) =>
        this.accept() ? this.#upgrade(request) : new Response("no", { status: this.refusal }),
    );
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#server.addr.port}/stream`;
  }

  /** The newest connection. */
  get last(): Peer {
    const peer = this.peers.at(-1);
    if (!peer) throw new Error("Nobody has connected");
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await until(() => this.open === 0, "every socket to close");
  }

  #upgrade(request: Request): Response {
    const { socket, response } = Deno.upgradeWebSocket(request);
    const peer: Peer = { socket, number: this.peers.length + 1, received: [], topics: new Set() };
    socket.onopen = () => {
      this.open++;
      this.peers.push(peer);
    };
    socket.onclose = () => void this.open--;
    socket.onmessage = (event) => this.#obey(String(event.data), peer);
    return response;
  }

  #obey(text: string, peer: Peer): void {
    peer.received.push({ text, atMs: this.timing.now() });
    const [verb = "", id = "", ...topics] = text.split(" ");
    if (verb !== "sub" && verb !== "unsub") return;
    const answer = this.answer(verb, Number(id), topics, peer);
    if (answer === null) return;
    if (!answer.startsWith("no")) {
      for (const topic of topics) {
        if (verb === "sub") peer.topics.add(topic);
        else peer.topics.delete(topic);
      }
    }
    peer.socket.send(answer);
  }
}

/** What a consumer saw, one line per call. */
export interface Seen {
  readonly calls: string[];
  readonly data: { readonly text: string; readonly connection: number }[];
  readonly troubles: { readonly what: Trouble; readonly detail: string }[];
}

export interface Rig {
  readonly socket: LastingSocket;
  readonly seen: Seen;
  /** Aborts and waits for the end. */
  stop(): Promise<void>;
}

const LIMITS = {
  topicsPerSocket: 1000,
  topicsPerRequest: 10,
  charsPerSocket: 21_000,
  requestSpacingMs: 250,
  maxAgeMs: 86_400_000,
};

/** A socket at the venue, started, with the recorder as its consumer. */
export function rig(
  venue: LoopbackVenue,
  topics: readonly string[],
  given: Partial<Omit<SocketOptions, "limits">> & { limits?: Partial<SocketOptions["limits"]> } =
    {},
): Rig {
  const seen: Seen = { calls: [], data: [], troubles: [] };
  const { now, after, random } = venue.timing;
  const socket = new LastingSocket({
    name: "test#1",
    url: venue.url,
    topics,
    subscribe: (topics, id) => `sub ${id} ${topics.join(" ")}`,
    unsubscribe: (topics, id) => `unsub ${id} ${topics.join(" ")}`,
    ping: null,
    now,
    after,
    random,
    ...given,
    limits: { ...LIMITS, ...given.limits },
    handlers: {
      frame(text, connection) {
        const [verb, id = ""] = text.split(" ", 2);
        if (verb === "ack") return { kind: "ack", id: id === "null" ? null : Number(id) };
        if (verb === "bye") return { kind: "closing", reason: "maintenance" };
        if (verb === "pong") return { kind: "pong" };
        if (verb === "throw") throw new SyntaxError("Unreadable");
        if (verb === "no") {
          const [reason = "", named = ""] = text.split(" ").slice(2).join(" ").split("|");
          const topics = named.split(" ").filter((topic) => topic !== "");
          return { kind: "refused", id: id === "null" ? null : Number(id), reason, topics };
        }
        seen.data.push({ text, connection });
        return undefined;
      },
      up: (connection) => void seen.calls.push(`up ${connection}`),
      subscribed: (topics, connection) =>
        void seen.calls.push(`subscribed ${connection}: ${topics.join(" ")}`),
      down: (connection, reason) => void seen.calls.push(`down ${connection}: ${reason}`),
      trouble: (what, detail) => void seen.troubles.push({ what, detail }),
      ...given.handlers,
    },
  });
  const abort = new AbortController();
  const ended = socket.start(abort.signal);
  return {
    socket,
    seen,
    async stop() {
      abort.abort();
      await ended;
    },
  };
}
