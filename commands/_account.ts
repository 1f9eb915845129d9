// This module is pure.
/** What the account commands share: who may see them, and how accounts that fail are told. */
import type { AccountDesk, Report } from "../lib/account/types.ts";
import type { Ask, Reply } from "../lib/reply/command.ts";
import { echo, escape } from "../lib/reply/html.ts";

/** The same for everybody and every such command: it tells nothing of what there is. */
export const OWNER_ONLY: Reply = {
  html: "Only the owner sees this: in a private chat with the bot, or with the API token",
  data: { problem: { kind: "owner" } },
};

const NO_KEYS: Reply = {
  html: "No account is connected: set BINANCE_API_KEY and BINANCE_API_SECRET, or BYBIT_API_KEY " +
    "and BYBIT_API_SECRET, of a <b>read-only</b> key",
  data: { problem: { kind: "keys" } },
};

/** The accounts for whoever may see them, else the reply that says why not. */
export function accountFor(
  asker: Ask["asker"],
  account: Ask["account"],
): { readonly desk: AccountDesk } | { readonly refusal: Reply } {
  if (!asker.owner || !asker.privateChat) return { refusal: OWNER_ONLY };
  return account ? { desk: account } : { refusal: NO_KEYS };
}

/** `bybit: this machine's address is not on the key's IP list: …` */
export function faultLines(reports: readonly Report<unknown>[]): string[] {
  // An unknown code of the venue comes with the venue's words: text from outside.
  return reports.flatMap(({ account, fault }) =>
    fault === null ? [] : [`⚠ ${escape(account)}: ${echo(fault)}`]
  );
}

/** The line that the reply stands on: `2/3 accounts read`. */
export function accountTrust(reports: readonly Report<unknown>[]): string {
  const read = reports.filter(({ fault }) => fault === null).length;
  return `${read}/${reports.length} accounts read`;
}

/** Remarks of all accounts, each under its name. */
export function remarkLines(
  reports: readonly Report<{ readonly remarks: readonly string[] }>[],
): string[] {
  return reports.flatMap(({ account, value }) =>
    (value?.remarks ?? []).map((remark) => `${escape(account)}: ${echo(remark)}`)
  );
}

/** The sum of what is known; `null` where nothing is. */
export function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
