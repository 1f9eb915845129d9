/**
 * A venue that floods: acks a subscription of trades as Binance does, then sends its frames
 * as fast as the socket takes them. A process of its own, started by the loopback bench.
 *
 * It speaks RFC 6455 by hand, because `Deno.serve` sends only some 0.3 M messages a second,
 * which a client can read at leisure; here whole batches lie ready as bytes.
 */
import { createHash } from "node:crypto";
import { renderFrames } from "./frames.ts";

/** Fast enough that the oldest frame is never too old for its minute. */
const TRADES_PER_SECOND = 20_000;
const FRAMES_PER_WRITE = 1_000;
const TEXT = 0x81;
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** An unmasked text frame of less than 64 KiB. */
function frameOf(text: string): Uint8Array {
  const payload = encoder.encode(text);
  const { length } = payload;
  const head = length < 126 ? [TEXT, length] : [TEXT, 126, length >> 8, length & 255];
  const frame = new Uint8Array(head.length + length);
  frame.set(head);
  frame.set(payload, head.length);
  return frame;
}

function render(trades: number): { readonly writes: Uint8Array[]; readonly frames: number } {
  const startMs = Date.now() - trades / TRADES_PER_SECOND * 1000;
  const frames = renderFrames(trades, startMs, TRADES_PER_SECOND)
    .filter(({ venue }) => venue === "binance-perp").map(({ text }) => frameOf(text));
  const writes: Uint8Array[] = [];
  for (let at = 0; at < frames.length; at += FRAMES_PER_WRITE) {
    const batch = frames.slice(at, at + FRAMES_PER_WRITE);
    writes.push(new Uint8Array(batch.flatMap((frame) => [...frame])));
  }
  return { writes, frames: frames.length };
}

/** The text of a client's small masked frame; `null` where it is no text or not whole. */
function textOf(bytes: Uint8Array): string | null {
  const [first = 0, second = 0, high = 0, low = 0] = bytes;
  const short = (second & 127) < 126;
  const length = short ? second & 127 : high << 8 | low;
  const at = short ? 2 : 4;
  const payload = bytes.slice(at + 4, at + 4 + length);
  if (first !== TEXT || payload.length < length) return null;
  return decoder.decode(payload.map((byte, index) => byte ^ (bytes[at + index % 4] ?? 0)));
}

async function serve(connection: Deno.TcpConn, writes: readonly Uint8Array[]): Promise<void> {
  using _closing = connection;
  const buffer = new Uint8Array(65_536);
  const asked = decoder.decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
  const key = /^sec-websocket-key: *(\S+)/im.exec(asked)?.[1] ?? "";
  const accept = createHash("sha1").update(key + GUID).digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  const answer = [...head, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n");
  await writeAll(connection, encoder.encode(answer));
  for (let filled = 0;;) {
    const count = await connection.read(buffer.subarray(filled));
    if (count === null) return;
    filled += count;
    const text = textOf(buffer.subarray(0, filled));
    // A close is answered by closing; a subscription may come in pieces.
    if (text === null && buffer[0] !== TEXT) return;
    if (text === null) continue;
    filled = 0;
    const { method, params, id } = JSON.parse(text);
    await writeAll(connection, frameOf(JSON.stringify({ result: null, id })));
    // Only the socket that carries trades; the books' one stays silent.
    const flooded = params.some((stream: string) => stream.endsWith("@aggTrade"));
    if (method !== "SUBSCRIBE" || !flooded) continue;
    for (const write of writes) await writeAll(connection, write);
  }
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

if (import.meta.main) {
  const { writes, frames } = render(Number(Deno.args[0]));
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const line = `${JSON.stringify({ port: listener.addr.port, frames })}\n`;
  Deno.stdout.writeSync(encoder.encode(line));
  for await (const connection of listener) {
    // A client that goes in the middle of the flood is its own business.
    void serve(connection, writes).catch(() => {});
  }
}
