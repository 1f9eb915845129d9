/** Refusals: `{error: {code, message}}`, the message with the fix. */
import type { Context } from "hono";

const CODES = {
  400: "bad_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  413: "too_large",
  415: "unsupported_media_type",
  429: "too_many_attempts",
  500: "internal",
  503: "busy",
} as const;

export type ProblemStatus = keyof typeof CODES;

export function problem(
  c: Context,
  status: ProblemStatus,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return c.json({ error: { code: CODES[status], message } }, status, headers);
}

/** An outside text as it may stand in a message: short and in quotes. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
