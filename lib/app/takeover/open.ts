/** Claims the data that a configuration names. */
import { sleep } from "../../bot/sleep.ts";
import type { Config } from "../../config.ts";
import type { Log } from "../../log.ts";
import { Lease, type Store } from "../../store/mod.ts";
import { handed } from "../../tape/handover/handed.ts";
import type { Tape } from "../../tape/tape.ts";
import { DataLock } from "./data_lock.ts";
import { Leasehold } from "./leasehold.ts";

export interface OpenLeasehold {
  readonly config: Config;
  readonly store: Store;
  readonly tape: Tape;
  readonly version: string;
  /** Follow a process that has the data, instead of refusing to start. */
  readonly takeover: boolean;
  readonly log: Log;
}

/**
 * `null` where the lifetime ended first. Give it back by disposing of it.
 * @throws {Refusal} where another process has the data
 */
export async function openLeasehold(
  { config, store, tape, version, takeover, log }: OpenLeasehold,
  signal: AbortSignal,
): Promise<Leasehold | null> {
  const { kvUrl, dataDir } = config;
  const nowMs = Date.now;
  const me = { id: crypto.randomUUID(), pid: Deno.pid, version };
  const lease = new Lease({ records: store.records, me, nowMs });
  const lock = kvUrl === null ? DataLock.open(dataDir) : null;
  const options = { lease, lock, handed: handed(tape), place: kvUrl ?? dataDir, nowMs, sleep, log };
  return await Leasehold.claim(options, takeover, signal);
}
