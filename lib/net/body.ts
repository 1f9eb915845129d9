/** Reading response bodies to a bound; whatever is not read is cancelled, never left open. */

/** @throws {RangeError} where the body, unpacked, is larger than `maxBytes` */
export async function readText(response: Response, maxBytes: number): Promise<string> {
  const { text, whole } = await readStart(response, maxBytes);
  if (!whole) throw new RangeError(`Cannot take more than ${maxBytes} bytes in one response`);
  return text;
}

/** The start of the body on one line, for an error message. */
export async function readClipped(response: Response, maxBytes: number): Promise<string> {
  const { text, whole } = await readStart(response, maxBytes);
  return text.replace(/\s+/g, " ").trim() + (whole ? "" : "…");
}

async function readStart(
  response: Response,
  maxBytes: number,
): Promise<{ text: string; whole: boolean }> {
  const decoder = new TextDecoder();
  let text = "";
  let left = maxBytes;
  // Leaving the loop early cancels the body.
  for await (const chunk of response.body ?? []) {
    const part = chunk.length > left ? chunk.subarray(0, left) : chunk;
    text += decoder.decode(part, { stream: true });
    if (part.length < chunk.length) return { text: text + decoder.decode(), whole: false };
    left -= part.length;
  }
  return { text: text + decoder.decode(), whole: true };
}
