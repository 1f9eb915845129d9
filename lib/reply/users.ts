// This module is pure.
/** What `/users` may ask of whoever keeps the list of those that the bot answers. */

// Type aliases: these values leave as JSON.

export type User = {
  readonly id: number;
  /** `configured`: TELEGRAM_ALLOWED_USERS names it, and only there it can be taken out. */
  readonly from: "configured" | "invited";
  readonly sinceMs: number | null;
};

export type UserList = {
  readonly ownerId: number | null;
  /** Without the owner. */
  readonly members: readonly User[];
  readonly groups: readonly number[];
  /** Invitations that nobody has used yet, by when they expire. */
  readonly invitesUntilMs: readonly number[];
  /** Refusals of others since the start, told or not. */
  readonly refusals: number;
};

export type Invite = {
  /** `https://t.me/<bot>?start=<token>`; `null` where the bot is not up. */
  readonly link: string | null;
  readonly untilMs: number;
};

/** For the owner alone: a command checks who asks before it calls any of these. */
export interface Users {
  /** The group that is asked in; `null` in a private chat and off Telegram. */
  readonly groupId: number | null;
  list(): Promise<UserList>;
  /** A link that lets in the first who opens it; `full` where too many wait already. */
  invite(): Promise<Invite | "full">;
  /** Takes out a member, or a group by its (negative) id. */
  remove(id: number): Promise<"removed" | "absent" | "configured">;
  /** Lets members ask in a group. */
  allow(groupId: number): Promise<"allowed" | "held" | "full">;
}
