/** `POST /api/v1/ask`: one command, answered as on Telegram. */
import type { Context } from "hono";
import type { WebDeps, WebEnv } from "./deps.ts";
import { problem } from "./problem.ts";
import { AskBody, faultText } from "./schemas.ts";

export async function postAsk(
  c: Context<WebEnv>,
  answer: WebDeps["answer"],
): Promise<Response> {
  let body: unknown;
  try {
    body = await c.req.json();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return problem(c, 400, 'The body is not JSON: send {"text": "/cvd BTC 15m"}');
  }
  const read = AskBody.safeParse(body);
  if (!read.success) return problem(c, 400, faultText(read.error, body));
  const { html, text, data } = await answer(read.data.text);
  return c.json({ html, text, data });
}

/** Whether the request says that its body is JSON. */
export function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType?.trim() ?? "");
}
