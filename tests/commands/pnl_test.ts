import { deepEqual, match } from "../assert.ts";
import { askAccounts, failed, told } from "./accounts.ts";

const PERP = { realizedUsd: 120.5, fundingUsd: -20.25, feesUsd: -10, remarks: [] };
const SPOT = { realizedUsd: 1000, fundingUsd: null, feesUsd: -5, remarks: ["by <trades>"] };

Deno.test("realised, funding and fees stand apart, and what a venue does not report is said", async () => {
  const pnl = [told("binance-spot", SPOT), told("binance-perp", PERP)];
  const { text, html, data } = await askAccounts("/pnl 7d", { pnl });
  match(text, /^P&L 7d · since 13:05 UTC\nNet \+1\.09k USD$/m);
  match(text, /binance-spot +\+1\.00k +— +−5/);
  match(text, /binance-perp +\+120 +−20\.3 +−10|binance-perp +\+121 +−20\.3 +−10/);
  match(text, /^binance-spot reports no funding$/m);
  match(html, /binance-spot: by &lt;trades&gt;/);
  const { range, sum } = data as { range: string; sum: unknown };
  deepEqual([range, sum], [
    "7d",
    { realizedUsd: 1120.5, fundingUsd: -20.25, feesUsd: -15, netUsd: 1085.25 },
  ]);
});

Deno.test("today is the range where none is given, and another one gets the three", async () => {
  match((await askAccounts("/pnl", { pnl: [told("bybit", PERP)] })).text, /^P&L today/);
  const { text, buttons } = await askAccounts("/pnl year", { pnl: [] });
  match(text, /No range year\. There are three: today 7d 30d/);
  deepEqual(buttons?.[0]?.map(({ ask }) => ask), ["/pnl today", "/pnl 7d", "/pnl 30d"]);
});

Deno.test("accounts that failed are no zero", async () => {
  const { text, data } = await askAccounts("/pnl", {
    pnl: [failed("bybit", "the key has expired")],
  });
  match(text, /Net — USD of the accounts read/);
  match(text, /⚠ bybit: the key has expired/);
  deepEqual((data as { sum: { netUsd: unknown } }).sum.netUsd, null);
});
