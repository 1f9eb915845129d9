/**
 * A message whose fate must be known: one call, no second try of its own, and an outcome
 * that says whether it may have arrived. Whoever posts decides what comes next.
 */
import { type Api, GrammyError } from "grammy";
import type { Button } from "../reply/command.ts";
import type { TakeTurn } from "./pace.ts";
import { causesOf, forGrammy, neverLeft } from "./retry.ts";
import { formatted, saysThat, UNCHANGED, UNEDITABLE, withKeyboard } from "./send.ts";

export interface Post {
  readonly chatId: number;
  /** One message's worth. */
  readonly html: string;
  readonly buttons?: readonly (readonly Button[])[];
  /** Without a sound. */
  readonly silent?: boolean;
  /** The message of ours to replace, where it is no new one. */
  readonly messageId?: number;
  /** Awaited when its turn has come, right before the call. */
  readonly before?: () => Promise<void>;
}

/**
 * `unsent`: the call never left. `unknown`: the connection was lost, it may have arrived.
 * `limited`: Telegram asks to wait. `shut`: the chat does not take our messages any more.
 * `refused`: it never will take this one.
 */
export type Posted =
  | { readonly kind: "sent"; readonly messageId: number }
  | { readonly kind: "limited"; readonly waitMs: number }
  | { readonly kind: "unsent" | "unknown" | "shut" | "refused"; readonly reason: string };

export const NOT_UP: Posted = { kind: "unsent", reason: "the bot is not up" };

export interface Posting {
  /** Without transformers: every try is ours to know of. */
  readonly api: Api;
  readonly takeTurn: TakeTurn;
  /** No call begins after it. */
  readonly signal: AbortSignal;
  /** Ends calls under way; later, so that they may still be answered. */
  readonly cut: AbortSignal;
  readonly underWay: Set<Promise<unknown>>;
}

/** Posts or replaces a message; never throws for anything that Telegram does. */
export async function post(posting: Posting, wanted: Post): Promise<Posted> {
  await posting.takeTurn(wanted.chatId);
  if (posting.signal.aborted) return NOT_UP;
  await wanted.before?.();
  const call = send(posting, wanted);
  posting.underWay.add(call);
  return await call.finally(() => posting.underWay.delete(call));
}

async function send({ api, cut }: Posting, wanted: Post): Promise<Posted> {
  const { chatId, html, buttons, silent = false, messageId } = wanted;
  const signal = forGrammy(cut);
  const options = {
    link_preview_options: { is_disabled: true },
    ...(silent ? { disable_notification: true } : {}),
    ...withKeyboard(buttons ? { buttons } : {}),
  };
  try {
    const id = await formatted(html, async (text, mode) => {
      if (messageId === undefined) {
        return (await api.sendMessage(chatId, text, { ...options, ...mode }, signal)).message_id;
      }
      await api.editMessageText(chatId, messageId, text, { ...options, ...mode }, signal);
      return messageId;
    });
    return { kind: "sent", messageId: id };
  } catch (error) {
    if (messageId !== undefined && saysThat(error, ...UNCHANGED)) {
      return { kind: "sent", messageId };
    }
    return outcomeOf(error, api.token);
  }
}

/** Telegram's reasons for which a chat takes nothing more. */
const SHUT = ["chat not found", "user is deactivated", "PEER_ID_INVALID", ...UNEDITABLE];

function outcomeOf(error: unknown, token: string): Posted {
  if (error instanceof GrammyError) {
    const { error_code: code, description: reason, parameters } = error;
    if (code === 429) return { kind: "limited", waitMs: 1000 * (parameters.retry_after ?? 1) };
    if (code === 403 || saysThat(error, ...SHUT)) return { kind: "shut", reason };
    // A fault on Telegram's side may come after it took the message; and what has no code of
    // Telegram's is a proxy's word, whatever became of the message behind it.
    if (!(code < 500)) return { kind: "unknown", reason: reason ?? "an answer not Telegram's" };
    return { kind: code === 401 || code === 404 ? "unsent" : "refused", reason };
  }
  // A network error names the URL, and with it the token.
  const reason = causesOf(error).replaceAll(token, "<token>");
  return { kind: neverLeft(error) ? "unsent" : "unknown", reason };
}
