/**
 * A Telegram Bot API on loopback: what a bot sends is checked as Telegram checks it and
 * kept for tests to read; users write and press buttons by function call.
 */
import { Chats, type Sent } from "./bot/chats.ts";
import { BotError } from "./bot/errors.ts";
import { cut, readParams, refusal } from "./bot/http.ts";
import { FloodLimits, tooMany } from "./bot/limits.ts";
import { type Desk, messageObject, METHODS, type Params } from "./bot/methods.ts";
import { Updates } from "./bot/updates.ts";
import { BotUser } from "./bot/user.ts";

export type { BotUser, Sent };

export interface BotApiOptions {
  readonly token: string;
  readonly port?: number;
  /** Enforces Telegram's flood limits. */
  readonly limits?: boolean;
  readonly now?: () => number;
}

/** How the next calls of a method go wrong; without a method, the next calls of any. */
export interface BotFault {
  readonly method?: string;
  /** How many calls; 1 where not given. */
  readonly count?: number;
  /** An HTTP and error code, 400 … 503; 429 needs `retryAfter`. */
  readonly code?: number;
  readonly description?: string;
  readonly retryAfter?: number;
  /** Cuts the connection instead of answering: before the call is obeyed, or after. */
  readonly drop?: "before" | "after";
}

export function startBotApi(options: BotApiOptions): Promise<BotApi> {
  return Promise.resolve(new BotApi(options));
}

export class BotApi implements AsyncDisposable {
  readonly port: number;
  /** What `TELEGRAM_API_ROOT` is set to. */
  readonly root: string;
  readonly #chats = new Chats();
  readonly #desk: Desk;
  readonly #closing = new AbortController();
  readonly #calls: { readonly method: string; readonly params: Params }[] = [];
  #server: Deno.HttpServer<Deno.NetAddr>;
  #faults: { readonly fault: BotFault; left: number }[] = [];
  #nextCallback = 1;

  constructor(readonly options: BotApiOptions) {
    this.#desk = {
      chats: this.#chats,
      updates: new Updates(this.#closing.signal),
      limits: options.limits === true ? new FloodLimits() : null,
      now: options.now ?? Date.now,
      openCallbacks: new Set(),
      callbackAnswers: [],
      commands: [],
    };
    this.#server = this.#listen(options.port ?? 0);
    this.port = this.#server.addr.port;
    this.root = `http://127.0.0.1:${this.port}`;
  }

  /** Every message of the bot, in order, each as it stands now. */
  get sent(): readonly Sent[] {
    return this.#chats.sent;
  }

  /** Every call that was obeyed or refused, in order; not those that were dropped before. */
  get calls(): readonly { readonly method: string; readonly params: Params }[] {
    return this.#calls;
  }

  get commands(): Desk["commands"] {
    return this.#desk.commands;
  }

  get callbackAnswers(): Desk["callbackAnswers"] {
    return this.#desk.callbackAnswers;
  }

  /** A person with a private chat of the same id. */
  user(id: number): BotUser {
    this.#chats.open(id, "private");
    return new BotUser(this, id, id);
  }

  /** A person who writes in a group; group ids are negative. */
  member(id: number, groupId: number): BotUser {
    this.#chats.open(groupId, "group");
    return new BotUser(this, id, groupId);
  }

  /** The chat no longer takes messages of the bot (403), or does again. */
  block(chatId: number, blocked = true): void {
    this.#chats.open(chatId, "private").blocked = blocked;
  }

  /** The group becomes a supergroup: its old id answers 400 with the new one. */
  migrate(groupId: number, supergroupId: number): void {
    this.#chats.open(groupId, "group").migratedTo = supergroupId;
    this.#chats.open(supergroupId, "supergroup");
  }

  /** Lets the next calls fail. */
  fail(fault: BotFault): void {
    this.#faults.push({ fault, left: fault.count ?? 1 });
  }

  /** What was to fail and has not yet will not. */
  heal(): void {
    this.#faults = [];
  }

  /** Takes the server off the network; connections are cut and new ones refused. */
  async offline(): Promise<void> {
    this.#desk.updates.wake();
    await this.#server.shutdown();
  }

  /** Resolves when the webhook deliveries that have begun are over. */
  settle(): Promise<void> {
    return this.#desk.updates.settle();
  }

  /** Comes back on the same port. */
  online(): void {
    this.#server = this.#listen(this.port);
  }

  /**
   * Waits until a message of the bot passes, and returns the first that does.
   * @throws {Error} after `timeoutMs`, with what was sent instead
   */
  async waitFor(passes: (sent: Sent) => boolean, timeoutMs = 5000): Promise<Sent> {
    const untilMs = performance.now() + timeoutMs;
    for (;;) {
      const found = this.sent.find(passes);
      if (found) return found;
      if (performance.now() > untilMs) {
        const last = this.sent.slice(-3).map((sent) => sent.text.slice(0, 120)).join(" | ");
        throw new Error(`No such message in ${timeoutMs} ms; the last were: ${last}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** An update as Telegram makes it of a message or a pressed button. */
  push(content: Readonly<Record<string, unknown>>): void {
    this.#desk.updates.push(content);
  }

  message(from: number, chatId: number, text: string): void {
    const name = text.split(/\s/)[0] ?? "";
    const entities = name.startsWith("/")
      ? { entities: [{ type: "bot_command", offset: 0, length: name.length }] }
      : {};
    this.push({
      message: {
        message_id: this.#chats.takeMessageId(),
        from: person(from),
        chat: chatObject(chatId),
        date: Math.floor(this.#desk.now() / 1000),
        text,
        ...entities,
      },
    });
  }

  press(from: number, message: Sent, data: string): string {
    const id = String(this.#nextCallback++);
    this.#desk.openCallbacks.add(id);
    const rest = { chat_instance: "1", data };
    this.push({
      callback_query: { id, from: person(from), message: messageObject(message), ...rest },
    });
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#desk.updates.settle();
    await this.#server.shutdown();
  }

  #listen(port: number): Deno.HttpServer<Deno.NetAddr> {
    const listen = { hostname: "127.0.0.1", port, onListen: () => {} };
    return Deno.serve(listen, (request) => this.#answer(request));
  }

  async #answer(request: Request): Promise<Response> {
    const [, token, method = ""] = /^\/bot([^/]+)\/(\w+)$/.exec(new URL(request.url).pathname) ??
      [];
    const params = await readParams(request);
    if (token !== this.options.token) return refusal(new BotError(401, "Unauthorized"));
    const run = METHODS[method];
    if (!run) return refusal(new BotError(404, "Not Found"));
    const fault = this.#takeFault(method);
    if (fault?.drop === "before") return cut();
    this.#calls.push({ method, params });
    try {
      if (fault && fault.drop === undefined) throw errorOf(fault);
      const result = await run(this.#desk, params);
      return fault?.drop === "after" ? cut() : Response.json({ ok: true, result });
    } catch (error) {
      if (error instanceof BotError) return refusal(error);
      throw error;
    }
  }

  #takeFault(method: string): BotFault | undefined {
    const found = this.#faults.find(({ fault }) => (fault.method ?? method) === method);
    if (found) found.left--;
    this.#faults = this.#faults.filter(({ left }) => left > 0);
    return found?.fault;
  }
}

function person(id: number) {
  return { id, is_bot: false, first_name: `User ${id}`, language_code: "en" };
}

function chatObject(id: number) {
  return id > 0
    ? { id, type: "private", first_name: `User ${id}` }
    : { id, type: id < -1_000_000_000_000 ? "supergroup" : "group", title: "Desk" };
}

function errorOf(fault: BotFault): BotError {
  const { code = 500, description = "Internal Server Error", retryAfter = 1 } = fault;
  return code === 429 ? tooMany(retryAfter) : new BotError(code, description);
}
