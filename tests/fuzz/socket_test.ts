/** Hostile bytes to the socket itself, where no client library has tidied them before. */
import { equal, match, ok } from "../assert.ts";
import { serveWeb } from "../../lib/web/server.ts";
import { Dice } from "../dice.ts";
import { bench } from "../web/fake.ts";
import { hostileText, hostileWord } from "./hostile.ts";

const TOKEN = "correct-horse-battery-staple";

const METHODS = ["GET", "POST", "HEAD", "OPTIONS", "TRACE", "get", "F\u00d6", ""] as const;
const TARGETS = [
  ...["/", "/healthz", "/metrics", "/api/v1/symbols", "/api/v1/buckets", "/api/v1/ask", "//", "*"],
  ...["/healthz/../metrics", "/%6detrics", "/%00", "/%ff", "/\u00ff", "http://evil/metrics", ""],
  ...["/api/v1/buckets?venue=%zz&symbol=%00&from=-1&to=1e99&tf=NaN", `/${"x".repeat(70_000)}`],
] as const;
const LINES = [
  ...["Host: 127.0.0.1", "Host: <b>", "Host: a\r\nHost: b", "X-Forwarded-For: 127.0.0.1"],
  ...[`Authorization: Bearer ${TOKEN}`, "Authorization: Bearer x", "Authorization: \u00ff"],
  ...["Content-Type: application/json", "Content-Encoding: gzip", "Expect: 100-continue"],
  ...["Transfer-Encoding: chunked", "Content-Length: -1", "Content-Length: 99999999999"],
  ...["Upgrade: h2c", "Connection: Upgrade", "Range: bytes=0-0,1-1", "No colon", ": no name"],
  ...[`X: ${"y".repeat(20_000)}`, "X: a\0b", " folded", "Cookie: \u202e"],
] as const;

function requestOf(dice: Dice): Uint8Array {
  if (dice.below(25) === 0) return Uint8Array.from({ length: 64 }, () => dice.below(256));
  const lines = [
    `${dice.pick(METHODS)} ${dice.pick(TARGETS)} HTTP/1.${
      dice.below(12) === 0 ? dice.below(3) : 1
    }`,
  ];
  if (dice.below(2) === 0) lines.push(LINES[0], LINES[4], LINES[7]);
  for (let n = dice.below(3); n > 0; n--) lines.push(dice.pick(LINES));
  let body = "";
  if (dice.below(2) === 0) {
    body = dice.below(3) === 0
      ? hostileWord(dice).repeat(dice.below(5000))
      : JSON.stringify({ text: hostileText(dice) });
    if (dice.below(3) > 0) {
      lines.push(`Content-Length: ${new TextEncoder().encode(body).length - dice.below(2)}`);
    }
  }
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\nConnection: close\r\n\r\n${body}`);
}

/** The start of what comes back; what does not come in time is nothing. */
async function exchange(port: number, request: Uint8Array): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const timer = setTimeout(() => connection.close(), 3000);
  try {
    const writer = connection.writable.getWriter();
    await writer.write(request);
    const chunk = new Uint8Array(4096);
    const count = await connection.read(chunk);
    return new TextDecoder("latin1").decode(chunk.subarray(0, count ?? 0));
  } catch {
    // Cut by the other side, or by the timer: no answer is a good one.
    return "";
  } finally {
    clearTimeout(timer);
  }
}

Deno.test("hostile bytes on the socket are refused or ignored, and it goes on serving", async () => {
  const dice = new Dice(9001);
  const at = bench({ apiToken: TOKEN });
  const stop = new AbortController();
  await using server = serveWeb(at.app, { hostname: "127.0.0.1", port: 0, signal: stop.signal });
  const statuses = new Map<string, number>();
  for (let i = 0; i < 400; i++) {
    // Guesses of the token are slowed by the clock of the app.
    at.clock.nowMs += 120_000;
    const request = requestOf(dice);
    const answer = await exchange(server.port, request);
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? "none";
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    ok(!status.startsWith("5"), `${new TextDecoder().decode(request).slice(0, 300)}\n${answer}`);
    ok(!/^access-control-allow/im.test(answer), answer);
  }
  for (const status of ["200", "400", "401", "404", "405"]) {
    ok((statuses.get(status) ?? 0) > 0, `${status}: ${JSON.stringify([...statuses])}`);
  }
  ok(!at.lines.some((line) => line.includes("Cannot answer")), at.lines.join("\n"));
  const healthz = await fetch(`http://127.0.0.1:${server.port}/healthz`);
  equal(healthz.status, 200);
  match(await healthz.text(), /ok/);
});
