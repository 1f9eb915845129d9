// This module is pure.
/** A rule that cannot be evaluated says so once, and again after it could be. */
import type { Armed } from "./armed.ts";

/** So long nothing can be read before it is told. */
const BLIND_MS = 5 * 60_000;

/** Something could be read. */
export function sees(armed: Armed): void {
  armed.blindSinceMs = null;
  if (!armed.blindTold) return;
  armed.blindTold = false;
  armed.dirty = true;
}

/** Nothing could be read; whether that is to be told now. */
export function lacks(armed: Armed, nowMs: number): boolean {
  armed.blindSinceMs ??= nowMs;
  if (armed.blindTold || nowMs - armed.blindSinceMs < BLIND_MS) return false;
  armed.blindTold = true;
  armed.dirty = true;
  return true;
}
