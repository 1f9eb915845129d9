/** What every subcommand opens: the log, the data folder, the store, the way to a running service. */
import type { Config } from "../config.ts";
import { createLog, type Log } from "../log.ts";
import { Store, StoreOpenError, StoreWriteError } from "../store/mod.ts";
import { Refusal } from "./refusal.ts";

export function openLog(config: Config): Log {
  return createLog({ level: config.logLevel, secrets: config.secrets });
}

/** Where the running service answers. */
export function serviceUrl({ httpAddr: { hostname, port } }: Config): string {
  return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

export function storePath({ kvUrl, dataDir }: Config): string {
  return kvUrl ?? `${dataDir}/tapewatch.kv`;
}

/** @throws {Refusal} where it cannot be opened, with what to do about it */
export async function openStore(config: Config, path: string, nowMs = Date.now): Promise<Store> {
  if (config.kvUrl === null) ensureFolder(config.dataDir);
  try {
    // The head holds an hour and a half: what is older is read from rolled-up hours, which is cheaper.
    const keepMinuteHours = 1;
    return await Store.open({
      path,
      retentionHours: config.retentionHours,
      nowMs,
      keepMinuteHours,
    });
  } catch (error) {
    if (error instanceof StoreOpenError) throw new Refusal(error.message);
    throw error;
  }
}

/** What a start says that could not write; of any other fault, the fault itself. */
export function startFault(error: unknown, config: Config): unknown {
  if (!(error instanceof StoreWriteError)) return error;
  const place = config.kvUrl ?? `DATA_DIR=${config.dataDir}`;
  const isFull = error.fault === "disk low" || error.fault === "disk full";
  if (!isFull) return new Refusal(`Cannot start on ${place}: ${error.message}`);
  return new Refusal(
    `Cannot start on ${place}: its disk has no room left; free some 50 MB there, or name a ` +
      "folder on another disk",
  );
}

/** @throws {Refusal} where there is no such folder and none can be made */
export function ensureFolder(path: string): string {
  try {
    // The store tells who uses the service: what we make ourselves is for its user's eyes.
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`Cannot make DATA_DIR=${path}: ${reason}; name a folder you may write to`);
  }
}
