/** Reads the recordings of other projects (see `tests/shared_data.ts`) into plain frames. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { SHARED_DATA } from "../shared_data.ts";

/** The text of a recording, unpacked by the ending of its name. */
export function readText(name: string): string {
  const bytes = readFileSync(SHARED_DATA + name);
  if (name.endsWith(".gz")) return gunzipSync(bytes).toString("utf8");
  if (name.endsWith(".zst")) return zstdDecompressSync(bytes).toString("utf8");
  return bytes.toString("utf8");
}

/** The names in a folder of the recordings. */
export function namesIn(folder: string): string[] {
  return existsSync(SHARED_DATA + folder) ? readdirSync(SHARED_DATA + folder).sort() : [];
}

/** The lines of a recording, without empty ones. */
export function linesOf(name: string): string[] {
  return readText(name).split("\n").filter((line) => line.trim() !== "");
}

/** hftbacktest: `<local ns> <message>`; one line is a REST snapshot of the book. */
export function hftbacktestFrames(name: string): string[] {
  return linesOf(name).map((line) => line.slice(line.indexOf(" ") + 1));
}

/** cryptofeed, first format: `<local s>: <message>` among lines of other shapes. */
export function cryptofeedLogFrames(name: string): string[] {
  return linesOf(name).flatMap((line) => {
    const match = /^\d+\.\d+: (.*)$/.exec(line);
    return match?.[1] === undefined ? [] : [match[1]];
  });
}

interface CryptofeedRow {
  readonly t: string;
  readonly conn?: string;
  readonly url?: string;
  readonly data?: string;
}

/** cryptofeed, second format: NDJSON; `conn` tells the sockets apart. */
export function cryptofeedFrames(name: string, conn?: string): string[] {
  return cryptofeedRows(name)
    .filter((row) => row.t === "recv" && (conn === undefined || row.conn === conn))
    .map((row) => row.data ?? "");
}

/** The recorded REST reply whose URL holds `part`. */
export function cryptofeedReply(name: string, part: string): unknown {
  const row = cryptofeedRows(name).find((row) => row.t === "http" && row.url?.includes(part));
  if (row?.data === undefined) throw new RangeError(`No reply of ${part} in ${name}`);
  return JSON.parse(row.data);
}

function cryptofeedRows(name: string): CryptofeedRow[] {
  return linesOf(name).map((line): CryptofeedRow => JSON.parse(line));
}

/** Fixtures of JKorf's clients: `>` sent, `<` ack, `=` push, the ids as placeholders. */
export function jkorfFrames(name: string): { acks: string[]; pushes: string[] } {
  const blocks = readText(name).replaceAll("\r", "").split(/^(?=[><=]\d?\s)/m);
  const bodies = (mark: string) =>
    blocks.filter((block) => block.startsWith(mark))
      .map((block) => block.replace(/^[><=]\d?\s+/, "").replace(/"?\|(\*|id|\d)\|"?/g, "1"));
  return { acks: bodies("<"), pushes: bodies("=") };
}

/** The reply of a REST fixture of JKorf's: line 1 method, 2 path, 3 signed, then the body. */
export function jkorfReply(name: string): unknown {
  return JSON.parse(readText(name).split("\n").slice(3).join("\n"));
}
