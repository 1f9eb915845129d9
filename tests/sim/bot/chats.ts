// This module is pure.
/** What the bot's chats hold: who may be written to, and every message as it stands now. */
import { badRequest, BotError } from "./errors.ts";

export interface Button {
  readonly text: string;
  readonly callback_data?: string;
  readonly url?: string;
}

/** A message of the bot, as it stands after all edits. */
export interface Sent {
  readonly chatId: number;
  readonly messageId: number;
  /** As the bot wrote it; a photo's caption. */
  readonly html: string;
  /** As the reader sees it. */
  readonly text: string;
  readonly buttons: readonly (readonly Button[])[];
  /** The picture's bytes, or `null` for a text. */
  readonly photo: Uint8Array | null;
  readonly edits: number;
  readonly deleted: boolean;
  readonly atMs: number;
}

export type Draft = Pick<Sent, "html" | "text" | "buttons" | "photo">;

export interface Chat {
  readonly id: number;
  readonly type: "private" | "group" | "supergroup";
  blocked: boolean;
  /** The group became a supergroup with this id. */
  migratedTo: number | null;
}

export class Chats {
  readonly #chats = new Map<number, Chat>();
  readonly #sent: Sent[] = [];
  #nextMessageId = 1;

  /** Every message that the bot ever sent, in order. */
  get sent(): readonly Sent[] {
    return this.#sent;
  }

  open(id: number, type: Chat["type"]): Chat {
    const chat = this.#chats.get(id) ?? { id, type, blocked: false, migratedTo: null };
    this.#chats.set(id, chat);
    return chat;
  }

  /** @throws {BotError} where the chat is not known, has moved, or shut the bot out */
  writable(id: unknown): Chat {
    const chat = this.#chats.get(Number(id));
    if (!chat) throw badRequest("chat not found");
    if (chat.migratedTo !== null) {
      const parameters = { migrate_to_chat_id: chat.migratedTo };
      const why = "Bad Request: group chat was upgraded to a supergroup chat";
      throw new BotError(400, why, parameters);
    }
    if (chat.blocked) throw new BotError(403, "Forbidden: bot was blocked by the user");
    return chat;
  }

  takeMessageId(): number {
    return this.#nextMessageId++;
  }

  add(chatId: number, draft: Draft, atMs: number): Sent {
    const rest = { messageId: this.takeMessageId(), edits: 0, deleted: false, atMs };
    const sent = { chatId, ...draft, ...rest };
    this.#sent.push(sent);
    return sent;
  }

  find(chatId: number, messageId: number): Sent | undefined {
    return this.#sent.find((sent) =>
      sent.chatId === chatId && sent.messageId === messageId && !sent.deleted
    );
  }

  replace(old: Sent, next: Sent): Sent {
    this.#sent[this.#sent.indexOf(old)] = next;
    return next;
  }
}
