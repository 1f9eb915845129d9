import { deepEqual, equal, match, ok } from "./assert.ts";
import fc from "fast-check";
import { type Config, type Disk, ENV_NAMES, faultMessage, readConfig } from "../lib/config.ts";

const VENUES = ["binance-spot", "binance-perp", "bybit-spot", "bybit-perp", "deribit-options"];

/** A disk with these files, all of them `rw-------` unless `modes` says otherwise. */
function disk(files: Record<string, string> = {}, modes: Record<string, number> = {}): Disk {
  return {
    read(path) {
      const content = files[path];
      if (content === undefined) throw new Error("No such file");
      return content;
    },
    mode: (path) => modes[path] ?? (path in files ? 0o100600 : null),
  };
}

function config(env: Record<string, string>, files = disk()): Config {
  const read = readConfig(env, VENUES, files);
  ok("config" in read, "faults" in read ? read.faults.join("\n") : "");
  return read.config;
}

function faults(env: Record<string, string>, files = disk()): readonly string[] {
  const read = readConfig(env, VENUES, files);
  return "faults" in read ? read.faults : [];
}

Deno.test("an empty environment gives the documented defaults", () => {
  deepEqual(config({ API_TOKEN: "", HOME: "/root", TAPEWATCH_COLOUR: "red" }), {
    telegramToken: null,
    allowedUsers: [],
    telegramApiRoot: "https://api.telegram.org",
    telegramWebhook: null,
    symbols: { kind: "top", count: 20 },
    venues: ["binance-spot", "binance-perp", "bybit-spot", "bybit-perp"],
    profile: "full",
    dataDir: "./data",
    kvUrl: null,
    retentionHours: 72,
    httpAddr: { hostname: "127.0.0.1", port: 8080 },
    apiToken: null,
    accountKeys: {},
    endpoints: {},
    logLevel: "info",
    watchdog: null,
    secrets: [],
    warnings: [],
  });
});

Deno.test("every variable is read", () => {
  const read = config({
    TELEGRAM_BOT_TOKEN: "123:AbC-d_e",
    TELEGRAM_ALLOWED_USERS: " 42, 7 ,42",
    TELEGRAM_API_ROOT: "http://127.0.0.1:9000/",
    TELEGRAM_WEBHOOK_URL: "https://desk.example.com/hook",
    TELEGRAM_WEBHOOK_SECRET: "hook-secret-0123",
    SYMBOLS: "btc, ETH,btc,币安人生",
    VENUES: "Bybit-perp,deribit-options",
    PROFILE: "Ultra",
    DATA_DIR: "/var/lib/tapewatch",
    KV_URL: "https://kv.example.com/db",
    DENO_KV_ACCESS_TOKEN: "kv-token",
    RETENTION_HOURS: "24",
    HTTP_ADDR: "[::]:9090",
    API_TOKEN: "0123456789abcdef",
    BINANCE_API_KEY: "k1",
    BINANCE_API_SECRET: "s1",
    BYBIT_WS: "ws://127.0.0.1:7000/prefix/",
    BINANCE_PERP_REST: "http://127.0.0.1:7001",
    LOG_LEVEL: "debug",
  });
  const { secrets, ...rest } = read;
  deepEqual(rest, {
    telegramToken: "123:AbC-d_e",
    allowedUsers: [42, 7],
    telegramApiRoot: "http://127.0.0.1:9000",
    telegramWebhook: { url: "https://desk.example.com/hook", secret: "hook-secret-0123" },
    symbols: { kind: "list", assets: ["BTC", "ETH", "币安人生"] },
    venues: ["bybit-perp", "deribit-options"],
    profile: "ultra",
    dataDir: "/var/lib/tapewatch",
    kvUrl: "https://kv.example.com/db",
    retentionHours: 24,
    httpAddr: { hostname: "::", port: 9090 },
    apiToken: "0123456789abcdef",
    accountKeys: { binance: { key: "k1", secret: "s1" } },
    endpoints: {
      BYBIT_WS: "ws://127.0.0.1:7000/prefix",
      BINANCE_PERP_REST: "http://127.0.0.1:7001",
    },
    logLevel: "debug",
    watchdog: null,
    warnings: [],
  });
  for (const secret of ["123:AbC-d_e", "AbC-d_e", "hook-secret-0123", "kv-token", "k1", "s1"]) {
    ok(secrets.includes(secret), secret);
  }
});

Deno.test("all faults come at once, with variable, value and fix, secrets masked", () => {
  const found = faults({
    ".env:3": "wants KEY=VALUE",
    TELEGRAM_BOT_TOKEN: "my secret token",
    TELEGRAM_ALLOWED_USERS: "42,@me",
    TELEGRAM_API_ROOT: "api.telegram.org",
    TELEGRAM_WEBHOOK_URL: "http://desk.example.com",
    SYMBOLS: "top:0",
    VENUES: "binance-perp,kraken",
    PROFILE: "tiny",
    KV_URL: "file:///data",
    RETENTION_HOURS: "0",
    HTTP_ADDR: "localhost",
    API_TOKEN: "two words",
    BINANCE_API_KEY: "key",
    BYBIT_API_SECRET_FILE: "/run/none",
    BYBIT_WS: "https://user:hunter2@example.com",
    OKX_REST: "http://example.com?x=1",
    LOG_LEVEL: "loud",
  });
  const expected = [
    /^\.env line 3: wants KEY=VALUE$/,
    /^BYBIT_API_SECRET_FILE=\/run\/none: cannot read the file: No such file$/,
    /^TELEGRAM_BOT_TOKEN=\(15 characters\) wants the token as BotFather gave it/,
    /^TELEGRAM_ALLOWED_USERS=42,@me wants numeric user ids/,
    /^TELEGRAM_API_ROOT=api\.telegram\.org wants a URL that starts with https:\/\/ or http:\/\//,
    /^TELEGRAM_WEBHOOK_URL=http:\/\/desk\.example\.com wants a URL that starts with https:\/\/,/,
    /^SYMBOLS=top:0 wants assets, as in BTC,ETH, or top:N/,
    /^VENUES=binance-perp,kraken wants names out of binance-spot, binance-perp,/,
    /^PROFILE=tiny wants one of full, minimal, ultra$/,
    /^KV_URL=file:\/\/\/data wants a URL/,
    /^RETENTION_HOURS=0 wants a whole number from 1 to 720$/,
    /^HTTP_ADDR=localhost wants HOST:PORT, as in 127\.0\.0\.1:8080$/,
    /^API_TOKEN=\(9 characters\) wants visible ASCII characters without spaces$/,
    /^LOG_LEVEL=loud wants one of debug, info, warn, error$/,
    /^BYBIT_WS=https:\/\/\*\*\*@example\.com wants a URL that starts with wss:\/\/ or ws:\/\//,
    /^OKX_REST=http:\/\/example\.com\?x=1 wants .* without \? and #$/,
    /^TELEGRAM_WEBHOOK_SECRET is not set, but TELEGRAM_WEBHOOK_URL is: set both or neither$/,
    /^BINANCE_API_SECRET is not set, but BINANCE_API_KEY is: set both or neither$/,
    /^DENO_KV_ACCESS_TOKEN is not set, but KV_URL is/,
  ];
  equal(found.length, expected.length, found.join("\n"));
  for (const [at, pattern] of expected.entries()) match(found[at] ?? "", pattern);
  const message = faultMessage(found);
  match(message, /^The configuration has 19 faults, nothing was started:\n {2}\.env line 3/);
  ok(!/my secret token|two words|hunter2/.test(message));
});

Deno.test("an address that others can reach wants a token, a loopback one does not", () => {
  for (const address of ["0.0.0.0:8080", ":8080", "[::]:80", "192.168.1.2:1", "desk.example:80"]) {
    deepEqual(faults({ HTTP_ADDR: address }), [
      `API_TOKEN is not set, but HTTP_ADDR=${address} is open to other machines: set a token ` +
      "(`openssl rand -hex 24`) or listen on 127.0.0.1",
    ]);
    deepEqual(faults({ HTTP_ADDR: address, API_TOKEN: "x".repeat(32) }), []);
  }
  for (const address of ["localhost:0", "127.0.0.1:65535", "127.8.8.8:1", "[::1]:8080"]) {
    deepEqual(faults({ HTTP_ADDR: address }), []);
  }
  for (const address of ["127.0.0.1:65536", "::1:8080", "8080", "[::1]", "a b:1", "http://a:1"]) {
    equal(faults({ HTTP_ADDR: address }).length, 1, address);
  }
});

Deno.test("a secret can stand in a file, but not in both places", () => {
  const files = disk({ "/run/token": "0123456789abcdef\n", "/run/empty": "\n" });
  const read = config({ API_TOKEN_FILE: "/run/token" }, files);
  equal(read.apiToken, "0123456789abcdef");
  deepEqual(read.secrets, ["0123456789abcdef"]);
  deepEqual(faults({ API_TOKEN_FILE: "/run/token", API_TOKEN: "x" }, files), [
    "API_TOKEN_FILE=/run/token: API_TOKEN is set too, unset one of them",
  ]);
  deepEqual(faults({ API_TOKEN_FILE: "/run/empty" }, files), [
    "API_TOKEN_FILE=/run/empty: the file is empty",
  ]);
});

Deno.test("files with secrets that others can read, and short tokens, are warned of", () => {
  const files = disk({ "/run/token": "short" }, { ".env": 0o100644, "/run/token": 0o100640 });
  const hook = { TELEGRAM_WEBHOOK_URL: "https://a.example", TELEGRAM_WEBHOOK_SECRET: "short" };
  const { warnings } = config({ API_TOKEN_FILE: "/run/token", ...hook }, files);
  equal(warnings.length, 4);
  match(warnings[0] ?? "", /^\.env can be read by others on this machine: run chmod 600 \.env$/);
  match(warnings[1] ?? "", /^\/run\/token can be read by others/);
  match(warnings[2] ?? "", /^API_TOKEN is shorter than 16 characters/);
  match(warnings[3] ?? "", /^TELEGRAM_WEBHOOK_SECRET is shorter than 16 characters/);
});

Deno.test("passwords inside URLs are secrets, as written and as meant", () => {
  const { secrets } = config({
    BYBIT_REST: "http://me:p%40ss@127.0.0.1",
    OKX_REST: "http://me:50%@127.0.0.1",
  });
  ok(secrets.includes("p%40ss") && secrets.includes("p@ss"));
  ok(secrets.some((secret) => secret.startsWith("50%")));
});

Deno.test("no environment makes the reader throw, and every fault has a name", () => {
  const names = ["SYMBOLS", "VENUES", "HTTP_ADDR", "KV_URL", "BYBIT_WS", "RETENTION_HOURS"];
  const value = fc.oneof(fc.string({ unit: "binary" }), fc.webUrl(), fc.constantFrom("top:", ","));
  fc.assert(fc.property(fc.dictionary(fc.constantFrom(...names), value), (env) => {
    for (const fault of faults(env)) match(fault, /^[A-Z_]+(=| is not set)/);
  }));
});

Deno.test("the .env file is read, and the real environment wins over it", async () => {
  const script = `import { loadEnv } from ${
    JSON.stringify(import.meta.resolve("../lib/config.ts"))
  };
    const { SYMBOLS, PROFILE } = loadEnv();
    console.log(JSON.stringify([SYMBOLS, PROFILE, Deno.env.get("DENO_KV_ACCESS_TOKEN")]));`;
  const directory = await Deno.makeTempDir();
  try {
    const dotenv = "SYMBOLS=BTC\nPROFILE=ultra\nDENO_KV_ACCESS_TOKEN=kv\n";
    await Deno.writeTextFile(`${directory}/.env`, dotenv);
    await Deno.writeTextFile(`${directory}/script.ts`, script);
    const config = new URL("../deno.json", import.meta.url).pathname;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "-A", "--config", config, "script.ts"],
      cwd: directory,
      env: { PROFILE: "minimal" },
    }).output();
    const text = new TextDecoder().decode(stdout);
    equal(text.trim(), '["BTC","minimal","kv"]', new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("without a .env file it reads the process, and of it the known names only", async () => {
  const module = JSON.stringify(import.meta.resolve("../lib/config.ts"));
  const script = `import { ENV_NAMES, loadEnv } from ${module};
    const known = ENV_NAMES.includes("BYBIT_WS") && ENV_NAMES.includes("API_TOKEN_FILE");
    console.log(JSON.stringify([known, loadEnv()]));`;
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/script.ts`, script);
    const config = new URL("../deno.json", import.meta.url).pathname;
    const flags = ["--allow-read", `--allow-env=${ENV_NAMES.join()}`, "--no-prompt"];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", ...flags, "--config", config, "script.ts"],
      cwd: directory,
      env: { SYMBOLS: "BTC", API_TOKEN_FILE: "token" },
    }).output();
    const text = new TextDecoder().decode(stdout);
    const { SYMBOLS, API_TOKEN_FILE, PATH } = JSON.parse(text || "[]")[1] ?? {};
    deepEqual([SYMBOLS, API_TOKEN_FILE, PATH], ["BTC", "token", undefined], decode(stderr));
    match(text, /^\[true,/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("what systemd says about its watchdog is understood", () => {
  const set = { NOTIFY_SOCKET: "/run/systemd/notify", WATCHDOG_USEC: "60000000" };
  deepEqual(config(set).watchdog, { socket: "/run/systemd/notify", timeoutMs: 60_000 });
  const { NOTIFY_SOCKET } = set;
  deepEqual(config({ NOTIFY_SOCKET }).watchdog, { socket: NOTIFY_SOCKET, timeoutMs: null });
});

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
