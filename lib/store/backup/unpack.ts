/** The bytes of a file as its lines of text, packed with gzip or plain. */
// @ts-types="../../tape/replay/std_streams.d.ts"
import { TextLineStream } from "@std/streams/text_line_stream";

export type Chunks = AsyncIterable<Uint8Array<ArrayBuffer>>;

/** How far a reading is. */
export interface Position {
  /** Bytes of the file that were taken in so far. */
  bytes: number;
  /** Lines that came out of them. */
  lines: number;
}

/** More than the longest record takes, so that a file without lines fills no memory. */
const MAX_LINE_BYTES = 256 * 1024;
const NEWLINE = 10;

/**
 * The lines in order, counted in `position` before they are given.
 * @throws {SyntaxError} where the file is damaged, or a line has no end
 */
export async function* linesOf(chunks: Chunks, position: Position): AsyncGenerator<string> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  const head = first.done ? new Uint8Array() : first.value;
  // By its first bytes and not by its name.
  const packed = head[0] === 0x1f && head[1] === 0x8b;
  const file = ReadableStream.from(counted(first, iterator, position));
  const plain = packed ? file.pipeThrough(new DecompressionStream("gzip")) : file;
  const lines = plain.pipeThrough(lineGuard()).pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  try {
    for await (const line of lines) {
      position.lines++;
      yield line;
    }
  } catch (error) {
    // Deno tells of every fault with a TypeError, and a cut file is to it a wrong checksum.
    if (!packed || !(error instanceof TypeError)) throw error;
    const at = `at about byte ${position.bytes}, after line ${position.lines}`;
    throw new SyntaxError(`it is cut off or damaged ${at}`, { cause: error });
  }
}

async function* counted(
  first: IteratorResult<Uint8Array<ArrayBuffer>>,
  rest: AsyncIterator<Uint8Array<ArrayBuffer>>,
  position: Position,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  try {
    for (let next = first; !next.done; next = await rest.next()) {
      position.bytes += next.value.length;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}

/** Lets everything through, and stops what has no ends of lines before it fills the memory. */
function lineGuard(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let [length, line] = [0, 1];
  return new TransformStream({
    transform(chunk, controller) {
      for (let at = 0; at < chunk.length;) {
        const end = chunk.indexOf(NEWLINE, at);
        length += (end < 0 ? chunk.length : end) - at;
        if (length > MAX_LINE_BYTES) {
          const what = line === 1
            ? "it is no backup of tapewatch: its first line"
            : `line ${line}:`;
          throw new SyntaxError(`${what} is longer than ${MAX_LINE_BYTES / 1024} kB`);
        }
        if (end < 0) break;
        at = end + 1;
        length = 0;
        line++;
      }
      controller.enqueue(chunk);
    },
  });
}
