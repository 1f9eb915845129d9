/** The Bot API on the wire: parameters in, refusals and cut connections out. */
import type { BotError } from "./errors.ts";
import type { Params } from "./methods.ts";

/** A refusal on the wire. */
export function refusal(error: BotError): Response {
  const { code, message, parameters } = error;
  const body = { ok: false, error_code: code, description: message };
  return Response.json(parameters ? { ...body, parameters } : body, { status: code });
}

/** An answer that breaks off: to the caller, a lost connection. */
export function cut(): Response {
  // It promises more bytes than it sends, so that the server closes the connection.
  const body = new Blob(["{"]).stream();
  return new Response(body, { headers: { "Content-Length": "1000" } });
}

/** The parameters of a call; files are bytes. */
export async function readParams(request: Request): Promise<Params> {
  const type = request.headers.get("Content-Type") ?? "";
  if (type.startsWith("application/json")) {
    const body: unknown = await request.json().catch(() => ({}));
    return typeof body === "object" && body !== null ? { ...body } : {};
  }
  const query = Object.fromEntries(new URL(request.url).searchParams);
  if (!type.startsWith("multipart/") && !type.includes("urlencoded")) return query;
  const entries: [string, unknown][] = [];
  for (const [name, value] of await request.formData()) {
    entries.push([name, typeof value === "string" ? value : await value.bytes()]);
  }
  return { ...query, ...Object.fromEntries(entries) };
}
