/** A WebSocket client that knows nothing: it keeps every frame, to compare with. */
import { isRecord } from "./engine/faults.ts";

export class PlainClient implements AsyncDisposable {
  readonly frames: string[] = [];
  readonly #socket: WebSocket;
  readonly #closed: Promise<CloseEvent>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    socket.addEventListener("message", ({ data }) => this.frames.push(String(data)));
  }

  static async open(url: string): Promise<PlainClient> {
    const socket = new WebSocket(url);
    const client = new PlainClient(socket);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    return client;
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Sends and waits for the answer that carries this id. */
  async ask(message: Record<string, unknown>): Promise<Record<string, unknown>> {
    this.send(message);
    const id = message.id ?? message.req_id ?? "";
    return await this.until((frame) =>
      isRecord(frame) && (frame.id ?? frame.req_id ?? "") === id && !("e" in frame) &&
      !("topic" in frame)
    );
  }

  async until(wanted: (frame: unknown) => boolean): Promise<Record<string, unknown>> {
    for (let tries = 0; tries < 300; tries++) {
      const found = this.parsed().find(wanted);
      if (isRecord(found)) return found;
      await wait(10);
    }
    throw new Error(`No such frame came; ${this.frames.length} others did`);
  }

  /** Frames of Binance's `data`, or the whole frame where it is not wrapped. */
  parsed(): unknown[] {
    return this.frames.flatMap((text): unknown[] => {
      try {
        const frame: unknown = JSON.parse(text);
        return [isRecord(frame) && "stream" in frame ? frame.data : frame];
      } catch {
        return [];
      }
    });
  }

  /** Frames of a Binance event, in order. */
  of(event: string): Record<string, unknown>[] {
    return this.parsed().filter(isRecord).filter((frame) => frame.e === event);
  }

  /** Frames of a Bybit topic, in order. */
  topic(topic: string): Record<string, unknown>[] {
    return this.parsed().filter(isRecord).filter((frame) => frame.topic === topic);
  }

  closed(): Promise<CloseEvent> {
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#closed;
  }
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The JSON that a URL answers with, whatever the status. */
export async function json(url: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(url, init);
  return await response.json();
}

/** A list of objects, or the list in Bybit's envelope. */
export function rows(value: unknown): Record<string, unknown>[] {
  const list = isRecord(value) && isRecord(value.result) ? value.result.list : value;
  if (!Array.isArray(list)) throw new TypeError(`No list in ${JSON.stringify(value)}`);
  return list.filter(isRecord);
}
