/** Accounts for tests of the commands: what they answer is given, and nothing is asked. */
import type {
  AccountDesk,
  AccountName,
  Balance,
  Pnl,
  Position,
  Report,
} from "../../lib/account/types.ts";
import { commands } from "../../commands/mod.ts";
import { type Answer, answer } from "../../lib/reply/answer.ts";
import type { Asker } from "../../lib/reply/command.ts";
import { fakeSource, type FakeSourceOptions, NOW_MS } from "../market/fake_source.ts";
import { ASKER, setting } from "./setting.ts";
import { assertSound } from "./sound.ts";

export const STRANGERS: readonly Asker[] = [
  { id: "tg:7", owner: false, privateChat: true },
  { id: "tg:1", owner: true, privateChat: false },
  { id: "tg:7", owner: false, privateChat: false },
  { id: "local", owner: false, privateChat: true },
];

export interface FakeAccounts {
  readonly balances?: readonly Report<Balance>[];
  readonly positions?: readonly Report<readonly Position[]>[];
  readonly pnl?: readonly Report<Pnl>[];
}

export function fakeAccounts({ balances = [], positions = [], pnl = [] }: FakeAccounts) {
  const desk: AccountDesk = {
    names: ["binance-spot", "binance-perp", "bybit"],
    balances: () => Promise.resolve(balances),
    positions: () => Promise.resolve(positions),
    pnl: () =>
      Promise.resolve({ span: { fromMs: NOW_MS - 3_600_000, toMs: NOW_MS }, reports: pnl }),
    keyWarnings: () => Promise.resolve([]),
  };
  return desk;
}

export function told<T>(account: AccountName, value: T): Report<T> {
  return { account, value, fault: null };
}

export function failed(account: AccountName, fault: string): Report<never> {
  return { account, value: null, fault };
}

export async function askAccounts(
  text: string,
  given: FakeAccounts | null,
  options: FakeSourceOptions = {},
  asker: Asker = ASKER,
): Promise<Answer> {
  const account = given === null ? null : fakeAccounts(given);
  const source = fakeSource(options);
  const reply = await answer(text, { ...setting({ commands, source, asker }), account });
  assertSound(reply);
  return reply;
}
