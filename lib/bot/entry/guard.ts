/** Who may ask, where, and how often. */
import { Rates } from "./rate.ts";

/** Those who may ask beside the configured ones, and the groups to ask in. */
export interface Members {
  has(userId: number): boolean;
  allows(groupId: number): boolean;
  /** Somebody was refused, told or not. */
  refused(): void;
  /** Lets a stranger in who brings an open invitation; whether it was one. */
  redeem(token: string, userId: number): Promise<boolean>;
  /** A group has a new id; whether it was allowed and so still is, from the call on. */
  moved(fromId: number, toId: number): Promise<boolean>;
}

/** Nobody but the configured users, who may ask in any group. */
export const NO_MEMBERS: Members = {
  has: () => false,
  allows: () => true,
  refused: () => {},
  redeem: () => Promise.resolve(false),
  moved: () => Promise.resolve(false),
};

/** Who asks, and where. */
export interface Visit {
  readonly userId: number | undefined;
  readonly chatId: number;
  readonly privateChat: boolean;
  /** What the owner must be able to do anywhere, or no group could ever be allowed. */
  readonly managing: boolean;
}

/**
 * `refuse`: a stranger, who is told so once in a UTC day. `group`: a member in a group that
 * is not allowed, told as rarely. `slow`: too often, told once until it is less. `ignore`:
 * any of these, told already.
 */
export type Verdict = "allow" | "refuse" | "group" | "slow" | "ignore";

const DAY_MS = 86_400_000;

/** Strangers and groups remembered in a day; beyond it nobody new is told anything. */
const TOLD = 1000;

/** Telegram takes about a message a second in a chat: more could not be answered anyhow. */
const ASKED = { burst: 30, perMinute: 60 };

/** Nobody guesses an invitation, but each try is a look into the store. */
const REDEEMED = { burst: 5, perMinute: 1 };

export class Guard {
  readonly #allowed: ReadonlySet<number>;
  readonly #ownerId: number | undefined;
  readonly #members: Members;
  readonly #rates = new Rates(ASKED);
  readonly #tries = new Rates(REDEEMED);
  /** Users who were told to slow down, until they are allowed again. */
  readonly #slowed = new Set<number>();
  readonly #told = new Set<number>();
  #day = 0;

  /** The owner's id stands first; an empty list is nobody. */
  constructor(allowedUsers: readonly number[], members: Members = NO_MEMBERS) {
    this.#allowed = new Set(allowedUsers);
    this.#ownerId = allowedUsers[0];
    this.#members = members;
  }

  /** @param nowMs the wall clock; `steadyMs` a monotonic one */
  judge(visit: Visit, nowMs: number, steadyMs: number): Verdict {
    const { userId, chatId, privateChat, managing } = visit;
    if (userId === undefined) return "ignore";
    if (!this.knows(userId)) return this.#tell(userId, "refuse", nowMs);
    const owning = managing && userId === this.#ownerId;
    if (!privateChat && !owning && !this.#members.allows(chatId)) {
      return this.#tell(chatId, "group", nowMs);
    }
    if (this.#rates.take(userId, steadyMs)) {
      this.#slowed.delete(userId);
      return "allow";
    }
    if (this.#slowed.has(userId)) return "ignore";
    this.#slowed.add(userId);
    return "slow";
  }

  /** Whether this user may ask at all. */
  knows(userId: number): boolean {
    return this.#allowed.has(userId) || this.#members.has(userId);
  }

  /** Whether a stranger may try an invitation now. */
  mayRedeem(userId: number, steadyMs: number): boolean {
    return this.#tries.take(userId, steadyMs);
  }

  #tell(id: number, verdict: "refuse" | "group", nowMs: number): Verdict {
    this.#members.refused();
    const day = Math.floor(nowMs / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#told.clear();
    }
    if (this.#told.has(id) || this.#told.size >= TOLD) return "ignore";
    this.#told.add(id);
    return verdict;
  }
}

/** The token of an invitation's link, which Telegram makes `/start <token>` of. */
export function invitationIn(text: string): string | null {
  return /^\/start(?:@\w+)?\s+([\w-]{16,64})\s*$/.exec(text)?.[1] ?? null;
}

/** Whether a text asks for `/users`, which the owner may in any group. */
export function isManaging(text: string): boolean {
  return /^\/users(?:@\w+)?(?:\s|$)/i.test(text);
}
