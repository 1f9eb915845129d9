import { deepEqual, equal, match, ok } from "../assert.ts";
import type { Balance } from "../../lib/account/types.ts";
import { askAccounts, failed, STRANGERS, told } from "./accounts.ts";

const SPOT: Balance = {
  ...{ equityUsd: 61_200.5, freeUsd: 50_000, unrealizedUsd: null },
  assets: [
    { asset: "BTC", total: 0.6, free: 0.5, valueUsd: 54_000 },
    { asset: "<b>&A\u202E", total: 1, free: null, valueUsd: null },
  ],
  remarks: ["<b> without a dollar price: in no sum"],
};
const BYBIT: Balance = {
  ...{ equityUsd: 700.25, freeUsd: null, unrealizedUsd: -12.5, assets: [], remarks: [] },
};

Deno.test("equity, free and open profit stand by account and in sum; unknown is left out", async () => {
  const balances = [told("binance-spot", SPOT), told("bybit", BYBIT)];
  const { text, data } = await askAccounts("/balance", { balances });
  match(text, /Equity 61,900\.8 USD\n/);
  match(text, /binance-spot +61\.2k +50\.0k +—/);
  match(text, /bybit +700 +— +−12\.5/);
  match(text, /sum +61\.9k +50\.0k +−12\.5/);
  match(text, /^2\/2 accounts read$/m);
  const { sum, accounts } = data as { sum: unknown; accounts: unknown[] };
  deepEqual(sum, { equityUsd: 61_900.75, freeUsd: 50_000, unrealizedUsd: -12.5 });
  equal(accounts.length, 2);
});

Deno.test("names from the venue are printed without markup or direction marks", async () => {
  const { html } = await askAccounts("/balance", { balances: [told("binance-spot", SPOT)] });
  match(html, /&lt;b&gt;&amp;A spot/);
  ok(!html.includes("\u202E"));
});

Deno.test("an account that refuses is told with its fix, and the sum says what it is of", async () => {
  const balances = [told("bybit", BYBIT), failed("binance-perp", "the key is <wrong>")];
  const { html } = await askAccounts("/balance", { balances });
  match(html, /USD of the accounts read/);
  match(html, /⚠ binance-perp: the key is &lt;wrong&gt;/);
  match(html, /1\/2 accounts read/);
  const none = await askAccounts("/balance", { balances: [failed("bybit", "no")] });
  match(none.text, /Equity — USD/);
});

Deno.test("everybody but the owner in private gets the same refusal from every account command", async () => {
  const answers = new Set<string>();
  for (const asker of STRANGERS) {
    for (
      const text of [
        "/balance",
        "/positions",
        "/pnl 7d",
        "/pnl nonsense",
        "/users",
        "/users invite",
      ]
    ) {
      for (const given of [null, { balances: [told("bybit", BYBIT)] }]) {
        answers.add((await askAccounts(text, given, {}, asker)).html);
      }
    }
  }
  equal(answers.size, 1);
  match([...answers].join(), /Only the owner/);
});

Deno.test("without keys the owner is told which to set", async () => {
  match((await askAccounts("/balance", null)).text, /BYBIT_API_KEY/);
});
