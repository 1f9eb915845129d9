// This module is pure.
/** `/users`: whom the bot answers; the owner lists, invites, removes and allows groups. */
import type { Command, Reply } from "../lib/reply/command.ts";
import { bold, clean, echo, escape, pre } from "../lib/reply/html.ts";
import { table } from "../lib/reply/table.ts";
import { clockAndDay } from "../lib/reply/times.ts";
import type { UserList, Users } from "../lib/reply/users.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { OWNER_ONLY } from "./_account.ts";

const VERBS = ["invite", "remove", "allow"];
const SHOWN = 40;

export const users: Command = {
  name: "users",
  usage: "[invite|remove ID|allow [GROUP]]",
  description: "Whom the bot answers (owner only)",
  changes: true,
  details: [
    "/users invite makes a link that lets in the first who opens it, once, within 24 h.",
    "/users remove 12345 takes out a member, with a negative id a group.",
    "/users allow, written in a group, lets members ask there.",
  ],
  async run({ words, asker, users, desk, source }) {
    const [verb = "", id = ""] = words;
    const inGroup = verb.toLowerCase() === "allow" && id === "";
    if (!asker.owner || (!asker.privateChat && !inGroup)) return OWNER_ONLY;
    if (!users) return said("There is no list of users here: no bot is running", "none");
    const zone = await zoneOf({ asker, desk });
    switch (verb.toLowerCase()) {
      case "":
        return listed(await users.list(), source.nowMs(), zone);
      case "invite":
        return await invited(users, source.nowMs(), zone);
      case "remove":
        return await removed(users, id);
      case "allow":
        return await allowed(users, id);
      default:
        return {
          html: `No <b>${echo(verb)}</b> here: ${VERBS.join(", ")}, or nothing for the list`,
          data: { problem: { kind: "verb", typed: clean(verb), nearest: VERBS } },
        };
    }
  },
};

function said(html: string, outcome: string): Reply {
  return { html, data: { outcome } };
}

function listed(list: UserList, nowMs: number, zone: Zone): Reply {
  const rows = list.members.slice(0, SHOWN).map(({ id, from, sinceMs }) => [
    String(id),
    from,
    sinceMs === null ? "" : clockAndDay(sinceMs, nowMs, zone),
  ]);
  const left = list.members.length - rows.length;
  const lines = [
    bold("Users"),
    list.ownerId === null
      ? "No owner: TELEGRAM_ALLOWED_USERS is empty, so nobody is answered"
      : `Owner ${list.ownerId}`,
    ...(rows.length === 0 ? ["No member"] : [pre(table(["member", "", "since"], rows))]),
    ...(left > 0 ? [`and ${left} more`] : []),
    ...(list.groups.length === 0 ? [] : [`Groups: ${list.groups.join(", ")}`]),
    ...list.invitesUntilMs.map((untilMs) =>
      `An invitation is open until ${clockAndDay(untilMs, nowMs, zone)} ${escape(zone.label)}`
    ),
    `${list.refusals} refusals since the start`,
  ];
  return {
    html: lines.join("\n"),
    data: { ...list },
    buttons: [[{ label: "Invite", ask: "/users invite" }, { label: "Refresh", ask: "/users" }]],
  };
}

async function invited(users: Users, nowMs: number, zone: Zone): Promise<Reply> {
  const invite = await users.invite();
  if (invite === "full") return said("Too many invitations are open: let them expire", "full");
  const { link, untilMs } = invite;
  if (link === null) return said("The bot is not up yet: try again in a moment", "down");
  return {
    html: `${escape(link)}\nLets in the first who opens it and presses Start, once, until ${
      clockAndDay(untilMs, nowMs, zone)
    } ${escape(zone.label)}. Send it to one person`,
    data: { link, untilMs },
  };
}

function idIn(text: string): number | null {
  return /^-?\d{1,16}$/.test(text) && Number(text) !== 0 ? Number(text) : null;
}

async function removed(users: Users, typed: string): Promise<Reply> {
  const id = idIn(typed);
  if (id === null) return said("Whom? Give the id, as in /users remove 12345", "id");
  const outcome = await users.remove(id);
  switch (outcome) {
    case "removed":
      return said(`${id} is out`, outcome);
    case "absent":
      return said(`${id} was not in`, outcome);
    case "configured":
      return said(`${id} stands in TELEGRAM_ALLOWED_USERS: take it out there`, outcome);
  }
}

async function allowed(users: Users, typed: string): Promise<Reply> {
  const id = typed === "" ? users.groupId : idIn(typed);
  if (id === null || id >= 0) {
    return said("Write /users allow in the group, or give its negative id", "id");
  }
  const outcome = await users.allow(id);
  switch (outcome) {
    case "allowed":
      return said("Members may ask in this group from now on", outcome);
    case "held":
      return said("Members may ask in this group already", outcome);
    case "full":
      return said("Too many groups: take one out with /users remove", outcome);
  }
}
