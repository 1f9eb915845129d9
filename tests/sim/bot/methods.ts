/** The Bot API's methods, as far as a bot like ours calls them. */
import { type Button, type Chats, type Draft, type Sent } from "./chats.ts";
import { badRequest } from "./errors.ts";
import { parseHtml } from "./html.ts";
import type { FloodLimits } from "./limits.ts";
import { readWebhook, type Updates } from "./updates.ts";

/** The parameters of a call, from JSON, a form or a query. */
export type Params = Readonly<Record<string, unknown>>;

export interface Desk {
  readonly chats: Chats;
  readonly updates: Updates;
  /** `null` where the limits are not simulated. */
  readonly limits: FloodLimits | null;
  readonly now: () => number;
  /** Callback queries that wait for an answer, and the answers that came. */
  readonly openCallbacks: Set<string>;
  readonly callbackAnswers: { readonly id: string; readonly text: string }[];
  commands: readonly { readonly command: string; readonly description: string }[];
}

/** To add a method: one row here. */
export const METHODS: Readonly<
  Record<string, (desk: Desk, params: Params) => unknown>
> = {
  getMe: () => ME,
  getUpdates: (desk, params) => {
    const limit = Math.min(100, Math.max(1, Number(params.limit ?? 100)));
    const timeoutMs = Math.min(50, Number(params.timeout ?? 0)) * 1000;
    return desk.updates.take(Number(params.offset ?? 0), limit, timeoutMs);
  },
  setWebhook(desk, params) {
    desk.updates.webhook = readWebhook(String(params.url ?? ""), params.secret_token);
    if (params.drop_pending_updates === true) desk.updates.clear();
    return true;
  },
  deleteWebhook(desk, params) {
    desk.updates.webhook = null;
    if (params.drop_pending_updates === true) desk.updates.clear();
    return true;
  },
  getWebhookInfo: (desk) => ({
    url: desk.updates.webhook?.url ?? "",
    has_custom_certificate: false,
    pending_update_count: desk.updates.pending,
  }),
  setMyCommands,
  getMyCommands: (desk) => desk.commands,
  sendMessage: (desk, params) => send(desk, params, textDraft(params)),
  sendPhoto: (desk, params) => send(desk, params, photoDraft(params)),
  sendChatAction(desk, params) {
    desk.chats.writable(params.chat_id);
    return true;
  },
  editMessageText,
  editMessageReplyMarkup: (desk, params) => {
    const old = messageOf(desk, params, "edit");
    return edit(desk, old, { ...old, buttons: buttonsOf(params) });
  },
  deleteMessage(desk, params) {
    const old = messageOf(desk, params, "delete");
    desk.chats.replace(old, { ...old, deleted: true });
    return true;
  },
  answerCallbackQuery(desk, params) {
    const id = String(params.callback_query_id);
    if (!desk.openCallbacks.delete(id)) {
      throw badRequest(
        "query is too old and response timeout expired or query ID is invalid",
      );
    }
    desk.callbackAnswers.push({ id, text: String(params.text ?? "") });
    return true;
  },
};

const ME = {
  id: 4_200_000_001,
  is_bot: true,
  first_name: "Tapewatch",
  username: "tapewatch_sim_bot",
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
};

function setMyCommands(desk: Desk, params: Params): true {
  const list = structured(params.commands);
  if (!Array.isArray(list) || list.length > 100) throw badRequest("can't parse BotCommand list");
  desk.commands = list.map((row) => {
    const { command, description } = row ?? {};
    const named = typeof command === "string" && /^[a-z0-9_]{1,32}$/.test(command);
    if (!named) throw badRequest("BOT_COMMAND_INVALID");
    if (typeof description !== "string" || description.length < 1 || description.length > 256) {
      throw badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
    }
    return { command, description };
  });
  return true;
}

function textDraft(params: Params): Draft {
  const html = String(params.text ?? "");
  const text = readable(html, params);
  if (text.trim() === "") throw badRequest("message text is empty");
  if (text.length > 4096) throw badRequest("message is too long");
  return { html, text, buttons: buttonsOf(params), photo: null };
}

function photoDraft(params: Params): Draft {
  const html = String(params.caption ?? "");
  const text = readable(html, params);
  if (text.length > 1024) throw badRequest("message caption is too long");
  const named = typeof params.photo === "string" && params.photo.startsWith("attach://")
    ? params[params.photo.slice("attach://".length)]
    : params.photo;
  if (!(named instanceof Uint8Array)) throw badRequest("there is no photo in the request");
  const png = [0x89, 0x50, 0x4e, 0x47].every((byte, nth) => named[nth] === byte);
  const jpeg = named[0] === 0xff && named[1] === 0xd8;
  if (!png && !jpeg) throw badRequest("IMAGE_PROCESS_FAILED");
  return { html, text, buttons: buttonsOf(params), photo: named };
}

function readable(html: string, params: Params): string {
  if (params.parse_mode === undefined) return html;
  if (String(params.parse_mode).toLowerCase() !== "html") {
    throw badRequest("unsupported parse_mode: the simulator reads HTML only");
  }
  const parsed = parseHtml(html);
  if (parsed.ok) return parsed.text;
  throw badRequest(parsed.reason.replace("Bad Request: ", ""));
}

function send(desk: Desk, params: Params, draft: Draft): unknown {
  const chat = desk.chats.writable(params.chat_id);
  desk.limits?.take(chat, desk.now());
  return messageObject(desk.chats.add(chat.id, draft, desk.now()));
}

function editMessageText(desk: Desk, params: Params): unknown {
  const old = messageOf(desk, params, "edit");
  if (old.photo) throw badRequest("there is no text in the message to edit");
  return edit(desk, old, { ...old, ...textDraft(params) });
}

function edit(desk: Desk, old: Sent, next: Sent): unknown {
  const same = old.html === next.html &&
    JSON.stringify(old.buttons) === JSON.stringify(next.buttons);
  if (same) {
    throw badRequest(
      "message is not modified: specified new message content and reply markup are " +
        "exactly the same as a current content and reply markup of the message",
    );
  }
  return messageObject(desk.chats.replace(old, { ...next, edits: old.edits + 1 }));
}

function messageOf(desk: Desk, params: Params, verb: string): Sent {
  const chat = desk.chats.writable(params.chat_id);
  const found = desk.chats.find(chat.id, Number(params.message_id));
  if (!found) throw badRequest(`message to ${verb} not found`);
  return found;
}

/** @throws {BotError} where a button does nothing, or carries more than 64 bytes */
function buttonsOf(params: Params): readonly (readonly Button[])[] {
  const markup = structured(params.reply_markup);
  if (typeof markup !== "object" || markup === null) return [];
  const rows: unknown = "inline_keyboard" in markup ? markup.inline_keyboard : [];
  if (!Array.isArray(rows)) throw badRequest('field "inline_keyboard" must be of type Array');
  for (const button of rows.flat()) {
    const { callback_data: data, url, text } = button ?? {};
    if (typeof text !== "string" || (data === undefined) === (url === undefined)) {
      throw badRequest(
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
      );
    }
    const size = new TextEncoder().encode(String(data ?? "x")).length;
    if (size < 1 || size > 64) throw badRequest("BUTTON_DATA_INVALID");
  }
  return rows;
}

/** Forms carry objects as JSON text. */
function structured(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    throw badRequest("can't parse JSON object");
  }
}

/** The message as the Bot API describes it. */
export function messageObject(sent: Sent): Readonly<Record<string, unknown>> {
  const words = sent.photo
    ? { photo: [{ file_id: "p", file_unique_id: "p", width: 1, height: 1 }], caption: sent.text }
    : { text: sent.text };
  return {
    message_id: sent.messageId,
    from: ME,
    chat: { id: sent.chatId, type: sent.chatId > 0 ? "private" : "supergroup" },
    date: Math.floor(sent.atMs / 1000),
    ...(sent.edits > 0 ? { edit_date: Math.floor(sent.atMs / 1000) } : {}),
    ...words,
    ...(sent.buttons.length > 0 ? { reply_markup: { inline_keyboard: sent.buttons } } : {}),
  };
}
