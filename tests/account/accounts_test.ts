import { deepEqual, equal, match, ok } from "../assert.ts";
import { bench, BINANCE, BYBIT, faultOf, valueOf } from "./bench.ts";

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

Deno.test("an isolated position in another dollar is in the equity of single-asset mode", async () => {
  await using at = bench({ keys: { binance: BINANCE } });
  at.sim.books.perpBalances = [
    { asset: "USDT", balance: 5000, crossUnPnl: -20, available: 4000 },
    { asset: "USDC", balance: 300, crossUnPnl: 0, available: 250, isolatedUnPnl: 12.5 },
  ];
  const { equityUsd, unrealizedUsd } = valueOf(await at.accounts.balances(), "binance-perp");
  deepEqual([equityUsd, unrealizedUsd], [4980 + 312.5, -7.5]);
});

Deno.test("a ban is told at once and with its length, not waited for", async () => {
  await using at = bench({ keys: { binance: BINANCE }, deadlineMs: 30_000 });
  at.sim.fail({ path: "/fapi/v3/balance", code: 0, status: 418, retryAfterSeconds: 120 });
  const startedMs = performance.now();
  const fault = faultOf(await at.accounts.balances(), "binance-perp");
  match(fault, /banned.*\(it is asked again in 2 min\)/);
  ok(performance.now() - startedMs < 20_000);
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
  deepEqual(warnings.map(({ severity }) => severity), ["unasked", "unasked"]);
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
  [-1, 400, /internal fault/],
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
