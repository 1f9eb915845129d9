/**
 * Recorded frames of the three recorder formats that are in use, plain, gzip or zstd:
 *
 * - nanosecond lines: `1723161255088176367 {"stream":"btcusdt@trade","data":{…}}`
 * - timed lines: `1617647798.37: {…}`, with `wss://… <-> time` for the connection
 * - NDJSON with `t` = header | connect | send | recv | http and the frame text in `data`
 */
import type { Collector } from "../../market/collector.ts";
// @ts-types="./std_streams.d.ts"
import { TextLineStream } from "@std/streams/text_line_stream";

export interface RecordedFrame {
  /** The recorder's clock. */
  readonly localMs: number;
  /** The connection that it came by: coverage is per connection. */
  readonly connection: string;
  readonly collector: Collector;
  readonly text: string;
}

/** A line as read, before its venue is known. */
interface RawFrame {
  readonly localMs: number;
  readonly connection: string;
  /** The socket's URL, where the recording tells it. */
  readonly url: string | null;
  readonly text: string;
}

/** So many frames may pass before a recording without URLs must have shown its venue. */
const SNIFF_FRAMES = 5_000;

/**
 * The frames of a recording in order. Connections to venues that we do not collect are
 * left out and named through `skipped`.
 * @throws {SyntaxError} where the format or the venue cannot be told
 */
export async function* readRecording(
  path: string,
  collectors: readonly Collector[],
  venue: string | null,
  skipped: (what: string) => void,
): AsyncGenerator<RecordedFrame> {
  const forced = collectors.find((collector) => collector.venue === venue);
  const byConnection = new Map<string, Collector | null>();
  let waiting: RawFrame[] = [];
  for await (const frame of rawFrames(path)) {
    let collector = forced ?? byConnection.get(frame.connection);
    if (collector === undefined) {
      if (frame.url !== null) {
        collector = byUrl(frame.url, collectors);
        if (!collector) skipped(`${frame.url.slice(0, 80)}: no such venue here`);
      } else {
        waiting.push(frame);
        collector = collectors.find((one) => one.recognises?.(frame.text));
        if (!collector && waiting.length < SNIFF_FRAMES) continue;
        if (!collector) break;
      }
      byConnection.set(frame.connection, collector ?? null);
      if (collector) {
        for (const early of waiting) yield { ...early, collector };
        const replayed = waiting.length > 0;
        waiting = [];
        if (replayed) continue;
      }
    }
    if (collector) yield { ...frame, collector };
  }
  if (waiting.length > 0) {
    const names = collectors.map((collector) => collector.venue).join(", ");
    throw new SyntaxError(
      `Cannot tell the venue of ${path} from its frames: name it with --venue (${names})`,
    );
  }
}

/** The venue whose host and path a socket URL has; the path decides where a host serves two. */
function byUrl(url: string, collectors: readonly Collector[]): Collector | undefined {
  const { hostname, pathname } = new URL(url);
  const sameHost = collectors.filter((one) => new URL(one.ws).hostname === hostname);
  if (sameHost.length <= 1) return sameHost[0];
  return sameHost.find((one) => one.routes.some((route) => pathname.startsWith(route.path)));
}

async function* rawFrames(path: string): AsyncGenerator<RawFrame> {
  const urls = new Map<string, string>();
  let number = 0;
  for await (const line of lines(path)) {
    number++;
    if (line === "") continue;
    const frame = readLine(line, urls);
    if (frame === "unknown") {
      const clipped = line.slice(0, 80);
      throw new SyntaxError(`Cannot read ${path} line ${number}, no known format: ${clipped}`);
    }
    if (frame) yield frame;
  }
}

/** A frame, or `null` for a line that is the recorder's own. */
function readLine(line: string, urls: Map<string, string>): RawFrame | null | "unknown" {
  const nanos = /^(\d{19}) (?=[[{])/.exec(line);
  if (nanos?.[1] !== undefined) {
    const localMs = Number(nanos[1].slice(0, 13));
    return { localMs, connection: "", url: null, text: line.slice(20) };
  }
  if (line.startsWith('{"t":')) return readNdjson(line, urls);
  const timed = /^(\d{9,10}(?:\.\d+)?): /.exec(line);
  if (timed?.[1] !== undefined) {
    const localMs = Number(timed[1]) * 1000;
    return {
      localMs,
      connection: "",
      url: urls.get("") ?? null,
      text: line.slice(timed[0].length),
    };
  }
  const connected = /^(wss?:\/\/\S+) <-> /.exec(line);
  if (connected?.[1] !== undefined) {
    urls.set("", connected[1]);
    return null;
  }
  const own = /^(configuration: |https?:\/\/\S+ -> |wss?:\/\/\S+ <?-)/.test(line);
  return own ? null : "unknown";
}

function readNdjson(line: string, urls: Map<string, string>): RawFrame | null | "unknown" {
  const row: unknown = JSON.parse(line);
  if (typeof row !== "object" || row === null) return "unknown";
  const { t, ts, conn, addr, data } = row as Record<string, unknown>;
  const connection = typeof conn === "string" ? conn : "";
  if (typeof addr === "string") urls.set(connection, addr);
  if (t !== "recv") return typeof t === "string" ? null : "unknown";
  if (typeof ts !== "number" || typeof data !== "string") return "unknown";
  return { localMs: ts * 1000, connection, url: urls.get(connection) ?? null, text: data };
}

/** The lines of a file, unpacked by its first bytes and not by its name. */
async function* lines(path: string): AsyncGenerator<string> {
  const magic = new Uint8Array(4);
  {
    using file = await Deno.open(path);
    await file.read(magic);
  }
  // Loaded here: in a bundle, what stands at the top of a file is loaded by every run.
  const { createReadStream } = await import("node:fs");
  const { createGunzip, createZstdDecompress } = await import("node:zlib");
  const file = createReadStream(path);
  const unpacked = magic[0] === 0x1f && magic[1] === 0x8b
    ? file.pipe(createGunzip())
    : magic[0] === 0x28 && magic[1] === 0xb5
    ? file.pipe(createZstdDecompress())
    : file;
  // A fault of the file must reach the reader, which only watches the last stage.
  if (unpacked !== file) file.on("error", (error) => unpacked.destroy(error));
  const bytes: AsyncIterable<Uint8Array<ArrayBuffer>> = unpacked;
  yield* ReadableStream.from(bytes)
    .pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
}
