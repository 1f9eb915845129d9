import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Booking } from "../sim/account/books.ts";
import { bench, BINANCE, BYBIT, faultOf, valueOf } from "./bench.ts";

const DAY_MS = 86_400_000;

function near(actual: number | null | undefined, wanted: number): void {
  ok(typeof actual === "number" && Math.abs(actual - wanted) < 1e-6, `${actual} is not ${wanted}`);
}

Deno.test("balances are those of the books, every request signed as the venues check", async () => {
  await using at = bench({ prices: { BTC: 90_000 } });
  const { books } = at.sim;
  books.spotBalances = [
    { asset: "BTC", free: 0.5, locked: 0.1 },
    { asset: "USDT", free: 1000, locked: 0 },
    { asset: "BNB", free: 2, locked: 0 },
    { asset: "LDOGE", free: 5, locked: 0 },
    { asset: "ETH", free: 0, locked: 0 },
  ];
  books.perpBalances = [
    { asset: "USDT", balance: 5000, crossUnPnl: -20, available: 4000 },
    { asset: "USDC", balance: 300, crossUnPnl: 1, available: 250 },
    { asset: "BNB", balance: 0.5, crossUnPnl: 0, available: 0.5 },
  ];
  books.coins = [
    { coin: "USDT", equity: 700, usdValue: 700.7, unrealised: 10 },
    { coin: "BTC", equity: 0, usdValue: 0, unrealised: 0 },
  ];
  books.available = 650;
  const reports = await at.accounts.balances();
  deepEqual(reports.map(({ account, fault }) => [account, fault]), [
    ["binance-spot", null],
    ["binance-perp", null],
    ["bybit", null],
  ]);
  const spot = valueOf(reports, "binance-spot");
  near(spot.equityUsd, 0.6 * 90_000 + 1000 + 2 * 600);
  near(spot.freeUsd, 0.5 * 90_000 + 1000 + 2 * 600);
  deepEqual(spot.assets.map(({ asset }) => asset), ["BTC", "BNB", "USDT", "LDOGE"]);
  match(spot.remarks.join(), /LDOGE without a dollar price/);
  const perp = valueOf(reports, "binance-perp");
  near(perp.equityUsd, 4980 + 301);
  near(perp.freeUsd, 4250);
  near(perp.unrealizedUsd, -19);
  match(perp.remarks.join(), /BNB not in the sums/);
  const bybit = valueOf(reports, "bybit");
  deepEqual([bybit.equityUsd, bybit.freeUsd, bybit.unrealizedUsd], [700.7, 650, 10]);
  deepEqual(bybit.assets, [{ asset: "USDT", total: 700, free: null, valueUsd: 700.7 }]);
  deepEqual(at.sim.refused.filter((code) => code !== -1121), []);
});

Deno.test("an isolated Bybit account names no free balance", async () => {
  await using at = bench({ keys: { bybit: BYBIT } });
  at.sim.books.available = null;
  const { freeUsd, remarks } = valueOf(await at.accounts.balances(), "bybit");
  equal(freeUsd, null);
  match(remarks.join(), /isolated margin/);
  deepEqual(at.accounts.names, ["bybit"]);
});

Deno.test("positions carry ROE, the distance to liquidation and funding, in real coins", async () => {
  await using at = bench();
  const { books } = at.sim;
  const nextMs = Date.now() + 3_600_000;
  books.perpPositions = [
    {
      symbol: "BTCUSDT",
      amount: -0.5,
      entry: 90_000,
      mark: 91_000,
      liquidation: 100_100,
      leverage: 10,
    },
    { symbol: "1000PEPEUSDT", amount: 2000, entry: 0.01, mark: 0.012, liquidation: 0, leverage: 5 },
    { symbol: "ETHUSDT", amount: 0, entry: 0, mark: 3000, liquidation: 0, leverage: 20 },
  ];
  books.linear = [
    {
      ...{ symbol: "SOLPERP", settleCoin: "USDC", side: "Buy", size: 10 },
      ...{ entry: 200, mark: 190, liquidation: 152, leverage: 4 },
    },
    {
      ...{ symbol: "ETHUSDT", settleCoin: "USDT", side: "", size: 0 },
      ...{ entry: 0, mark: 3000, liquidation: null, leverage: 10 },
    },
  ];
  books.funding.set("BTCUSDT", { rate: 0.0001, nextMs }).set("SOLPERP", { rate: -0.0002, nextMs });
  const reports = await at.accounts.positions();
  deepEqual(valueOf(reports, "binance-spot"), []);
  const [btc, pepe, none] = valueOf(reports, "binance-perp");
  equal(none, undefined);
  deepEqual(
    [btc?.venue, btc?.base, btc?.side, btc?.sizeBase, btc?.leverage],
    ["binance-perp", "BTC", "short", 0.5, 10],
  );
  near(btc?.unrealizedUsd, -500);
  near(btc?.roe, -500 / (0.5 * 90_000 / 10));
  near(btc?.liquidationDistance, 0.1);
  near(btc?.notionalUsd, 45_500);
  deepEqual([btc?.fundingRate, btc?.nextFundingMs], [0.0001, nextMs]);
  deepEqual([pepe?.base, pepe?.sizeBase, pepe?.liquidationPrice], ["PEPE", 2_000_000, null]);
  near(pepe?.entryPrice, 0.00001);
  deepEqual([pepe?.fundingRate, pepe?.liquidationDistance], [null, null]);
  const [sol, gone] = valueOf(reports, "bybit");
  equal(gone, undefined);
  deepEqual([sol?.venue, sol?.base, sol?.side, sol?.fundingRate], [
    "bybit-perp",
    "SOL",
    "long",
    -0.0002,
  ]);
  near(sol?.liquidationDistance, 0.2);
  near(sol?.roe, -100 / (2000 / 4));
});

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

Deno.test("a full page within one millisecond does not hold up the reading", async () => {
  await using at = bench({ keys: { binance: BINANCE } });
  const time = Date.now() - 1000;
  at.sim.books.income = Array.from({ length: 1200 }, (_, i) => ({
    ...{ incomeType: "FUNDING_FEE", asset: "USDT", symbol: "BTCUSDT" },
    ...{ tranId: i, income: 1, time: i < 1100 ? time : time + 500 },
  }));
  const { reports } = await at.accounts.pnl("7d");
  // What one page cannot hold is lost, but what comes after it is not.
  equal(valueOf(reports, "binance-perp").fundingUsd, 1100);
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

Deno.test("a clock that is off is set by the venue's and the question asked again", async () => {
  await using at = bench({ now: () => Date.now() });
  at.sim.skewMs = 90_000;
  deepEqual((await at.accounts.balances()).map(({ fault }) => fault), [null, null, null]);
  deepEqual(at.sim.refused, []);
  // The venue's clock jumps: our offset is wrong now.
  at.sim.skewMs = -90_000;
  deepEqual((await at.accounts.balances()).map(({ fault }) => fault), [null, null, null]);
  deepEqual(at.sim.refused.toSorted(), [-1021, -1021, -1021, 10002]);
});

Deno.test("what a key may do beyond reading is told, and a good key is not worth a word", async () => {
  await using at = bench();
  deepEqual(await at.accounts.keyWarnings(), []);
  Object.assign(at.sim.books.binanceRights, { enableWithdrawals: true, enableFutures: true });
  Object.assign(at.sim.books.bybitRights, {
    ...{ readOnly: 0, ips: ["*"], permissions: { Wallet: ["AccountTransfer", "Withdraw"] } },
  });
  const warnings = await at.accounts.keyWarnings();
  deepEqual(warnings.map(({ exchange, severity }) => `${exchange} ${severity}`), [
    "binance danger",
    "bybit danger",
    "bybit advice",
  ]);
  match(warnings[0]?.text ?? "", /can withdraw, trade futures/);
  match(warnings[1]?.text ?? "", /can trade and withdraw/);
});

Deno.test("a key that cannot be asked about is told, too", async () => {
  await using at = bench();
  at.sim.fail({ path: "query-api", code: 10010 });
  at.sim.fail({ path: "apiRestrictions", code: -2015, status: 401 });
  const warnings = await at.accounts.keyWarnings();
  deepEqual(warnings.map(({ severity }) => severity), ["advice", "advice"]);
  match(warnings[1]?.text ?? "", /key's IP list/);
});

/** Every documented refusal, and what must be in its words. */
const BINANCE_FAULTS: readonly (readonly [code: number, status: number, words: RegExp])[] = [
  [-2015, 401, /IP list.*Enable Reading/],
  [-2014, 401, /copy it again/],
  [-2008, 400, /does not know BINANCE_API_KEY/],
  [-1002, 401, /Enable Reading/],
  [-1022, 400, /BINANCE_API_SECRET does not belong/],
  [-1021, 400, /clock is off.*NTP/],
  [-1007, 400, /timed out/],
  [-1008, 400, /overloaded/],
  [-1003, 400, /too often/],
  [-9999, 400, /Binance says -9999/],
  [0, 451, /region.*elsewhere/],
  [0, 401, /does not accept the key/],
  [0, 404, /base URL/],
];

const BYBIT_FAULTS: readonly (readonly [code: number, status: number, words: RegExp])[] = [
  [10002, 200, /clock is off.*NTP/],
  [10003, 200, /does not know BYBIT_API_KEY/],
  [10004, 200, /BYBIT_API_SECRET does not belong/],
  [10005, 200, /lacks a permission/],
  [10009, 200, /region/],
  [10010, 200, /IP list/],
  [10016, 200, /internal fault/],
  [10024, 200, /compliance/],
  [33004, 200, /expired/],
  [10001, 200, /Bybit says 10001: Scripted/],
  [0, 403, /403.*region/],
];

Deno.test("every documented refusal comes back as plain words with the fix", async () => {
  for (const [code, status, words] of BINANCE_FAULTS) {
    await using at = bench({ keys: { binance: BINANCE } });
    at.sim.fail({ path: "/fapi/v3/balance", code, status });
    const reports = await at.accounts.balances();
    match(faultOf(reports, "binance-perp"), words, String(code));
    equal(faultOf(reports, "binance-spot"), "", "the other account answers");
  }
  for (const [code, status, words] of BYBIT_FAULTS) {
    await using at = bench({ keys: { bybit: BYBIT } });
    at.sim.fail({ path: "wallet-balance", code, status });
    match(faultOf(await at.accounts.balances(), "bybit"), words, String(code));
  }
});

Deno.test("wrong keys and secrets are told apart", async () => {
  const wrong = { key: "another-key-0123456789", secret: "another-secret" };
  {
    await using at = bench({ keys: { binance: wrong, bybit: wrong } });
    const reports = await at.accounts.balances();
    match(faultOf(reports, "binance-spot"), /IP list/);
    match(faultOf(reports, "bybit"), /does not know BYBIT_API_KEY/);
  }
  await using at = bench({
    keys: { binance: { ...BINANCE, secret: "x" }, bybit: { ...BYBIT, secret: "x" } },
  });
  const reports = await at.accounts.balances();
  match(faultOf(reports, "binance-perp"), /BINANCE_API_SECRET does not belong/);
  match(faultOf(reports, "bybit"), /BYBIT_API_SECRET does not belong/);
  for (const secret of [BINANCE.secret, BYBIT.secret, BINANCE.key, BYBIT.key]) {
    ok(!JSON.stringify([reports, at.lines]).includes(secret));
  }
});

Deno.test("Bybit's visit limit is waited out", async () => {
  await using at = bench({ keys: { bybit: BYBIT } });
  at.sim.fail({ path: "wallet-balance", code: 10006, count: 1 });
  equal(faultOf(await at.accounts.balances(), "bybit"), "");
});

Deno.test("a venue that is silent is given up, and one that talks nonsense is a fault, too", async () => {
  await using at = bench({ keys: { bybit: BYBIT }, deadlineMs: 300 });
  at.sim.fail({ path: "wallet-balance", code: 10006 });
  match(faultOf(await at.accounts.balances(), "bybit"), /no answer within 0\.3 s/);
  at.sim.heal();
  at.sim.books.coins = [{ coin: "", equity: 1, usdValue: NaN, unrealised: 0 }];
  match(faultOf(await at.accounts.balances(), "bybit"), /cannot be read/);
});
