/** Puts a reply into a chat: split, threaded, with its buttons under the last part. */
import { type Api, GrammyError } from "grammy";
import type { Button, Reply } from "../reply/command.ts";
import { clean, plain, split } from "../reply/html.ts";
import type { Sleep } from "./sleep.ts";

/** Telegram's bound on `callback_data`. */
const CALLBACK_BYTES = 64;

/** Telegram asks for no more than about one message a second in a chat. */
const BETWEEN_PARTS_MS = 1000;

export interface Place {
  readonly chatId: number;
  /** Topic of a forum; `null` outside of one. */
  readonly threadId: number | null;
  /** The message that is answered. */
  readonly messageId: number | null;
}

export interface Sending {
  /** Its calls end with the lifetime by themselves. */
  readonly api: Api;
  readonly signal: AbortSignal;
  readonly sleep: Sleep;
}

/** What sending may be told beside the reply. */
export interface Manner {
  /** Without a sound. */
  readonly silent?: boolean;
}

export type Keyboard = { inline_keyboard: { text: string; callback_data: string }[][] };

/** Sends a reply, in several messages where it is too long for one; returns their ids. */
export async function send(
  { api, signal, sleep }: Sending,
  place: Place,
  reply: Reply,
  { silent = false }: Manner = {},
): Promise<number[]> {
  const ids: number[] = [];
  const parts = split(reply.html);
  for (const [i, part] of parts.entries()) {
    if (i > 0) await sleep(BETWEEN_PARTS_MS, signal);
    const options = {
      link_preview_options: { is_disabled: true },
      ...(silent ? { disable_notification: true } : {}),
      ...(i > 0 ? inThread(place) : inPlace(place)),
      ...(i === parts.length - 1 ? withKeyboard(reply) : {}),
    };
    const sent = await formatted(
      part,
      (text, mode) => api.sendMessage(place.chatId, text, { ...options, ...mode }),
    );
    ids.push(sent.message_id);
  }
  return ids;
}

function inThread({ threadId }: Place) {
  return threadId === null ? {} : { message_thread_id: threadId };
}

/** In its topic, as an answer to its message. */
export function inPlace(place: Place) {
  return {
    ...inThread(place),
    ...(place.messageId === null ? {} : {
      // The question may be gone by now; it is answered all the same.
      reply_parameters: { message_id: place.messageId, allow_sending_without_reply: true },
    }),
  };
}

/**
 * Replaces the text of a message of ours; a reply that is too long for it is sent anew.
 * Returns the ids of the messages that hold the reply then.
 */
export async function edit(sending: Sending, place: Place, reply: Reply): Promise<number[]> {
  const { api } = sending;
  const { chatId, messageId } = place;
  const [text, second] = split(reply.html);
  if (messageId === null || text === undefined || second !== undefined) {
    return await send(sending, { ...place, messageId: null }, reply);
  }
  const options = { link_preview_options: { is_disabled: true }, ...withKeyboard(reply) };
  try {
    await formatted(
      text,
      (body, mode) => api.editMessageText(chatId, messageId, body, { ...options, ...mode }),
    );
  } catch (error) {
    // Pressed twice within a second, the numbers are the same: nothing to change.
    if (saysThat(error, ...UNCHANGED)) return [messageId];
    if (!saysThat(error, ...UNEDITABLE)) throw error;
    return await send(sending, { ...place, messageId: null }, reply);
  }
  return [messageId];
}

/** Telegram's reasons for which a message stays as it is, rightly. */
export const UNCHANGED = ["message is not modified"];

/** Deleted, older than Telegram lets us edit, or of another kind. */
export const UNEDITABLE = [
  "message to edit not found",
  "message can't be edited",
  "there is no text in the message to edit",
];

export type Mode = { parse_mode?: "HTML" };

/** A reply that Telegram cannot parse is better read plain than not at all. */
export async function formatted<T>(
  html: string,
  deliver: (text: string, mode: Mode) => Promise<T>,
): Promise<T> {
  try {
    return await deliver(html, { parse_mode: "HTML" });
  } catch (error) {
    if (!saysThat(error, "can't parse entities")) throw error;
    return await deliver(plain(html), {});
  }
}

/** Whether Telegram refused a call with one of these reasons. */
export function saysThat(error: unknown, ...reasons: readonly string[]): boolean {
  return error instanceof GrammyError && error.error_code === 400 &&
    reasons.some((reason) => error.description.includes(reason));
}

export function withKeyboard(
  { buttons = [] }: Pick<Reply, "buttons">,
): { reply_markup?: Keyboard } {
  const rows = buttons
    .map((row) =>
      // A label may be a name that an exchange gave.
      row.map(({ label, ask }) => ({ label: clean(label), ask })).filter(fits)
        .map(({ label, ask }) => ({ text: label, callback_data: ask }))
    )
    .filter((row) => row.length > 0);
  return rows.length === 0 ? {} : { reply_markup: { inline_keyboard: rows } };
}

/** One button that is too long would cost the whole message. */
function fits({ label, ask }: Button): boolean {
  const bytes = new TextEncoder().encode(ask).length;
  return label !== "" && bytes > 0 && bytes <= CALLBACK_BYTES;
}
