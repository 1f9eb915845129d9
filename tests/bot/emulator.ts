/** Speaks to a running telegram-test-api as its user: writes, presses and reads. */
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("emulator_main.ts", import.meta.url));

export interface Sent {
  readonly messageId: number;
  readonly text: string;
  readonly asks: readonly string[];
}

export class Emulator implements AsyncDisposable {
  readonly root: string;
  readonly token: string;
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, root: string, token: string) {
    this.#child = child;
    this.root = root;
    this.token = token;
  }

  /** `null` where the package cannot be had. */
  static async start(token: string): Promise<Emulator | null> {
    const port = freePort();
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-lock",
        "--no-config",
        "--node-modules-dir=none",
        MAIN,
        String(port),
      ],
      stdout: "piped",
      stderr: "null",
      stdin: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    const first = await reader.read();
    reader.releaseLock();
    const emulator = new Emulator(child, `http://127.0.0.1:${port}`, token);
    if (!first.done) return emulator;
    await emulator[Symbol.asyncDispose]();
    return null;
  }

  /** Writes a command in the private chat of a user. */
  async write(userId: number, text: string): Promise<void> {
    await this.#post("sendCommand", {
      ...this.#from(userId),
      text,
      entities: [{ offset: 0, length: text.split(" ")[0]?.length ?? 0, type: "bot_command" }],
    });
  }

  /** Presses a button under a message of the bot. */
  async press(userId: number, messageId: number, data: string): Promise<void> {
    const { chat, from, date } = this.#from(userId);
    await this.#post("sendCallback", {
      ...this.#from(userId),
      data,
      message: { chat, from, date, message_id: messageId },
    });
  }

  /** Every message of the bot as it stands now. */
  async sent(): Promise<Sent[]> {
    const { result } = await this.#post("getUpdatesHistory", { token: this.token });
    if (!Array.isArray(result)) throw new TypeError("The emulator gives no list of messages");
    return result
      .filter((row) => row?.message?.chat_id !== undefined)
      .map(({ messageId, message }) => ({
        messageId: Number(messageId),
        text: String(message.text),
        asks: (message.reply_markup?.inline_keyboard ?? []).flat()
          .map((button: { readonly callback_data: string }) => button.callback_data),
      }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await this.#child.status;
    await this.#child.stdout.cancel();
  }

  #from(userId: number) {
    return {
      botToken: this.token,
      date: Math.floor(Date.now() / 1000),
      from: { id: userId, first_name: "User", is_bot: false },
      chat: { id: userId, first_name: "User", type: "private" },
    };
  }

  async #post(path: string, body: unknown): Promise<{ readonly result?: unknown }> {
    const response = await fetch(`${this.root}/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return await response.json();
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
