import { deepEqual, equal, match, ok, rejects, throws } from "../assert.ts";
import { type GetOptions, RestClient, VenueHttpError } from "../../lib/net/rest.ts";
import { FakeTiming, settle, until } from "./fake_timing.ts";

const LIMITS = { weight: 100, windowMs: 60_000, usedHeader: "x-used", forbiddenPauseMs: 600_000 };

type Answer = (request: Request, count: number) => Response | Promise<Response>;

/** A client and a server that counts what arrives. */
class Bench implements AsyncDisposable {
  readonly timing = new FakeTiming();
  readonly arrived: { readonly path: string; readonly atMs: number }[] = [];
  readonly client: RestClient;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(answer: Answer, prefix = "") {
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
      const { pathname, search } = new URL(request.url);
      this.arrived.push({ path: pathname + search, atMs: this.timing.now() });
      return answer(request, this.arrived.length);
    });
    const baseUrl = `http://127.0.0.1:${this.#server.addr.port}${prefix}`;
    const { now, after, random } = this.timing;
    this.client = new RestClient({ baseUrl, limits: LIMITS, now, after, random });
  }

  /** Asks, and moves fake time on until there is an answer. */
  async get(path: string, options: Partial<GetOptions> = {}, stepMs = 100): Promise<unknown> {
    let over = false;
    const answer = this.client.get(path, { weight: 1, ...options }).finally(() => over = true);
    answer.catch(() => {});
    await this.timing.advanceUntil(() => over, stepMs);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client[Symbol.dispose]();
    await this.#server.shutdown();
  }
}

function json(): Response {
  return Response.json({ ok: true });
}

async function failure(asked: Promise<unknown>): Promise<VenueHttpError> {
  try {
    await asked;
  } catch (error) {
    if (error instanceof VenueHttpError) return error;
    throw error;
  }
  throw new Error("It should have failed");
}

Deno.test("a body of JSON is returned decoded, under a prefix too", async () => {
  await using bench = new Bench(json, "/proxy/venue/");
  deepEqual(await bench.get("/api/v3/time?x=1"), { ok: true });
  equal(bench.arrived[0]?.path, "/proxy/venue/api/v3/time?x=1");
  deepEqual(bench.client.stats, {
    requests: 1,
    weightUsed: 1,
    peakShare: 0.01,
    retries: 0,
    limited: 0,
    failures: 0,
    waiting: 0,
  });
});

Deno.test("no more than 70 % of the allowance is spent in a window", async () => {
  await using bench = new Bench(json);
  let answered = 0;
  for (let at = 0; at < 20; at++) {
    void bench.client.get("/x", { weight: 10 }).then(() => answered++);
  }
  await until(() => answered === 7, "the first seven");
  equal(bench.client.stats.waiting, 13);
  bench.timing.advance(59_999);
  await settle();
  equal(bench.arrived.length, 7);
  bench.timing.advance(1);
  await until(() => answered === 14, "seven more");
  bench.timing.advance(60_000);
  await until(() => answered === 20, "the rest");
  equal(bench.client.stats.peakShare, 0.7);
});

Deno.test("live requests go first, and repairs leave them room", async () => {
  await using bench = new Bench(json);
  let answered = 0;
  const ask = (path: string, weight: number, priority: "live" | "repair") =>
    void bench.client.get(path, { weight, priority }).then(() => answered++);
  for (let at = 0; at < 8; at++) ask(`/repair${at}`, 10, "repair");
  await until(() => answered === 5, "half the allowance");
  equal(bench.client.stats.waiting, 3);
  ask("/live", 20, "live");
  await until(() => answered === 6, "the live one");
  ask("/live2", 20, "live");
  bench.timing.advance(60_000);
  await until(() => answered === 10, "the rest");
  deepEqual(bench.arrived.slice(5, 7).map(({ path }) => path), ["/live", "/live2"]);
});

Deno.test("what other programs on the address spend is taken from the header", async () => {
  await using bench = new Bench(() => Response.json(1, { headers: { "x-used": "65" } }));
  await bench.get("/x", { weight: 5 });
  const startMs = bench.timing.now();
  await bench.get("/x", { weight: 10 }, 500);
  ok(bench.timing.now() - startMs >= 59_000, "the second waits for a new window");
});

Deno.test("429 is obeyed: everybody waits, longer each time, then the request is repeated", async () => {
  await using bench = new Bench((_request, count) =>
    count <= 3 ? new Response("slow down", { status: 429 }) : json()
  );
  await bench.get("/x");
  const at = bench.arrived.map(({ atMs }) => atMs);
  const gaps = at.slice(1).map((atMs, index) => atMs - (at[index] ?? 0));
  for (const [index, atLeastMs] of [1_000, 2_000, 4_000].entries()) {
    const gapMs = gaps[index] ?? 0;
    ok(gapMs >= atLeastMs && gapMs < atLeastMs + 500, `${gapMs} ms for ${atLeastMs}`);
  }
  const { limited, retries, failures } = bench.client.stats;
  deepEqual({ limited, retries, failures }, { limited: 3, retries: 3, failures: 0 });
});

Deno.test("a venue that wants no pause each time gets one that grows all the same", async () => {
  await using bench = new Bench((_request, count) =>
    count <= 2 ? new Response(null, { status: 429, headers: { "retry-after": "0" } }) : json()
  );
  await bench.get("/x");
  const [first = 0, second = 0, third = 0] = bench.arrived.map(({ atMs }) => atMs);
  ok(second - first >= 1_000, `${second - first} ms`);
  ok(third - second >= 2_000, `${third - second} ms`);
});

Deno.test("Retry-After is kept to the second, by other requests too", async () => {
  await using bench = new Bench((_request, count) =>
    count === 1 ? new Response(null, { status: 429, headers: { "retry-after": "30" } }) : json()
  );
  const first = bench.client.get("/a", { weight: 1 });
  await until(() => bench.client.stats.limited === 1, "the refusal");
  const second = bench.client.get("/b", { weight: 1 });
  bench.timing.advance(29_000);
  await settle();
  equal(bench.arrived.length, 1);
  bench.timing.advance(1_000);
  await Promise.all([first, second]);
  equal(bench.arrived.length, 3);
});

Deno.test("a ban whose end stands in the body only is kept to its end", async () => {
  await using bench = new Bench(() =>
    new Response('{"code":-1003,"msg":"IP banned until 1755000900000. Please use WebSocket"}', {
      status: 418,
      headers: { date: new Date(1755000000000).toUTCString() },
    })
  );
  await rejects(bench.client.get("/a", { weight: 1 }), /another 900 s after HTTP 418/);
});

Deno.test("418 without a time waits two minutes; with a long one nobody is kept waiting", async () => {
  let after: string | null = null;
  await using bench = new Bench((_request, count) =>
    count % 2 === 1
      ? new Response("banned", { status: 418, headers: after ? { "retry-after": after } : {} })
      : json()
  );
  const startMs = bench.timing.now();
  await bench.get("/x", {}, 1_000);
  ok(bench.timing.now() - startMs >= 120_000);
  after = "7200";
  const error = await failure(bench.get("/x"));
  equal(error.status, 418);
  ok(error.retryable);
  match(error.message, /Not asked for another 7200 s after HTTP 418; banned for asking too often/);
  const second = await failure(bench.get("/y"));
  ok((second.retryAfterMs ?? 0) > 7_000_000);
  equal(bench.arrived.length, 3);
});

Deno.test("403 is an error at once, and the venue is left in peace for the pause", async () => {
  await using bench = new Bench(() => new Response("access too frequent", { status: 403 }));
  const error = await failure(bench.get("/x"));
  equal(error.status, 403);
  equal(error.retryable, false);
  match(error.message, /HTTP 403: access too frequent; a firewall's ban .* or a region block/);
  await failure(bench.get("/x"));
  equal(bench.arrived.length, 1);
  bench.timing.advance(600_000);
  await failure(bench.get("/x"));
  equal(bench.arrived.length, 2);
});

Deno.test("451 says that the region is the reason, and nobody asks again for ten minutes", async () => {
  await using bench = new Bench(() => new Response(null, { status: 451 }));
  const error = await failure(bench.get("/x"));
  match(error.message, /HTTP 451; the venue does not serve this region: use another network/);
  equal(error.retryable, false);
  await failure(bench.get("/y"));
  equal(bench.arrived.length, 1);
  bench.timing.advance(600_000);
  await failure(bench.get("/x"));
  equal(bench.arrived.length, 2);
});

Deno.test("another 4xx is an error with the start of the body, and secrets stay out of it", async () => {
  const body = `{"code":-1121,\n "msg":"Invalid symbol."}` + "x".repeat(100_000);
  await using bench = new Bench(() => new Response(body, { status: 400 }));
  const error = await failure(bench.get("/x?symbol=NOPE&signature=cafe&a=1"));
  match(error.message, /\?symbol=NOPE&signature=…&a=1: HTTP 400: \{"code":-1121, "msg":"Inv.*…$/);
  ok(error.message.length < 500);
  equal(bench.arrived.length, 1);
  equal(bench.client.stats.failures, 1);
});

Deno.test("5xx is tried four times with growing pauses", async () => {
  await using bench = new Bench(() => new Response("oops", { status: 503 }));
  const error = await failure(bench.get("/x"));
  match(error.message, /HTTP 503: oops$/);
  equal(bench.arrived.length, 4);
  equal(bench.client.stats.weightUsed, 4);
  deepEqual(
    bench.timing.delays.filter((delayMs) => delayMs !== 10_000),
    [1_500, 3_000, 6_000],
  );
});

Deno.test("a broken connection is retried", async () => {
  const timing = new FakeTiming();
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { now, after, random } = timing;
  const baseUrl = `http://127.0.0.1:${listener.addr.port}`;
  using client = new RestClient({ baseUrl, limits: LIMITS, now, after, random });
  const answer = client.get("/x", { weight: 1 });
  (await listener.accept()).close();
  await until(() => client.stats.retries === 1, "the retry");
  timing.advance(1_500);
  using conn = await listener.accept();
  await conn.read(new Uint8Array(1_000));
  const text = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]";
  await conn.write(new TextEncoder().encode(text));
  deepEqual(await answer, []);
  listener.close();
});

Deno.test("a slow answer is given up and asked for again; a slow body too", async () => {
  let release = () => {};
  await using bench = new Bench((_request, count) => {
    if (count > 2) return json();
    if (count === 1) return new Promise((resolve) => release = () => resolve(json()));
    return new Response(
      new ReadableStream({ pull: (out) => out.enqueue(new Uint8Array([32])) }, {
        highWaterMark: 0,
      }),
    );
  });
  deepEqual(await bench.get("/x", { timeoutMs: 500 }), { ok: true });
  equal(bench.arrived.length, 3);
  release();
  await settle();
});

Deno.test("a body over 32 MB is refused", async () => {
  const megabyte = new Uint8Array(1024 * 1024).fill(32);
  await using bench = new Bench(() => {
    let left = 40;
    return new Response(
      new ReadableStream({
        pull(out) {
          out.enqueue(megabyte);
          if (--left === 0) out.close();
        },
      }),
    );
  });
  await rejects(bench.client.get("/x", { weight: 1 }), RangeError);
});

Deno.test("an answer that is no JSON is an error that shows it", async () => {
  await using bench = new Bench(() => new Response("<html>maintenance</html>"));
  match((await failure(bench.get("/x"))).message, /no JSON: <html>maintenance/);
});

Deno.test("an abort ends a request wherever it is, with the caller's reason", async () => {
  let release = () => {};
  await using bench = new Bench((request) => {
    if (request.url.endsWith("/down")) return new Response(null, { status: 500 });
    return new Promise((resolve) => release = () => resolve(json()));
  });
  const reason = new Error("enough");
  const abort = new AbortController();
  const { signal } = abort;
  const asked = rejects(bench.client.get("/x", { weight: 70, signal }), reason);
  await until(() => bench.arrived.length === 1, "the first");
  const waiting = rejects(bench.client.get("/x", { weight: 70, signal }), reason);
  abort.abort(reason);
  await Promise.all([asked, waiting]);
  release();
  bench.timing.advance(60_000);
  const second = new AbortController();
  const sleeping = rejects(bench.client.get("/down", { weight: 1, signal: second.signal }), reason);
  await until(() => bench.client.stats.retries === 1, "the pause");
  second.abort(reason);
  await sleeping;
  await rejects(bench.client.get("/x", { weight: 1, signal }), reason);
  equal(bench.client.stats.failures, 0);
  equal(bench.timing.pending, 0);
});

Deno.test("the queue is bounded, and disposing of the client empties it", async () => {
  await using bench = new Bench(json);
  await bench.get("/x", { weight: 70 });
  const asked = Array.from({ length: 512 }, () => bench.client.get("/x", { weight: 70 }));
  const ends = Promise.allSettled(asked);
  match(
    (await failure(bench.client.get("/x", { weight: 1 }))).message,
    /512 requests wait already/,
  );
  bench.client[Symbol.dispose]();
  ok((await ends).every(({ status }) => status === "rejected"));
  await rejects(bench.client.get("/x", { weight: 1 }), /Stopped asking http/);
  equal(bench.timing.pending, 0);
});

Deno.test("what can never be asked is said at once", async () => {
  await using bench = new Bench(json);
  await rejects(bench.client.get("/x", { weight: 71 }), /Cannot spend 71 on one request/);
  const limits = LIMITS;
  throws(() => new RestClient({ baseUrl: "ftp://x", limits }), /give an http: or https: address/);
});

Deno.test("a signed request is signed anew for each attempt, and errors name it unsigned", async () => {
  await using bench = new Bench((_, count) =>
    count === 1 ? new Response("busy", { status: 503 }) : new Response("no", { status: 400 })
  );
  let turns = 0;
  const sign = (path: string) =>
    Promise.resolve({ path: `${path}?signature=abc${++turns}`, headers: { "x-key": "public" } });
  const { message, body } = await failure(bench.get("/account", { sign }));
  deepEqual(bench.arrived.map(({ path }) => path), [
    "/account?signature=abc1",
    "/account?signature=abc2",
  ]);
  match(message, /\/account: HTTP 400: no$/);
  equal(body, "no");
});

Deno.test("a signed request follows no redirect, and its fault hides the signature", async () => {
  let key: string | null = null;
  await using bench = new Bench((request) => {
    key = request.headers.get("x-key");
    return Response.redirect("http://127.0.0.1:9/elsewhere");
  });
  const sign = (path: string) =>
    Promise.resolve({ path: `${path}?signature=abc`, headers: { "x-key": "public" } });
  const { status } = await failure(bench.get("/account", { sign }));
  deepEqual([status, key], [302, "public"]);
  // Retries at once; only the limit of an attempt is never reached.
  const after = (delayMs: number, run: () => void) => {
    const timer = delayMs < 10_000 ? setTimeout(run, 0) : undefined;
    return () => clearTimeout(timer);
  };
  using gone = new RestClient({ baseUrl: "http://127.0.0.1:9", limits: LIMITS, after });
  const error = await failure(gone.get("/account", { weight: 1, sign }));
  ok(!error.message.includes("abc"), error.message);
});

Deno.test("what is aborted while it is signed is not sent", async () => {
  await using bench = new Bench(json);
  const stop = new AbortController();
  const asked = bench.client.get("/x", {
    weight: 1,
    signal: stop.signal,
    sign(path) {
      stop.abort(new Error("no longer wanted"));
      return Promise.resolve({ path, headers: {} });
    },
  });
  await rejects(asked, /no longer wanted/);
  equal(bench.arrived.length, 0);
});
