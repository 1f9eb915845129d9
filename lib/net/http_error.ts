import { elsewhere, isBarring } from "./region.ts";

/** A REST call that gave no answer to work with, in words for the person who runs this. */
export class VenueHttpError extends Error {
  override readonly name = "VenueHttpError";

  constructor(
    message: string,
    /** HTTP status; `null` where there was no response. */
    readonly status: number | null,
    /** The same call may work later, unchanged. */
    readonly retryable: boolean,
    /** What to do about it; `null` where waiting is all there is. */
    readonly hint: string | null,
    /** How long the venue asked us to wait. */
    readonly retryAfterMs: number | null = null,
    /** The start of what the venue said, on one line. */
    readonly body: string = "",
  ) {
    super(hint === null ? message : `${message}; ${hint}`);
  }
}

const HINTS: Readonly<Record<number, string>> = {
  403: "a firewall's ban for asking too often, or a region block: wait, and if it stays ",
  418: "banned for asking too often: lower the number of symbols, " +
    "or stop other programs on this address",
  429: "asked too often: other programs on this address may share the limit",
  451: "the venue does not serve this region: ",
};

/**
 * The error for a response that is not 2xx, with the start of its body; `setting` leads to
 * another host, where there is one.
 */
export function statusError(
  url: string,
  status: number,
  body: string,
  retryAfterMs: number | null,
  setting?: string,
): VenueHttpError {
  const retryable = status === 429 || status === 418 || status >= 500;
  const said = body === "" ? "" : `: ${body}`;
  const message = `Cannot GET ${withoutSecrets(url)}: HTTP ${status}${said}`;
  const known = HINTS[status] ?? null;
  const isWhere = known !== null && isBarring(status);
  const hint = isWhere ? known + elsewhere(setting) : known;
  return new VenueHttpError(message, status, retryable, hint, retryAfterMs, body);
}

/** The error for a call that got no whole response. */
export function networkError(url: string, what: string): VenueHttpError {
  // A fault of `fetch` names the address it asked, with the signature.
  const message = withoutSecrets(`Cannot GET ${url}: ${what}`);
  return new VenueHttpError(message, null, true, null);
}

/** Messages reach logs and chats: a signed request must not be repeatable from there. */
export function withoutSecrets(text: string): string {
  return text.replace(/([?&]signature=)[^&\s)]*/gi, "$1…");
}

/**
 * `Retry-After` in ms, from seconds or a date; `null` where absent or unreadable. A date is
 * read against the response's own `Date`, for the local clock may be wrong.
 */
function retryAfterMs(headers: Headers): number | null {
  const text = headers.get("retry-after");
  if (text === null) return null;
  const seconds = Number(text);
  if (text.trim() !== "" && Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const waitMs = Date.parse(text) - Date.parse(headers.get("date") ?? "");
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null;
}

/**
 * How long a ban lasts that only the body tells, `…IP banned until 1755000000000…`, in ms by
 * the response's own `Date`; `null` where either is missing.
 */
function bannedForMs(body: string, headers: Headers): number | null {
  const untilMs = Number(/banned until (\d{13})\b/.exec(body)?.[1] ?? NaN);
  const waitMs = untilMs - Date.parse(headers.get("date") ?? "");
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null;
}

/** How long the venue wants nobody to ask, ms; `null` where it does not say. */
export function pauseOf(headers: Headers, body: string): number | null {
  return retryAfterMs(headers) ?? bannedForMs(body, headers);
}
