/**
 * The owner's accounts, strangers at the door, and every secret that the service was
 * given: nothing of these is found in anything that it wrote.
 */
import { deepEqual, equal, match, ok } from "../assert.ts";
import { startAccounts } from "../sim/account.ts";
import { startBotApi } from "../sim/bot_api.ts";
import { startExchange } from "../sim/exchange.ts";
import { freePort, Service } from "./service.ts";

const [OWNER, MEMBER, GUEST, STRANGER, GROUP] = [4242, 4343, 4444, 666, -1005];
const TOKEN = "123456:TEST-token-of-the-bot";
const API_TOKEN = "api-token-0123456789abcdef";
const BINANCE = { key: "binance-key-0123456789", secret: "binance-secret-abcdefghij" };
const BYBIT = { key: "bybit-key-0123456789", secret: "bybit-secret-abcdefghij" };
const SECRETS = [
  ...[TOKEN, "TEST-token-of-the-bot", API_TOKEN],
  ...[BINANCE.key, BINANCE.secret, BYBIT.key, BYBIT.secret],
];
const DAY_MS = 86_400_000;

function keysEnv() {
  return {
    BINANCE_API_KEY: BINANCE.key,
    BINANCE_API_SECRET: BINANCE.secret,
    BYBIT_API_KEY: BYBIT.key,
    BYBIT_API_SECRET: BYBIT.secret,
  };
}

/** Everything in a folder as text, byte for byte. */
function filesIn(folder: string): string {
  let text = "";
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) text += filesIn(path);
    else if (entry.isFile) text += new TextDecoder("latin1").decode(Deno.readFileSync(path));
  }
  return text;
}

Deno.test("the owner sees the books, nobody else sees anything, and no secret is written", async () => {
  await using exchange = await startExchange({ symbols: 2, tradesPerSecond: 40, seed: 11 });
  await using accounts = startAccounts({
    ...{ binance: BINANCE, bybit: BYBIT, upstream: exchange.env },
    now: () => exchange.nowMs(),
  });
  await using telegram = await startBotApi({ token: TOKEN });
  const owner = telegram.user(OWNER);
  const { books } = accounts;
  const nowMs = exchange.nowMs();
  books.spotBalances = [{ asset: "USDT", free: 1000, locked: 0 }];
  books.perpBalances = [{ asset: "USDT", balance: 5000, crossUnPnl: -20, available: 4000 }];
  books.coins = [{ coin: "USDT", equity: 700, usdValue: 700, unrealised: 10 }];
  books.available = 650;
  books.perpPositions = [
    {
      symbol: "BTCUSDT",
      amount: -0.5,
      entry: 90_000,
      mark: 91_000,
      liquidation: 100_100,
      leverage: 10,
    },
  ];
  books.funding.set("BTCUSDT", { rate: 0.0001, nextMs: nowMs + 3_600_000 });
  books.income = [
    ["REALIZED_PNL", 50],
    ["FUNDING_FEE", -3],
    ["COMMISSION", -2],
  ].map(([incomeType, income], tranId) => ({
    ...{ incomeType: String(incomeType), income: Number(income), asset: "USDT" },
    ...{ symbol: "BTCUSDT", tranId, time: nowMs - 2 * DAY_MS },
  }));
  books.binanceRights.enableWithdrawals = true;
  const dataDir = Deno.makeTempDirSync();
  try {
    await using service = new Service({
      dataDir,
      env: {
        ...{
          ...exchange.env,
          ...accounts.env,
          ...keysEnv(),
          SYMBOLS: "BTC,ETH",
          LOG_LEVEL: "debug",
        },
        ...{ API_TOKEN, TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_ROOT: telegram.root },
        TELEGRAM_ALLOWED_USERS: `${OWNER},${MEMBER}`,
      },
    });
    const bodies: string[] = [];
    const http = async (path: string, init: RequestInit = {}, token: string | null = API_TOKEN) => {
      const headers = new Headers({ "content-type": "application/json" });
      if (token !== null) headers.set("authorization", `Bearer ${token}`);
      const url = `http://127.0.0.1:${service.port}${path}`;
      const response = await fetch(url, { ...init, headers });
      const text = await response.text();
      bodies.push(text);
      return { status: response.status, text };
    };
    const ask = async (text: string) =>
      JSON.parse(
        (await http("/api/v1/ask", { method: "POST", body: JSON.stringify({ text }) })).text,
      );
    await service.until("/healthz", 200);
    for (let tries = 0; (await http("/readyz")).status !== 200 && tries < 200; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }

    // A key that can withdraw is told to the owner, unasked.
    await telegram.waitFor(
      (sent) => sent.chatId === OWNER && sent.text.includes("BINANCE_API_KEY can withdraw"),
      10_000,
    );

    const { data: { sum } } = await ask("/balance");
    deepEqual(sum, { equityUsd: 6680, freeUsd: 5650, unrealizedUsd: -10 });
    const { data: { sum: made } } = await ask("/pnl 7d");
    deepEqual(made, { realizedUsd: 50, fundingUsd: -3, feesUsd: -2, netUsd: 45 });
    const { data: { positions: [position] } } = await ask("/positions");
    deepEqual([position.side, position.sizeBase, position.roe], ["short", 0.5, -500 / 4500]);
    equal(position.tape.minutes, 15);
    deepEqual(accounts.refused.filter((code) => code !== -1121), []);

    match((await owner.ask("/balance", 10_000)).text, /Equity 6,680\.00 USD/);
    match((await owner.ask("/positions", 10_000)).text, /BTC short 0\.50*/);
    match((await owner.ask("/why /pnl", 10_000)).text, /transaction log/);
    const member = telegram.user(MEMBER);
    match((await member.ask("/balance", 10_000)).text, /Only the owner/);
    match((await member.ask("/why /balance", 10_000)).text, /Only the owner/);
    match((await member.ask("/price BTC", 10_000)).text, /^BTC/);

    // In a group not even the owner, and nobody before it is allowed.
    const inGroup = telegram.member(OWNER, GROUP);
    match((await inGroup.ask("/price BTC", 10_000)).text, /not allowed yet/);
    match((await inGroup.ask("/users allow", 10_000)).text, /from now on/);
    match((await inGroup.ask("/balance", 10_000)).text, /Only the owner/);

    // One link lets in one guest.
    const link = (await owner.ask("/users invite", 10_000)).text.split("\n")[0] ?? "";
    const token = /\?start=([\w-]{22})$/.exec(link)?.[1] ?? "";
    ok(token !== "", link);
    match((await telegram.user(GUEST).ask(`/start ${token}`, 10_000)).text, /Tapewatch/);
    const stranger = telegram.user(STRANGER);
    match((await stranger.ask(`/start ${token}`, 10_000)).text, /owner only/);
    stranger.send("/balance");
    match((await telegram.user(GUEST).ask("/price ETH", 10_000)).text, /^ETH/);
    equal(stranger.messages().length, 1, "one refusal a day");
    match((await owner.ask("/users", 10_000)).text, /4444 +invited/);

    // Everything that can go wrong, so that it is written about.
    for (const status of [500, 401, 403, 451]) {
      accounts.fail({ path: "account", status, count: 1 });
      accounts.fail({ path: "positionRisk", code: -2015, status, count: 1 });
      accounts.fail({ path: "wallet-balance", code: 4711, said: `apiKey ${BYBIT.key}`, count: 1 });
      for (const text of ["/balance", "/positions", "/pnl 30d"]) await ask(text);
    }
    telegram.fail({ count: 5, code: 500, description: "Internal Server Error" });
    telegram.fail({ count: 5, drop: "before" });
    await telegram.offline();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    telegram.online();
    for (const text of ["/status", "/why /balance", "/help", "/users", "/start"]) await ask(text);
    for (const path of ["/metrics", "/readyz", "/openapi.json", "/", "/nowhere"]) await http(path);
    for (const wrong of ["x", null]) equal((await http("/metrics", {}, wrong)).status, 401);

    service.kill("SIGTERM");
    const { code, err, out } = await service.finished;
    equal(code, 0, err);
    const sent = telegram.sent.map(({ html }) => html).join("\n");
    const wrote = {
      log: err,
      out,
      http: bodies.join("\n"),
      telegram: sent,
      files: filesIn(dataDir),
    };
    ok(wrote.log.includes("account refused") && wrote.files.length > 10_000);
    // What a failed call to Telegram says would name its URL, and with it the token.
    ok(/"message":"Cannot (reach Telegram|deliver a message)"/.test(wrote.log), wrote.log);
    for (const [where, text] of Object.entries(wrote)) {
      for (const secret of SECRETS) ok(!text.includes(secret), `${where} has ${secret}`);
      ok(!/signature=[0-9a-f]{8}/.test(text), `${where} has a signature`);
      if (where !== "telegram") ok(!text.includes(token), `${where} has the invitation`);
    }
  } finally {
    Deno.removeSync(dataDir, { recursive: true });
  }
});

Deno.test("without a token the machine itself gets the market and never the account", async () => {
  await using exchange = await startExchange({ symbols: 1, tradesPerSecond: 20, seed: 12 });
  await using service = new Service({ env: { ...exchange.env, ...keysEnv(), SYMBOLS: "BTC" } });
  await service.until("/healthz", 200);
  for (const text of ["/balance", "/positions", "/pnl 7d", "/why /balance", "/users invite"]) {
    match((await service.ask(text)).text, /Only the owner/);
  }
  match((await service.ask("/status")).text, /memory/i);
});

Deno.test("with a webhook Telegram's updates are answered, and others are turned away", async () => {
  const port = freePort();
  const hook = `http://127.0.0.1:${port}/telegram/hook`;
  const secret = "webhook-secret_0123456789";
  await using exchange = await startExchange({ symbols: 1, tradesPerSecond: 20, seed: 13 });
  await using telegram = await startBotApi({ token: TOKEN });
  await using service = new Service({
    env: {
      ...{ ...exchange.env, SYMBOLS: "BTC", HTTP_ADDR: `127.0.0.1:${port}` },
      ...{ TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_ROOT: telegram.root },
      ...{ TELEGRAM_ALLOWED_USERS: String(OWNER), LOG_LEVEL: "debug" },
      ...{ TELEGRAM_WEBHOOK_URL: hook, TELEGRAM_WEBHOOK_SECRET: secret },
    },
  });
  const untilMs = performance.now() + 20_000;
  while (!telegram.calls.some(({ method }) => method === "setWebhook")) {
    ok(performance.now() < untilMs, "the webhook was set");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  match((await telegram.user(OWNER).ask("/status", 10_000)).text, /memory/i);
  equal(telegram.calls.some(({ method }) => method === "getUpdates"), false);
  const body = JSON.stringify({ update_id: 1 });
  for (const [given, status] of [[secret, 200], ["wrong", 401], ["", 401]] as const) {
    const headers = { "x-telegram-bot-api-secret-token": given };
    const response = await fetch(hook, { method: "POST", headers, body });
    await response.body?.cancel();
    equal(response.status, status);
  }
  service.kill("SIGTERM");
  const { code, err } = await service.finished;
  equal(code, 0, err);
  for (const text of [secret, TOKEN]) ok(!err.includes(text));
});
