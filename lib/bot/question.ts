/** Which updates ask us something, and what. */
import type { Api } from "grammy";
import type { Asker } from "../reply/command.ts";
import type { Place } from "./send.ts";

export type Update = Awaited<ReturnType<Api["getUpdates"]>>[number];

/** What comes with the text of a question. */
export interface Question {
  readonly asker: Asker;
  /** The command behind the message of ours that is replied to; `null` where none is known. */
  readonly about: string | null;
  /** The group that it was asked in; `null` in a private chat. */
  readonly groupId: number | null;
}

/** A question as it came in. */
export interface Received {
  readonly userId: number;
  readonly text: string;
  readonly place: Place;
  readonly privateChat: boolean;
  /** The message of ours that it replies to. */
  readonly repliesTo: RepliedTo | null;
  /** The button that was pressed, else `null`. */
  readonly press: Press | null;
}

export interface RepliedTo {
  readonly messageId: number;
  /** What its Refresh button asks: the command behind it. */
  readonly refresh: string | null;
}

export interface Press {
  readonly queryId: string;
  /** The button is under a picture, which cannot become a text. */
  readonly onPhoto: boolean;
}

export interface Self {
  readonly id: number;
  readonly username: string;
  /** Names of the commands that we know. */
  readonly commands: ReadonlySet<string>;
}

/** A group that became a supergroup. */
export interface Move {
  readonly fromId: number;
  readonly toId: number;
}

/** The move that an update tells of: one in the old group, one in the new. */
export function moveIn({ message }: Update): Move | null {
  const { migrate_to_chat_id: toId, migrate_from_chat_id: fromId } = message ?? {};
  if (message && toId !== undefined) return { fromId: message.chat.id, toId };
  if (message && fromId !== undefined) return { fromId, toId: message.chat.id };
  return null;
}

/** The question in an update; `null` where it is for somebody else, or none. */
export function questionIn(update: Update, self: Self): Received | null {
  return update.message ? inMessage(update.message, self) : inPress(update.callback_query);
}

type Message = NonNullable<Update["message"]>;

function inMessage(message: Message, self: Self): Received | null {
  const { text, from, chat, reply_to_message: repliedTo } = message;
  if (text === undefined || !from || from.is_bot) return null;
  const privateChat = chat.type === "private";
  const addressee = addresseeOf(text, self);
  if (addressee === "another" || (!privateChat && addressee === null)) return null;
  const threadId = message.is_topic_message ? message.message_thread_id ?? null : null;
  return {
    userId: from.id,
    text,
    place: { chatId: chat.id, threadId, messageId: message.message_id },
    privateChat,
    repliesTo: repliedTo?.from?.id === self.id
      ? { messageId: repliedTo.message_id, refresh: refreshOf(repliedTo.reply_markup) }
      : null,
    press: null,
  };
}

function inPress(query: Update["callback_query"]): Received | null {
  if (query?.data === undefined || !query.message) return null;
  const { chat, message_id: messageId } = query.message;
  // A message that Telegram no longer holds comes with date 0 and without its topic.
  const held = query.message.date === 0 ? null : query.message;
  const threadId = held?.is_topic_message ? held.message_thread_id ?? null : null;
  return {
    userId: query.from.id,
    text: query.data,
    place: { chatId: chat.id, threadId, messageId: held ? messageId ?? null : null },
    privateChat: chat.type === "private",
    repliesTo: null,
    press: { queryId: query.id, onPhoto: held?.photo !== undefined },
  };
}

function refreshOf(markup: Message["reply_markup"]): string | null {
  const buttons = markup?.inline_keyboard.flat() ?? [];
  for (const button of buttons) {
    if (button.text === "Refresh" && "callback_data" in button) return button.callback_data ?? null;
  }
  return null;
}

/**
 * Whom a text names: us by `/cvd@our_bot`, or by a bare `/cvd` that we know. Another bot's
 * command is not for us in a private chat either: it was tapped in a message passed on.
 */
function addresseeOf(text: string, { username, commands }: Self): "us" | "another" | null {
  const match = /^\/([a-z0-9_]+)(?:@(\w+))?(?=\s|$)/i.exec(text);
  if (!match) return null;
  const [, name = "", bot] = match;
  if (bot === undefined) return commands.has(name.toLowerCase()) ? "us" : null;
  return bot.toLowerCase() === username.toLowerCase() ? "us" : "another";
}
