/** Reading response bodies to a bound; whatever is not read is cancelled, never left open. */
import { JsonRows, type LongList } from "./json_rows.ts";

/** So much of what is no JSON is shown. */
const SHOWN_CHARS = 300;

/**
 * The decoded JSON; of the list that is named, the wanted fields alone.
 * @throws {RangeError} where the body, unpacked, is larger than `maxBytes`
 * @throws {SyntaxError} where it is no JSON, with its start
 */
export async function readJson(
  response: Response,
  maxBytes: number,
  list?: LongList,
): Promise<unknown> {
  const rows = list && new JsonRows(list);
  let text = "";
  try {
    const whole = await read(response, maxBytes, (piece) => {
      rows?.add(piece);
      if (!rows || text === "") text += piece;
    });
    if (!whole) throw new RangeError(`Cannot take more than ${maxBytes} bytes in one response`);
    return rows ? rows.body() : JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`no JSON: ${text.slice(0, SHOWN_CHARS)}`, { cause: error });
  }
}

/** The start of the body on one line, for an error message. */
export async function readClipped(response: Response, maxBytes: number): Promise<string> {
  let text = "";
  const whole = await read(response, maxBytes, (piece) => text += piece);
  return text.replace(/\s+/g, " ").trim() + (whole ? "" : "…");
}

/** Hands the body on as it comes; returns whether that was all of it. */
async function read(
  response: Response,
  maxBytes: number,
  take: (piece: string) => void,
): Promise<boolean> {
  const decoder = new TextDecoder();
  let left = maxBytes;
  // Leaving the loop early cancels the body.
  for await (const chunk of response.body ?? []) {
    take(decoder.decode(chunk.subarray(0, left), { stream: true }));
    if (chunk.length > left) return false;
    left -= chunk.length;
  }
  take(decoder.decode());
  return true;
}
