/** Stores in memory and the text of their backups. */
import fc from "fast-check";
import type { Bucket } from "../../../lib/market/bucket.ts";
import { Exporter } from "../../../lib/store/backup/export.ts";
import { BackupReader } from "../../../lib/store/backup/read.ts";
import { Restorer } from "../../../lib/store/backup/restore.ts";
import { Store } from "../../../lib/store/mod.ts";
import { anyBucket, NOW_MS } from "../support.ts";

/** As the app keeps out what a backup must not hold. */
export const keeps = ([kind]: readonly string[]): boolean => kind !== "secret";

export function openMemory(nowMs = NOW_MS): Promise<Store> {
  return Store.open({ path: ":memory:", retentionHours: 72, nowMs: () => nowMs });
}

export async function textOf(store: Store, nowMs = NOW_MS): Promise<string> {
  const exporter = new Exporter({ store, app: "0.0.0", nowMs, keeps });
  return (await Array.fromAsync(exporter.text())).join("");
}

export function chunksOf(
  bytes: Uint8Array<ArrayBuffer>,
  size = 1000,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  function* cut() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  return ReadableStream.from(cut());
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

export async function packed(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = chunksOf(bytesOf(text)).pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Reads it to its end; what is wrong with it as a text, or `null`. */
export async function faultOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  try {
    await Array.fromAsync(new BackupReader({ nowMs: NOW_MS, keeps }).rows(chunksOf(bytes)));
    return null;
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

export async function restore(store: Store, text: string): Promise<Restorer["restored"]> {
  const reader = new BackupReader({ nowMs: NOW_MS, keeps });
  const restorer = new Restorer(store);
  for await (const row of reader.rows(chunksOf(bytesOf(text)))) await restorer.put(row);
  await restorer.finish();
  return restorer.restored;
}

/** Any bucket that holds only numbers: what else a double can be is told as unknown. */
export function anyKnownBucket(t: number): fc.Arbitrary<Bucket> {
  const finite = (value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? null : value;
  return anyBucket(t).map((bucket) => {
    const held = Object.entries(bucket).map(([name, value]) => [name, finite(value)]);
    const { coverageMs, imbalanceSamples } = bucket;
    return {
      ...bucket,
      ...Object.fromEntries(held),
      coverageMs: Number.isFinite(coverageMs) ? Math.abs(coverageMs) : 0,
      imbalanceSamples: Number.isFinite(imbalanceSamples) ? Math.abs(imbalanceSamples) : 0,
    };
  });
}
