/** Rules on the owner's positions: near to liquidation, funding to pay, a cascade against them. */
import { deepEqual, equal, ok } from "../../assert.ts";
import type { AccountPosition, AccountView } from "../../../lib/alerts/account.ts";
import { MINUTE_MS } from "../../../lib/market/bucket.ts";
import { armed, BEGIN_MS, END_MS, markets, START_MS } from "../engine_on.ts";
import { type MovingMarket, MovingSource, random } from "../moving_source.ts";
import { firingsOf } from "../plain_rule.ts";
import { ruleOf } from "../ruling.ts";

class Account implements AccountView {
  held: readonly AccountPosition[] | null = [];
  unread: readonly string[] = [];
  running: "long" | "short" | "none" | null = "none";
  positions = () => this.held && { held: this.held, unread: this.unread };
  cascade = () => this.running;
}

function position(more: Partial<AccountPosition>): AccountPosition {
  const [liquidationDistance, fundingDueQuote, nextFundingMs] = [Infinity, 0, null];
  const usual = { venue: "binance-perp", asset: "BTC", side: "long" } as const;
  return { ...usual, liquidationDistance, fundingDueQuote, nextFundingMs, ...more };
}

Deno.test("position rules fire as the nearest position, its funding and a cascade have it", async () => {
  const account = new Account();
  const source = new MovingSource(markets("BTC", 5, () => null), START_MS);
  const texts = [
    "btc distance < 10% cooldown 0 cap 1000",
    "btc funding-due > 50 cooldown 0 cap 1000",
    "btc against cooldown 0 cap 1000",
    "btc against is short cooldown 0 cap 1000",
  ];
  const { engine, of } = await armed(source, texts, account);
  const next = random(11);
  const values: (readonly [distance: number, due: number, against: number])[] = [];
  const dueMs = START_MS + 60 * MINUTE_MS;
  for (let minute = 0; minute < 120; minute++, source.now += MINUTE_MS) {
    const open = minute % 40 < 35;
    const side = minute % 40 < 20 ? "long" : "short";
    const far = 0.05 + next() * 0.1;
    const due = next() * 100;
    account.running = next() < 0.4 ? (next() < 0.5 ? "long" : "short") : "none";
    account.held = !open ? [] : [
      position({ side, liquidationDistance: far, fundingDueQuote: due, nextFundingMs: dueMs }),
      position({ venue: "bybit-perp", side, liquidationDistance: 0.3 }),
      position({ asset: "ETH", side: "long", liquidationDistance: 0.001, fundingDueQuote: 1e6 }),
    ];
    const soon = open && dueMs > source.now && dueMs - source.now <= 15 * MINUTE_MS;
    const hit = open && account.running === side;
    values.push([open ? far * 100 : 1e6, soon ? due : 0, !hit ? 0 : side === "long" ? 1 : 2]);
    await engine.tick();
  }
  for (const [nth, text] of texts.entries()) {
    const place = Math.min(nth, 2);
    const read = (timeMs: number) => values[(timeMs - START_MS) / MINUTE_MS]?.[place] ?? null;
    const reader = Object.assign(read, { known: () => -Infinity });
    const wanted = firingsOf(ruleOf(text), reader, START_MS, 119);
    deepEqual(of(nth).map(({ atMs }) => atMs), wanted, text);
    ok(wanted.length >= 2, `${text}: ${wanted.length}`);
  }
});

Deno.test("an account that cannot be read fires nothing, and that is said once", async () => {
  const account = new Account();
  account.held = [position({ liquidationDistance: 0.5 })];
  const source = new MovingSource(markets("BTC", 5, () => null), START_MS);
  const { engine, of, told } = await armed(source, ["btc distance < 10%"], account);
  await engine.tick();
  account.held = null;
  for (let minute = 0; minute < 20; minute++, source.now += MINUTE_MS) await engine.tick();
  deepEqual(told, ["a1 the account could not be read"]);
  account.held = [position({ liquidationDistance: 0.05 })];
  await engine.tick();
  equal(of(0).length, 1);
});

async function onAccount(text: string) {
  const account = new Account();
  const source = new MovingSource(markets("BTC", 5, () => null), START_MS);
  const { engine, of, told } = await armed(source, [text], account);
  const after = async (minutes: number, held: readonly AccountPosition[], ...unread: string[]) => {
    Object.assign(account, { held, unread });
    for (let minute = 0; minute < minutes; minute++, source.now += MINUTE_MS) await engine.tick();
    return of(0).length;
  };
  return { account, after, told };
}

Deno.test("an account that is refused hides no position of another one", async () => {
  const { after, told } = await onAccount("btc distance < 5% cooldown 0");
  const [far, near] = [0.5, 0.003].map((liquidationDistance) => position({ liquidationDistance }));
  ok(far && near);
  equal(await after(3, [far], "binance-perp"), 0);
  equal(await after(3, [near], "binance-perp"), 1);
  // What is far elsewhere does not say that all is: nothing re-arms.
  equal(await after(8, [far], "binance-perp"), 1);
  equal(await after(1, [near]), 1);
  deepEqual(told, ["a1 binance-perp could not be read, only other accounts can fire it"]);
  equal(await after(1, [far]), 1);
  equal(await after(1, [near], "binance-perp"), 2);
});

Deno.test("a rule that was armed while an account is refused fires by the others", async () => {
  const { after } = await onAccount("btc distance < 5%");
  equal(await after(3, [position({ liquidationDistance: 0.5 })], "binance-perp"), 0);
  equal(await after(3, [position({ liquidationDistance: 0.003 })], "binance-perp"), 1);
});

Deno.test("an unknown distance is no distance, a known one fires beside it", async () => {
  const { after, told } = await onAccount("btc distance > 40% cooldown 0");
  const unknown = position({ venue: "bybit-perp", liquidationDistance: null });
  equal(await after(1, [position({ liquidationDistance: 0.1 })]), 0);
  equal(await after(7, [unknown]), 0);
  deepEqual(told, ["a1 distance on bybit-perp unknown"]);
  const { after: below } = await onAccount("btc distance < 5% cooldown 0");
  equal(await below(1, [position({ liquidationDistance: 0.1 })]), 0);
  equal(await below(1, [unknown, position({ liquidationDistance: 0.01 })]), 1);
});

Deno.test("unknown funding is not nothing to pay, known funding fires beside it", async () => {
  const { after, told } = await onAccount("btc funding-due > 50 cooldown 0");
  const nextFundingMs = START_MS + 12 * MINUTE_MS;
  const unknown = position({ venue: "bybit-perp", fundingDueQuote: null, nextFundingMs });
  const paying = position({ fundingDueQuote: 60, nextFundingMs });
  equal(await after(1, []), 0);
  equal(await after(1, [unknown, paying]), 1);
  // It may be as much as before: nothing re-arms.
  equal(await after(6, [unknown]), 1);
  equal(await after(1, [paying]), 1);
  deepEqual(told, ["a1 funding on bybit-perp unknown"]);
});

Deno.test("an unknown cascade is none that has ended", async () => {
  const { account, after } = await onAccount("btc against cooldown 0");
  const held = [position({ side: "long" })];
  for (const running of ["none", "long", null, "long", "none", "long"] as const) {
    account.running = running;
    await after(1, held);
  }
  equal(await after(0, held), 2);
});

Deno.test("a cascade against a position is told while its minute still forms", async () => {
  // Twice longs are closed by force while the price falls by three percent.
  const falling = markets("BTC", 5, () => null).map((one): MovingMarket => ({
    ...one,
    buckets: one.buckets.map((row) => {
      const minute = (row.t - BEGIN_MS) / MINUTE_MS;
      if (minute !== 20 && minute !== 60) return row;
      const fall = { h: 100, l: 97, c: 97, liqLongQuote: 900_000, liqLongs: 9, liqShortQuote: 0 };
      return { ...row, ...fall };
    }),
  }));
  const source = new MovingSource(falling, BEGIN_MS + 500);
  const account = new Account();
  account.held = [position({ side: "long" }), position({ venue: "bybit-perp", side: "short" })];
  const { engine, of } = await armed(
    source,
    ["btc against cooldown 0 cap 1000", "btc cascade cooldown 0 cap 1000"],
    Object.assign(account, {
      cascade: () => {
        const word = engine.minutes.newest("BTC", "cascade", 1);
        return word === 1 ? "long" as const : word === 2 ? "short" as const : "none" as const;
      },
    }),
  );
  for (; source.now < END_MS; source.now += 1_000) await engine.tick();
  const [against, cascades] = [of(0), of(1)];
  ok(cascades.length >= 2, `${cascades.length}`);
  equal(against.length, cascades.length);
  for (const [nth, { atMs }] of against.entries()) {
    // A cascade's own time is the end of its minute.
    const endMs = cascades[nth]?.atMs ?? 0;
    ok(atMs < endMs && atMs >= endMs - MINUTE_MS, `${(atMs - endMs) / 1000} s after the minute`);
  }
});
