/** What both sides of a handover need. */
import type { Log } from "../../log.ts";
import type { Lease } from "../../store/mod.ts";
import type { Handed } from "../../tape/handover/handed.ts";
import type { DataLock } from "./data_lock.ts";

export interface LeaseholdOptions {
  readonly lease: Lease;
  /** None where the data is not on this machine: then only time tells who is gone. */
  readonly lock: (Pick<DataLock, "take"> & Disposable) | null;
  readonly handed: Handed;
  /** Where the data is, for messages. */
  readonly place: string;
  readonly nowMs: () => number;
  /** Ends early, without an error, when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

/** How often the row is looked at while something is under way. */
export const CLOSE_LOOK_MS = 100;
