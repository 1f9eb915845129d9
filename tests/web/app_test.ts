import { deepEqual, equal, match, ok } from "../assert.ts";
import { bench, json, refusal } from "./fake.ts";

Deno.test("health, readiness, symbols and metrics answer", async () => {
  const { get } = bench();
  deepEqual(await json(get("/healthz")), { status: "ok" });
  deepEqual(await json(get("/readyz")), { ready: true, reasons: [] });
  const { symbols, assets } = await json(get("/api/v1/symbols"));
  deepEqual(assets, ["BTC", "PEPE", "币安人生"]);
  ok(Array.isArray(symbols));
  deepEqual(symbols[2], {
    venue: "bybit-perp",
    market: "perp",
    symbol: "1000PEPEUSDT",
    base: "PEPE",
    quote: "USDT",
  });
  const metrics = await get("/metrics");
  equal(metrics.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await metrics.text();
  match(
    text,
    /^tapewatch_http_requests_total\{route="\/healthz",method="GET",status="200"\} 1$/m,
  );
});

Deno.test("not ready is 503 with the reasons and the progress", async () => {
  const reasons = ["bybit-perp: connecting"];
  const { get } = bench({ ready: () => ({ ready: false, reasons, progress: { filled: 3 } }) });
  const reply = await get("/readyz");
  equal(reply.status, 503);
  deepEqual(await reply.json(), { ready: false, reasons, progress: { filled: 3 } });
});

Deno.test("an unknown path is 404 and a known one with another method 405, as JSON", async () => {
  const { get } = bench();
  deepEqual((await refusal(get("/nowhere"))).slice(0, 2), [404, "not_found"]);
  deepEqual((await refusal(get("/metrics/"))).slice(0, 2), [404, "not_found"]);
  const reply = await get("/api/v1/buckets", { method: "DELETE" });
  equal(reply.status, 405);
  equal(reply.headers.get("allow"), "GET, HEAD");
  deepEqual(await reply.json(), {
    error: { code: "method_not_allowed", message: "Use GET or HEAD for /api/v1/buckets" },
  });
  const ask = await get("/api/v1/ask");
  equal(ask.status, 405);
  equal(ask.headers.get("allow"), "POST");
  await ask.body?.cancel();
  equal((await refusal(get("/api/v1/symbols", { method: "OPTIONS" })))[0], 405);
});

Deno.test("HEAD gives GET's head without a body, also for the event stream", async () => {
  const { get } = bench();
  for (const path of ["/healthz", "/api/v1/symbols", "/", "/metrics", "/api/v1/stream"]) {
    const reply = await get(path, { method: "HEAD" });
    equal(reply.status, 200, path);
    equal(await reply.text(), "", path);
  }
});

Deno.test("every reply carries the security headers and none allows another origin", async () => {
  const { get } = bench();
  for (const path of ["/", "/nowhere", "/api/v1/symbols", "/api/v1/buckets"]) {
    const reply = await get(path, { headers: { Origin: "https://example.com" } });
    const policy = reply.headers.get("content-security-policy") ?? "";
    match(policy, /default-src 'none'/);
    ok(!policy.includes("unsafe"), policy);
    equal(reply.headers.get("x-content-type-options"), "nosniff");
    equal(reply.headers.get("x-frame-options"), "DENY");
    equal(reply.headers.get("cache-control"), "no-store");
    equal(reply.headers.get("access-control-allow-origin"), null);
    await reply.body?.cancel();
  }
});

Deno.test("the page runs its own script only and asks nothing from elsewhere", async () => {
  const { get } = bench();
  const reply = await get("/");
  const html = await reply.text();
  const nonce = /script-src 'nonce-([^']+)'/.exec(
    reply.headers.get("content-security-policy") ?? "",
  )?.[1];
  ok(nonce);
  equal(html.split(`nonce="${nonce}"`).length - 1, 2);
  ok(!/https?:\/\//.test(html));
  ok(!/ on[a-z]+=| style=/.test(html), "inline handlers would be blocked");
});

Deno.test("a fault on our side is 500 without its text, and the log has it once a minute", async () => {
  const { get, source, lines } = bench();
  source.failure = new Error("disk /srv/secret is gone");
  for (let time = 0; time < 3; time++) {
    const [status, code, message] = await refusal(
      get("/api/v1/buckets?venue=bybit-perp&symbol=BTC"),
    );
    deepEqual([status, code], [500, "internal"]);
    ok(!message.includes("disk"));
  }
  equal(lines.length, 1);
  match(lines[0] ?? "", /disk \/srv\/secret is gone/);
});

Deno.test("a part of the desk can be left out: health and metrics stay", async () => {
  const { get, app } = bench({ api: false });
  equal((await json(get("/healthz"))).status, "ok");
  equal((await refusal(get("/api/v1/symbols")))[0], 404);
  deepEqual(app.routes.map(({ path }) => path), ["/healthz", "/readyz", "/metrics"]);
});
