import { equal, match, ok, rejects, throws } from "../assert.ts";
import { serveWeb } from "../../lib/web/server.ts";
import { bench } from "./fake.ts";

Deno.test("a served app answers this machine and ends its event streams at shutdown", async () => {
  const stop = new AbortController();
  const { app } = bench();
  await using server = serveWeb(app, { hostname: "127.0.0.1", port: 0, signal: stop.signal });
  const base = `http://127.0.0.1:${server.port}`;
  equal(await (await fetch(`${base}/healthz`)).text(), '{"status":"ok"}');
  const stream = await fetch(`${base}/api/v1/stream`);
  const startMs = performance.now();
  stop.abort();
  match(await stream.text(), /^retry: 3000\nevent: prices\n/);
  await server.finished;
  ok(performance.now() - startMs < 1000);
});

Deno.test("a request that does not end is cut at shutdown within a second", async () => {
  const stop = new AbortController();
  const arrived = Promise.withResolvers<void>();
  const hanging = Promise.withResolvers<void>();
  const app = {
    fetch: async () => {
      arrived.resolve();
      await hanging.promise;
      return new Response("late");
    },
    close() {},
  };
  await using server = serveWeb(app, { hostname: "127.0.0.1", port: 0, signal: stop.signal });
  const reply = rejects(fetch(`http://127.0.0.1:${server.port}/`));
  await arrived.promise;
  const startMs = performance.now();
  stop.abort();
  await server.finished;
  ok(performance.now() - startMs < 1000);
  await reply;
  hanging.resolve();
});

Deno.test("a reply in flight is finished before the server goes", async () => {
  const stop = new AbortController();
  const { app } = bench({
    answer: async (text) => {
      stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { html: text, text, data: "x".repeat(1_000_000) };
    },
  });
  await using server = serveWeb(app, { hostname: "127.0.0.1", port: 0, signal: stop.signal });
  const reply = await fetch(`http://127.0.0.1:${server.port}/api/v1/ask`, {
    method: "POST",
    body: '{"text":"/top"}',
    headers: { "Content-Type": "application/json" },
  });
  const body = await reply.json();
  equal(body.data.length, 1_000_000);
  await server.finished;
});

Deno.test("a taken port is refused with the variable and the fix", async () => {
  const { app } = bench();
  const { signal } = new AbortController();
  await using first = serveWeb(app, { hostname: "127.0.0.1", port: 0, signal });
  let reason: unknown;
  try {
    await using _second = serveWeb(app, { hostname: "127.0.0.1", port: first.port, signal });
  } catch (error) {
    reason = error;
  }
  ok(reason instanceof RangeError);
  match(
    reason.message,
    /^Cannot listen on HTTP_ADDR=127\.0\.0\.1:\d+: another program has the port.*set HTTP_ADDR/,
  );
});

Deno.test("a port that the old process cannot share is refused with the rule of one user", () => {
  const { app } = bench();
  const { signal } = new AbortController();
  // As far as sharing goes, a listener that does not share is one of another user.
  using old = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = old.addr;
  throws(
    () => serveWeb(app, { hostname: "127.0.0.1", port, signal, beside: true }),
    /^RangeError: Cannot listen on HTTP_ADDR=127\.0\.0\.1:\d+: .*another user's: run .* as the user/,
  );
});

Deno.test("a client that hangs up in the middle of its body is no fault of ours", async () => {
  const { app, lines } = bench({ webhook: { path: "/hook", secret: "s", take: () => true } });
  const { signal } = new AbortController();
  const server = serveWeb(app, { hostname: "127.0.0.1", port: 0, signal });
  const secret = "X-Telegram-Bot-Api-Secret-Token: s\r\n";
  for (
    const body of ['Content-Length: 9\r\n\r\n{"te', 'Transfer-Encoding: chunked\r\n\r\n9\r\n{"te']
  ) {
    for (const [path, header] of [["/api/v1/ask", ""], ["/hook", secret]]) {
      using socket = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
      const request = `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${header}` +
        `Content-Type: application/json\r\n${body}`;
      await socket.write(new TextEncoder().encode(request));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  // Closing waits for all that is under way.
  await server[Symbol.asyncDispose]();
  equal(lines.filter((line) => line.includes('"error"')).join("\n"), "");
});

Deno.test("a Host header that is no name is 400, not a fault of ours", async () => {
  const { app, lines } = bench();
  const { signal } = new AbortController();
  await using server = serveWeb(app, { hostname: "127.0.0.1", port: 0, signal });
  for (const host of ["[", "%%", "a:b:c"]) {
    using socket = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    const request = `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    await socket.write(new TextEncoder().encode(request));
    match(await new Response(socket.readable).text(), /^HTTP\/1\.1 400 /, host);
  }
  equal(lines.length, 0);
});
