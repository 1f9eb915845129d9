/**
 * The members whom the owner invited and the groups that were allowed, kept in the store.
 * Of an invitation only the hash of its token is kept: who reads the file cannot use it.
 */
import type { Invite, User, UserList, Users } from "../../reply/users.ts";
import type { Store } from "../../store/mod.ts";
import type { Members } from "./guard.ts";

type Records = Pick<Store["records"], "get" | "set" | "delete" | "list" | "commit">;

export interface MemberBookOptions {
  readonly records: Records;
  /** The owner's first. */
  readonly allowedUsers: readonly number[];
  readonly now: () => number;
  /** The link that brings a token; `null` while the bot is not up. */
  readonly link: (token: string) => string | null;
}

const INVITE_MS = 24 * 3_600_000;
const TOKEN_BYTES = 16;

const MEMBERS = 200;
const GROUPS = 50;
const INVITES = 20;

const USER = "user";
const GROUP = "group";
const INVITE = "invite";

export class MemberBook implements Members {
  readonly #options: MemberBookOptions;
  /** Id to the time of joining. */
  readonly #users = new Map<number, number>();
  readonly #groups = new Set<number>();
  #refusals = 0;
  /** Changes come one after the other: an invitation lets in one. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: MemberBookOptions) {
    this.#options = options;
  }

  /** The book with what is stored. */
  static async open(options: MemberBookOptions): Promise<MemberBook> {
    const book = new MemberBook(options);
    for await (const { key, value } of options.records.list([USER])) {
      book.#users.set(Number(key[1]), typeof value === "number" ? value : 0);
    }
    for await (const { key } of options.records.list([GROUP])) book.#groups.add(Number(key[1]));
    return book;
  }

  has(userId: number): boolean {
    return this.#users.has(userId);
  }

  allows(groupId: number): boolean {
    return this.#groups.has(groupId);
  }

  refused(): void {
    this.#refusals++;
  }

  redeem(token: string, userId: number): Promise<boolean> {
    return this.#inTurn(async () => {
      const { records, now } = this.#options;
      const key = [INVITE, await hashOf(token)];
      const untilMs = await records.get(key);
      if (typeof untilMs !== "number" || untilMs <= now()) return false;
      if (this.#users.size >= MEMBERS) return false;
      // Together: an invitation is not used up by who was not let in.
      await records.commit("a member", [
        { key, value: undefined },
        { key: [USER, String(userId)], value: now() },
      ]);
      this.#users.set(userId, now());
      return true;
    });
  }

  async moved(fromId: number, toId: number): Promise<boolean> {
    const { records, now } = this.#options;
    // Before anything is awaited: the next update may be a question there.
    if (!this.#groups.delete(fromId)) return false;
    this.#groups.add(toId);
    await this.#inTurn(() =>
      records.commit("a group's new id", [
        { key: [GROUP, String(fromId)], value: undefined },
        { key: [GROUP, String(toId)], value: now() },
      ])
    );
    return true;
  }

  /** What the owner's command sees, asked in this group or in none. */
  users(groupId: number | null): Users {
    return {
      groupId,
      list: () => this.#list(),
      invite: () => this.#inTurn(() => this.#invite()),
      remove: (id) => this.#inTurn(() => id < 0 ? this.#removeGroup(id) : this.#removeUser(id)),
      allow: (id) => this.#inTurn(() => this.#allow(id)),
    };
  }

  async #list(): Promise<UserList> {
    const [ownerId = null, ...configured] = this.#options.allowedUsers;
    const members = configured.map((id): User => ({ id, from: "configured", sinceMs: null }));
    for (const [id, sinceMs] of this.#users) members.push({ id, from: "invited", sinceMs });
    return {
      ownerId,
      members,
      groups: [...this.#groups],
      invitesUntilMs: await this.#openInvites(),
      refusals: this.#refusals,
    };
  }

  async #openInvites(): Promise<number[]> {
    const open: number[] = [];
    for await (const { value } of this.#options.records.list([INVITE])) {
      if (typeof value === "number" && value > this.#options.now()) open.push(value);
    }
    return open.sort((a, b) => a - b);
  }

  async #invite(): Promise<Invite | "full"> {
    const { records, now, link } = this.#options;
    if ((await this.#openInvites()).length >= INVITES) return "full";
    const token = tokenText(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
    const url = link(token);
    const untilMs = now() + INVITE_MS;
    if (url !== null) await records.set([INVITE, await hashOf(token)], untilMs, INVITE_MS);
    return { link: url, untilMs };
  }

  async #removeUser(id: number): Promise<"removed" | "absent" | "configured"> {
    if (this.#options.allowedUsers.includes(id)) return "configured";
    if (!this.#users.has(id)) return "absent";
    await this.#options.records.delete([USER, String(id)]);
    this.#users.delete(id);
    return "removed";
  }

  async #removeGroup(id: number): Promise<"removed" | "absent"> {
    if (!this.#groups.has(id)) return "absent";
    await this.#options.records.delete([GROUP, String(id)]);
    this.#groups.delete(id);
    return "removed";
  }

  async #allow(id: number): Promise<"allowed" | "held" | "full"> {
    if (this.#groups.has(id)) return "held";
    if (this.#groups.size >= GROUPS) return "full";
    await this.#options.records.set([GROUP, String(id)], this.#options.now());
    this.#groups.add(id);
    return "allowed";
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#last.then(change);
    this.#last = done.catch(() => {});
    return done;
  }
}

async function hashOf(token: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** base64url, the letters that a link's `start` may have. */
function tokenText(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}
