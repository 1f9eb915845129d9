import { deepEqual, equal, match, ok } from "../assert.ts";
import type { Booking } from "../sim/account/books.ts";
import { bench, BINANCE, BYBIT, valueOf } from "./bench.ts";

const DAY_MS = 86_400_000;

function near(actual: number | null | undefined, wanted: number): void {
  ok(typeof actual === "number" && Math.abs(actual - wanted) < 1e-6, `${actual} is not ${wanted}`);
}

Deno.test("income is read page by page over every window, each booking once", async () => {
  await using at = bench({ keys: { binance: BINANCE }, prices: { BNB: 600 } });
  const nowMs = Date.now();
  const rows: Booking[] = [];
  for (let i = 0; i < 2600; i++) {
    const incomeType = ["REALIZED_PNL", "FUNDING_FEE", "COMMISSION", "TRANSFER"][i % 4] ?? "";
    // Bookings of one trade share their id, and many share a millisecond.
    const row = { incomeType, asset: "USDT", symbol: "BTCUSDT", tranId: Math.floor(i / 4) };
    rows.push({
      ...row,
      income: i % 7 - 3,
      time: nowMs - 40 * DAY_MS + Math.floor(i / 10) * 13_000_000,
    });
  }
  rows.push({
    ...{ incomeType: "COMMISSION", asset: "BNB", symbol: "BTCUSDT", tranId: 9_999_999 },
    ...{ income: -0.001, time: nowMs - 1000 },
  });
  at.sim.books.income = rows;
  const { span, reports } = await at.accounts.pnl("30d");
  const value = valueOf(reports, "binance-perp");
  const sum = (kind: string, price = 1) =>
    rows.filter(({ incomeType, time }) =>
      incomeType === kind && time >= span.fromMs && time <= span.toMs
    ).reduce((total, { income, asset }) => total + income * (asset === "BNB" ? 600 : price), 0);
  near(value.realizedUsd, sum("REALIZED_PNL"));
  near(value.fundingUsd, sum("FUNDING_FEE"));
  near(value.feesUsd, sum("COMMISSION"));
  match(value.remarks.join(), /price of now/);
  const asked = at.sim.asked.filter((path) => path.startsWith("/fapi/v1/income"));
  ok(asked.length >= 5 && asked.length <= 9, String(asked.length));
});

Deno.test("more bookings within one millisecond than a page holds are read, each once", async () => {
  await using at = bench({ keys: { binance: BINANCE } });
  const time = Date.now() - 1000;
  // One liquidation in many fills, between quieter times.
  at.sim.books.income = Array.from({ length: 3700 }, (_, i) => ({
    ...{ incomeType: "FUNDING_FEE", asset: "USDT", symbol: "BTCUSDT" },
    ...{ tranId: i, income: 1, time: i < 300 ? time - 900 : i < 3500 ? time : time + 500 },
  }));
  const value = valueOf((await at.accounts.pnl("7d")).reports, "binance-perp");
  equal(value.fundingUsd, 3700);
  deepEqual(value.remarks, []);
});

Deno.test("what a venue without pages cannot give is said, and what comes after it is read", async () => {
  await using at = bench({ keys: { binance: BINANCE } });
  const time = Date.now() - 1000;
  at.sim.books.incomePages = false;
  at.sim.books.income = Array.from({ length: 1200 }, (_, i) => ({
    ...{ incomeType: "FUNDING_FEE", asset: "USDT", symbol: "BTCUSDT" },
    ...{ tranId: i, income: 1, time: i < 1100 ? time : time + 500 },
  }));
  const value = valueOf((await at.accounts.pnl("7d")).reports, "binance-perp");
  equal(value.fundingUsd, 1100);
  match(value.remarks.join(), /not all bookings/);
});

Deno.test("a liquidation's clearance and gifts are told beside the sums, transfers are not", async () => {
  await using at = bench({ keys: { binance: BINANCE } });
  const time = Date.now() - 1000;
  at.sim.books.income = ([
    ["REALIZED_PNL", -50],
    ["INSURANCE_CLEAR", -7.77],
    ["TRANSFER", 5000],
    ["WELCOME_BONUS", 10],
  ] as const).map(([incomeType, income], tranId) => ({
    ...{ incomeType, income, tranId, time, asset: "USDT", symbol: "" },
  }));
  const value = valueOf((await at.accounts.pnl("7d")).reports, "binance-perp");
  deepEqual([value.realizedUsd, value.fundingUsd, value.feesUsd], [-50, 0, 0]);
  deepEqual(value.remarks, ["in no sum: INSURANCE_CLEAR −7.77, WELCOME_BONUS +10.00 USD"]);
});

Deno.test("realised profit of spot is first in, first out over the account's own trades", async () => {
  await using at = bench({ keys: { binance: BINANCE }, prices: { BNB: 600 }, watched: ["BTC"] });
  const nowMs = Date.now();
  const { books } = at.sim;
  books.spotBalances = [{ asset: "USDT", free: 10, locked: 0 }];
  const fill = (
    ...[id, buyer, qty, price, daysAgo, commission, commissionAsset]: [
      ...[number, boolean, number, number, number, number, string],
    ]
  ) => ({
    ...{ id, symbol: "BTCUSDT", buyer, qty, price, commission, commissionAsset },
    time: Math.floor(nowMs - daysAgo * DAY_MS),
  });
  books.spotFills = [
    fill(5, true, 1, 50_000, 400, 0.001, "BTC"),
    fill(9, true, 1, 60_000, 300, 1, "USDT"),
    fill(12, false, 1.5, 80_000, 10, 0.05, "BNB"),
    fill(13, false, 0.2, 90_000, 2, 18, "USDT"),
  ];
  const week = valueOf((await at.accounts.pnl("7d")).reports, "binance-spot");
  near(week.realizedUsd, 0.2 * 30_000);
  near(week.feesUsd, -18);
  equal(week.fundingUsd, null);
  match(week.remarks.join(), /reports no realised profit/);
  const before = at.sim.asked.length;
  const month = valueOf((await at.accounts.pnl("30d")).reports, "binance-spot");
  near(month.realizedUsd, 0.999 * 30_000 + 0.501 * 20_000 + 0.2 * 30_000);
  near(month.feesUsd, -18 - 0.05 * 600);
  // What was read is not read again: the next page begins behind the last trade.
  const again = at.sim.asked.slice(before).filter((path) => path.includes("symbol=BTCUSDT"));
  ok(again.every((path) => path.includes("fromId=14")), again.join());
  books.spotFills.push(fill(20, false, 1, 100_000, 0, 0, "BNB"));
  const now = valueOf((await at.accounts.pnl("7d")).reports, "binance-spot");
  match(now.remarks.join(), /BTC: sold more than was bought here/);
});

Deno.test("while not all trades are read, the profit of the newest is unknown and no zero", async () => {
  await using at = bench({ keys: { binance: BINANCE }, watched: ["BTC"] });
  const nowMs = Date.now();
  // More than one question reads of a market.
  at.sim.books.spotFills = Array.from({ length: 10_500 }, (_, i) => ({
    ...{ id: i + 1, symbol: "BTCUSDT", buyer: i % 2 === 0, qty: 0.001, price: 60_000 + i % 2 },
    ...{ commission: 0, commissionAsset: "USDT", time: nowMs - (10_500 - i) * 100_000 },
  }));
  const first = valueOf((await at.accounts.pnl("today")).reports, "binance-spot");
  deepEqual([first.realizedUsd, first.feesUsd], [null, null]);
  match(first.remarks.join(), /not all trades are read yet.*ask again/);
  const { span, reports } = await at.accounts.pnl("7d");
  const sales = at.sim.books.spotFills.filter(({ buyer, time }) => !buyer && time >= span.fromMs);
  near(valueOf(reports, "binance-spot").realizedUsd, sales.length * 0.001);
});

Deno.test("Bybit's profit, funding and fees come from the log, day by day, funding by its change", async () => {
  await using at = bench({ keys: { bybit: BYBIT } });
  const nowMs = Date.now();
  const { books } = at.sim;
  for (let i = 0; i < 130; i++) {
    const settlement = i % 3 === 0;
    books.log.push({
      ...{ id: String(i), symbol: "BTCUSDT", currency: i % 2 === 0 ? "USDT" : "USDC" },
      type: settlement ? "SETTLEMENT" : "TRADE",
      cashFlow: settlement ? 0 : i % 5 - 1,
      funding: settlement ? (i % 4 - 2) / 10 : 0,
      fee: settlement ? 0 : 0.05,
      time: nowMs - 1000 - i * 60_000 - (i > 100 ? 3 * DAY_MS : 0),
    });
  }
  books.closed = [{ symbol: "BTCUSDT", closedPnl: 12.5, time: nowMs - DAY_MS }];
  const { span, reports } = await at.accounts.pnl("7d");
  const value = valueOf(reports, "bybit");
  const rows = books.log.filter(({ time }) => time >= span.fromMs);
  near(value.realizedUsd, rows.reduce((sum, { cashFlow }) => sum + cashFlow, 0));
  near(value.fundingUsd, rows.reduce((sum, { funding }) => sum + funding, 0));
  near(value.feesUsd, rows.reduce((sum, { fee }) => sum - fee, 0));
  match(value.remarks.join(), /closed P&L of whole round trips: 12\.50 USD/);
  deepEqual(at.sim.refused, []);
  // Eight windows of a day, the newest with three pages, and two weeks of closed P&L.
  const logs = at.sim.asked.filter((path) => path.startsWith("/v5/account/transaction-log"));
  ok(logs.length >= 9 && logs.length <= 11, String(logs.length));
});

Deno.test("where the log is closed to the key, closed P&L stands in and the rest is unknown", async () => {
  await using at = bench({ keys: { bybit: BYBIT } });
  at.sim.books.closed = [{ symbol: "BTCUSDT", closedPnl: 12.5, time: Date.now() - 3000 }];
  at.sim.fail({ path: "transaction-log", code: 10005 });
  const value = valueOf((await at.accounts.pnl("7d")).reports, "bybit");
  deepEqual([value.realizedUsd, value.fundingUsd, value.feesUsd], [12.5, null, null]);
  match(value.remarks.join(), /log is closed to this key/);
});
