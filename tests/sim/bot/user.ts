/** A person on the other side of the bot. */
import type { BotApi } from "../bot_api.ts";
import type { Sent } from "./chats.ts";

/** A person in a chat with the bot. */
export class BotUser {
  constructor(readonly api: BotApi, readonly id: number, readonly chatId: number) {}

  send(text: string): void {
    this.api.message(this.id, this.chatId, text);
  }

  /**
   * Presses a button of the newest message here, or of `on`, by its label or its data.
   * Returns the id of the callback query.
   * @throws {RangeError} where there is no such button
   */
  press(button: string, on?: Sent): string {
    const message = on ?? this.messages().at(-1);
    const found = message?.buttons.flat().find((candidate) =>
      candidate.text === button || candidate.callback_data === button
    );
    if (!message || !found) throw new RangeError(`Cannot press ${button}: no message has it`);
    return this.api.press(this.id, message, found.callback_data ?? "");
  }

  /** The bot's messages in this chat, in order. */
  messages(): Sent[] {
    return this.api.sent.filter((sent) => sent.chatId === this.chatId && !sent.deleted);
  }

  /** Sends a text and waits for the first new message of the bot here. */
  async ask(text: string, timeoutMs = 5000): Promise<Sent> {
    const before = new Set(this.messages().map((sent) => sent.messageId));
    this.send(text);
    return await this.api.waitFor(
      (sent) => sent.chatId === this.chatId && !before.has(sent.messageId),
      timeoutMs,
    );
  }
}
