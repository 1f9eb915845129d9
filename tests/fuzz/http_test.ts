/** Ten thousand hostile requests: none is a fault of ours, and strangers learn nothing. */
import { ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import { answer } from "../../lib/reply/answer.ts";
import { setting } from "../commands/setting.ts";
import { fakeSource } from "../market/fake_source.ts";
import { bench, LOCAL, STRANGER } from "../web/fake.ts";
import { Dice } from "../dice.ts";
import { hostileText, hostileWord } from "./hostile.ts";

const TOKEN = "correct-horse-battery-staple";
const HOOK = "/telegram/hook";
const SECRET = "webhook-secret_0123456789";

const METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "QUERY"] as const;
const PATHS = [
  ...[
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/api/v1/symbols",
    "/api/v1/buckets",
  ],
  ...["/api/v1/ask", "/api/v1/stream", HOOK, `${HOOK}/`, "//", "/api/v1/../metrics", "/%2e%2e/%00"],
] as const;
const NAMES = ["venue", "symbol", "from", "to", "tf", "__proto__", "venue"] as const;
const HEADERS = [
  ...["Authorization", "Content-Type", "Accept", "Origin", "X-Forwarded-For", "Range", "Cookie"],
  ...["X-Telegram-Bot-Api-Secret-Token", "If-None-Match", "Content-Encoding", "Upgrade"],
] as const;
const VALUES = [
  ...[`Bearer ${TOKEN}`, "Bearer x", "bearer", "application/json", "text/html", "bytes=0-", "gzip"],
  ...["127.0.0.1", "null", SECRET, "*/*", "x".repeat(9000), "a=b; c", "websocket"],
] as const;

function pathOf(dice: Dice): string {
  const path = dice.below(12) === 0 ? `/${encodeURI(wellFormed(dice))}` : dice.pick(PATHS);
  if (dice.below(2) === 0) return path;
  const query = Array.from({ length: dice.below(6) }, () => {
    const value = dice.below(4) === 0 ? String(dice.below(2e13) - 1e12) : wellFormed(dice);
    // Sometimes the bytes are no text at all.
    return `${dice.pick(NAMES)}=${dice.below(20) === 0 ? "%ff%zz%" : encodeURIComponent(value)}`;
  });
  return `${path}?${query.join("&")}`;
}

function wellFormed(dice: Dice): string {
  return hostileWord(dice).toWellFormed();
}

function bodyOf(dice: Dice): string | null {
  switch (dice.below(6)) {
    case 0:
      return null;
    case 1:
      return hostileText(dice);
    case 2:
      return JSON.stringify({ text: hostileText(dice) });
    case 3:
      return JSON.stringify({ text: dice.pick<unknown>([1, null, [], {}, true]), more: 1 });
    case 4:
      return "[".repeat(5000);
    default:
      return JSON.stringify({ text: "x".repeat(dice.below(20_000)) });
  }
}

Deno.test("ten thousand hostile requests get an answer below 500, and strangers nothing", async () => {
  const dice = new Dice(11);
  const source = fakeSource({ series: [{ venue: "binance-perp" }], listed: ["<b>\u202e"] });
  const taken: unknown[] = [];
  const deps = {
    answer: (text: string) => answer(text, setting({ commands, source })),
    webhook: { path: HOOK, secret: SECRET, take: (update: unknown) => taken.push(update) > 0 },
  };
  const guarded = bench({ ...deps, apiToken: TOKEN });
  const open = bench(deps);
  const statuses = new Map<number, number>();
  for (let i = 0; i < 10_000; i++) {
    const at = dice.below(2) === 0 ? guarded : open;
    // A third come in by the door, so that what lies behind it is reached.
    const nearly = dice.below(3) === 0;
    const method = nearly ? dice.pick(["GET", "POST"]) : dice.pick(METHODS);
    const path = nearly && method === "POST" ? dice.pick(["/api/v1/ask", HOOK]) : pathOf(dice);
    const headers = new Headers();
    if (nearly) {
      headers.set("Authorization", `Bearer ${TOKEN}`);
      headers.set("Content-Type", "application/json");
      headers.set("X-Telegram-Bot-Api-Secret-Token", SECRET);
    }
    for (let n = dice.below(4); n > 0; n--) headers.set(dice.pick(HEADERS), dice.pick(VALUES));
    const body = method === "GET" || method === "HEAD" ? null : bodyOf(dice);
    const caller = dice.below(2) === 0 ? LOCAL : STRANGER;
    const where = `request ${i}: ${method} ${path} ${JSON.stringify([...headers])}`;
    // Guesses of the token are slowed by the clock of the app.
    at.clock.nowMs += 120_000;
    const reply = await at.get(path, { method, headers, body }, caller);
    statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
    ok(reply.status < 500, `${where}: ${reply.status}`);
    ok(reply.headers.get("x-content-type-options") === "nosniff", where);
    ok(!reply.headers.has("access-control-allow-origin"), where);
    const { pathname } = new URL(`http://localhost${path}`);
    const authorized = headers.get("authorization") === `Bearer ${TOKEN}`;
    const secret = headers.get("x-telegram-bot-api-secret-token") === SECRET;
    const let_in = at === guarded
      ? authorized
      : caller === LOCAL && !headers.has("x-forwarded-for");
    if (!let_in && pathname !== "/healthz" && !(pathname === HOOK && method === "POST" && secret)) {
      ok([401, 403].includes(reply.status), `${where}: ${reply.status}`);
    }
    await reply.body?.cancel();
  }
  // The dice reached every kind of answer.
  for (const status of [200, 400, 401, 403, 404, 405, 413, 415]) {
    ok((statuses.get(status) ?? 0) > 5, `${status}: ${JSON.stringify([...statuses])}`);
  }
  ok(!open.lines.concat(guarded.lines).some((line) => line.includes("Cannot answer")), "no fault");
});
