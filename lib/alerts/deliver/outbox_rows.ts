// This module is pure.
/** What the outbox keeps, and how it is read back. */
import { isRecord } from "../run/armed.ts";
import { isItem, type Item } from "./firing.ts";

/**
 * `["outbox", person, id]` → an item that waits. `["outgoing", person]` → the message that
 * goes out next or now. `["outbox-shut", person]` → why nothing goes out.
 */
export const WAITING = "outbox";
export const OUTGOING = "outgoing";
export const SHUT = "outbox-shut";

/** Items that were put into one message; there is one of a person at a time. */
export type Outgoing = {
  readonly items: readonly Item[];
  /** `sending`: a call may be under way, or was when the process ended. */
  readonly state: "ready" | "sending";
  /** An earlier call may have arrived: this one says so. */
  readonly repeat: boolean;
  /** The process that sends it, and since when. */
  readonly by: string;
  readonly sinceMs: number;
};

export function isOutgoing(value: unknown): value is Outgoing {
  return isRecord(value) && Array.isArray(value.items) && value.items.every(isItem) &&
    (value.state === "ready" || value.state === "sending") &&
    typeof value.repeat === "boolean" && typeof value.by === "string" &&
    typeof value.sinceMs === "number";
}

/** `tg:42` → 42; `null` for somebody who has no chat. */
export function chatOf(person: string): number | null {
  const match = /^tg:(\d{1,15})$/.exec(person);
  return match ? Number(match[1]) : null;
}
