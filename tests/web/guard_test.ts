import { deepEqual, equal, match } from "../assert.ts";
import type { Caller } from "../../lib/web/app.ts";
import { callerOf, FailedAttempts } from "../../lib/web/attempts.ts";
import { equalBytes } from "../../lib/web/guard.ts";
import { bench, LOCAL, refusal, STRANGER } from "./fake.ts";

const TOKEN = "correct-horse-battery-staple";

function bearer(token: string): RequestInit {
  return { headers: { Authorization: `Bearer ${token}` } };
}

async function status(reply: Promise<Response>): Promise<number> {
  const answer = await reply;
  await answer.body?.cancel();
  return answer.status;
}

Deno.test("with a token everything but /healthz wants it, from this machine too", async () => {
  const { get, app } = bench({ apiToken: TOKEN });
  for (const { method, path } of app.routes) {
    const open = path === "/healthz";
    const init = method === "POST"
      ? { method, body: '{"text":"/top"}', headers: { "Content-Type": "application/json" } }
      : { method };
    equal(await status(get(path, init)), open ? 200 : 401, path);
    equal(await status(get(path, init, STRANGER)), open ? 200 : 401, path);
    const headers = { ...init.headers, Authorization: `Bearer ${TOKEN}` };
    const query = path.endsWith("/buckets") ? "?venue=bybit-perp&symbol=BTC" : "";
    equal(await status(get(path + query, { ...init, headers }, STRANGER)), 200, path);
  }
  equal(await status(get("/nowhere")), 401);
});

Deno.test("a wrong token, scheme or case is 401 with WWW-Authenticate", async () => {
  const headers = [`Bearer ${TOKEN}x`, `Bearer ${TOKEN.toUpperCase()}`, `Basic ${TOKEN}`, "Bearer"];
  for (const authorization of headers) {
    const { get } = bench({ apiToken: TOKEN });
    const reply = await get("/metrics", { headers: { Authorization: authorization } });
    equal(reply.status, 401);
    equal(reply.headers.get("www-authenticate"), 'Bearer realm="tapewatch"');
    deepEqual(await reply.json(), {
      error: {
        code: "unauthorized",
        message: "Send the API token as Authorization: Bearer …",
      },
    });
  }
});

Deno.test("a browser without a token gets the page that asks for it, still as 401", async () => {
  const { get } = bench({ apiToken: TOKEN });
  const reply = await get("/", { headers: { Accept: "text/html,*/*" } });
  equal(reply.status, 401);
  match(await reply.text(), /API token/);
});

Deno.test("without a token only this machine is served", async () => {
  const { get, app } = bench();
  const callers: [Caller, number][] = [
    [LOCAL, 200],
    [{ remoteAddr: { transport: "tcp", hostname: "::1", port: 1 } }, 200],
    [{ remoteAddr: { transport: "tcp", hostname: "::ffff:127.0.0.1", port: 1 } }, 200],
    [{ remoteAddr: { transport: "unix", path: "/run/tapewatch" } }, 200],
    [STRANGER, 403],
    [{ remoteAddr: { transport: "tcp", hostname: "10.0.0.1", port: 1 } }, 403],
    [{ remoteAddr: { transport: "tcp", hostname: "::ffff:10.0.0.1", port: 1 } }, 403],
    [{ remoteAddr: { transport: "tcp", hostname: "127.0.0.1.example.com", port: 1 } }, 403],
  ];
  for (const [caller, expected] of callers) {
    equal(await status(get("/api/v1/symbols", {}, caller)), expected, JSON.stringify(caller));
  }
  equal(await status(app.fetch(new Request("http://localhost/metrics"))), 403);
  equal(await status(app.fetch(new Request("http://localhost/healthz"))), 200);
});

Deno.test("without a token a proxy's callers and rebound names are strangers", async () => {
  const { get, app } = bench();
  const [code, , message] = await refusal(
    get("/api/v1/symbols", { headers: { "X-Forwarded-For": "203.0.113.7" } }),
  );
  equal(code, 403);
  match(message, /set API_TOKEN/);
  const urls = { "http://rebound.example/metrics": 403, "http://[::1]:8080/metrics": 200 };
  for (const [url, expected] of Object.entries(urls)) {
    equal(await status(app.fetch(new Request(url), LOCAL)), expected, url);
  }
});

Deno.test("wrong tokens cost growing waits by address, a right one clears them", async () => {
  const { get, clock } = bench({ apiToken: TOKEN });
  const guess = (caller = STRANGER) => get("/metrics", bearer("guess"), caller);
  for (let time = 0; time < 3; time++) equal(await status(guess()), 401);
  const reply = await guess();
  equal(reply.status, 429);
  equal(reply.headers.get("retry-after"), "1");
  await reply.body?.cancel();
  equal(await status(guess(LOCAL)), 401);
  clock.nowMs += 1000;
  equal(await status(guess()), 401);
  clock.nowMs += 1000;
  equal(await status(guess()), 429);
  equal(await status(get("/metrics", bearer(TOKEN), STRANGER)), 200);
  equal(await status(guess()), 401);
});

Deno.test("guesses shut out nobody who has the token, unless it is short enough to be guessed", async () => {
  for (const [apiToken, expected] of [["x".repeat(16), 200], ["x".repeat(15), 429]] as const) {
    const { get, clock } = bench({ apiToken });
    for (let time = 0; time < 5; time++) await status(get("/metrics", bearer("guess")));
    equal(await status(get("/metrics", bearer(apiToken))), expected);
    clock.nowMs += 1000;
    equal(await status(get("/metrics", bearer(apiToken))), 200);
  }
});

Deno.test("guesses sent side by side count one by one, and no token is no guess", async () => {
  const { get } = bench({ apiToken: TOKEN });
  const wrong = Array.from({ length: 20 }, () => status(get("/metrics", bearer("guess"))));
  const statuses = await Promise.all(wrong);
  equal(statuses.filter((each) => each === 401).length, 3);
  equal(statuses.filter((each) => each === 429).length, 17);
  const other = bench({ apiToken: TOKEN });
  for (let time = 0; time < 10; time++) equal(await status(other.get("/metrics")), 401);
});

Deno.test("many requests with the right token side by side all pass", async () => {
  const { get } = bench({ apiToken: TOKEN });
  const right = Array.from({ length: 20 }, () => status(get("/metrics", bearer(TOKEN))));
  deepEqual(new Set(await Promise.all(right)), new Set([200]));
});

Deno.test("the list of failed addresses is bounded and forgets", () => {
  const attempts = new FailedAttempts();
  for (let address = 0; address < 5000; address++) attempts.failed(String(address), address);
  equal(attempts.size, 1024);
  for (let time = 0; time < 100; time++) attempts.failed("same", 10_000);
  equal(attempts.waitMs("same", 10_000), 60_000);
  equal(attempts.waitMs("same", 70_000), 0);
  attempts.failed("same", 10_000 + 15 * 60_000);
  equal(attempts.waitMs("same", 10_000 + 15 * 60_000), 0);
});

Deno.test("bytes are equal only where all are", () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);
  equal(equalBytes(bytes(1, 2, 3), bytes(1, 2, 3)), true);
  equal(equalBytes(bytes(), bytes()), true);
  for (const other of [bytes(9, 2, 3), bytes(1, 2, 9), bytes(1, 2), bytes(1, 2, 3, 0), bytes()]) {
    equal(equalBytes(bytes(1, 2, 3), other), false);
    equal(equalBytes(other, bytes(1, 2, 3)), false);
  }
});

Deno.test("addresses of one IPv6 network are one caller, IPv4 ones are each their own", () => {
  const callers: [string, string][] = [
    ["203.0.113.9", "203.0.113.9"],
    ["::ffff:203.0.113.9", "::ffff:203.0.113.9"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
    ["2001:0db8:1::9", "2001:db8:1:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ];
  for (const [address, caller] of callers) equal(callerOf(address), caller);
});
