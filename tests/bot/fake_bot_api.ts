/** A small Bot API on loopback: hands out scripted updates and keeps every call. */

export interface Call {
  readonly method: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a method answers instead of its usual result, once. */
export interface Refusal {
  readonly code: number;
  readonly description: string;
  readonly retryAfter?: number;
  /** The id of the supergroup that the group became. */
  readonly movedTo?: number;
}

export class FakeBotApi implements AsyncDisposable {
  readonly calls: Call[] = [];
  readonly #refusals = new Map<string, Refusal[]>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #updates: { update_id: number }[] = [];
  #nextId = 100;
  #nextMessageId = 900;
  #wake = Promise.withResolvers<void>();

  constructor() {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (request) => this.#handle(request),
    );
  }

  get root(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Queues an update for the poller. */
  push(update: Readonly<Record<string, unknown>>): void {
    this.#updates.push({ update_id: this.#nextId++, ...update });
    this.#stir();
  }

  /** As after a quiet week: what comes next is counted from another number. */
  renumber(nextId: number): void {
    this.#nextId = nextId;
  }

  refuse(method: string, ...refusals: readonly Refusal[]): void {
    this.#refusals.set(method, [...this.#refusals.get(method) ?? [], ...refusals]);
  }

  of(method: string): Call[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** Resolves when a method was called this many times; fails after two seconds. */
  async called(method: string, times = 1): Promise<Call[]> {
    const deadline = Date.now() + 2000;
    while (this.of(method).length < times) {
      if (Date.now() > deadline) {
        const seen = this.calls.map((call) => call.method).join(", ");
        throw new Error(`Waited in vain for ${times} × ${method}; seen: ${seen}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return this.of(method);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #handle(request: Request): Promise<Response> {
    const method = new URL(request.url).pathname.split("/").at(-1) ?? "";
    const body = await bodyOf(request);
    this.calls.push({ method, body });
    const refusal = this.#refusals.get(method)?.shift();
    if (refusal) {
      const { code, description, retryAfter, movedTo } = refusal;
      const parameters = {
        ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
        ...(movedTo === undefined ? {} : { migrate_to_chat_id: movedTo }),
      };
      const told = { ok: false, error_code: code, description, parameters };
      return Response.json(told, { status: code });
    }
    const result = method === "getUpdates"
      ? await this.#poll(Number(body.offset), Number(body.timeout), request.signal)
      : this.#result(method);
    return Response.json({ ok: true, result });
  }

  async #poll(offset: number, timeout: number, signal: AbortSignal): Promise<unknown> {
    // Beyond the newest by more than ten, an offset counts for nothing (Bot API server, TQueue).
    const from = offset > this.#nextId + 10 ? 0 : offset;
    this.#updates = this.#updates.filter((update) => update.update_id >= from);
    signal.addEventListener("abort", () => this.#stir(), { once: true });
    while (this.#updates.length === 0 && timeout > 0 && !signal.aborted) await this.#wake.promise;
    return this.#updates;
  }

  #result(method: string): unknown {
    if (method === "getMe") {
      return { id: 7, is_bot: true, first_name: "Tape", username: "tape_bot" };
    }
    return method.startsWith("send")
      ? { message_id: this.#nextMessageId++, date: 1, chat: { id: 1 } }
      : true;
  }

  #stir(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}

/** The parameters of a call; of a file its bytes, under the name that refers to it. */
async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  if (request.headers.get("content-type")?.startsWith("multipart/")) {
    const body: Record<string, unknown> = {};
    for (const [name, value] of await request.formData()) {
      body[name] = typeof value === "string" ? value : await value.bytes();
    }
    return body;
  }
  const text = await request.text();
  return text === "" ? {} : JSON.parse(text);
}
