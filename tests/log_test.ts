import { deepEqual, equal, match, ok } from "./assert.ts";
import fc from "fast-check";
import { createLog, type Level } from "../lib/log.ts";

function lines(level: Level = "info", secrets: readonly string[] = []) {
  const written: string[] = [];
  const log = createLog({
    level,
    secrets,
    now: () => Date.UTC(2026, 10, 20),
    write: (line) => written.push(line),
  });
  return { log, written, last: () => JSON.parse(written.at(-1) ?? "null") };
}

Deno.test("a line is JSON with time, level, message and the fields of log and call", () => {
  const { log, written, last } = lines();
  log.child({ venue: "bybit-perp" }).warn("Late trades", { count: 3, symbol: "BTCUSDT" });
  equal(
    written[0],
    '{"time":"2026-11-20T00:00:00.000Z","level":"warn","message":"Late trades",' +
      '"venue":"bybit-perp","count":3,"symbol":"BTCUSDT"}\n',
  );
  log.info("x", { level: "mine", time: 5 });
  deepEqual([last().level, last().level_, last().time_], ["info", "mine", 5]);
});

Deno.test("levels below the log's are silent", () => {
  const { log, written } = lines("warn");
  log.debug("no");
  log.info("no");
  log.warn("yes");
  log.error("yes");
  equal(written.length, 2);
});

Deno.test("secrets are taken out wherever they stand and however they are encoded", () => {
  const secrets = ["123:AbC", "AbC", 'quo"te', "p@ss/word", "4711", ""];
  const { log, written } = lines("debug", secrets);
  const error = new Error("POST /bot123:AbC/sendMessage", { cause: "AbC" });
  log.info('https://x/bot123:AbC/getMe?p=p%40ss%2Fword and quo"te', {
    error,
    nested: [{ deep: "xAbCx" }],
    AbC: 1,
    number: 14711,
    set: new Set(["AbC"]),
    map: new Map([["AbC", "AbC"]]),
    escaped: JSON.stringify({ secret: 'quo"te' }),
    date: new Date(0),
  });
  log.child({ token: "123:AbC" }).info("child");
  const text = written.join("");
  ok(!/AbC|4711|quo|p%40ss|p@ss/.test(text), text);
  equal(JSON.parse(written[0] ?? "").nested[0].deep, "x[redacted]x");
});

Deno.test("errors are rendered with their cause, with the stack at debug only", () => {
  const error = new RangeError("Too far", { cause: new TypeError("Wrong") });
  const info = lines("info");
  info.log.error("Failed", { error });
  deepEqual(info.last().error, {
    name: "RangeError",
    message: "Too far",
    cause: { name: "TypeError", message: "Wrong" },
  });
  const debug = lines("debug");
  debug.log.error("Failed", { error });
  match(debug.last().error.stack, /^RangeError: Too far\n {4}at /);
});

Deno.test("odd values are logged as well as can be and never throw", () => {
  const { log, last } = lines();
  const circular: Record<string, unknown> = { name: "ring" };
  circular.self = circular;
  const hostile = {
    get field(): string {
      throw new Error("no");
    },
    toJSON(): string {
      throw new Error("no");
    },
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const errorInRing = new Error("ring");
  errorInRing.cause = errorInRing;
  let deep: unknown = 1;
  for (let level = 0; level < 100; level++) deep = { deep };
  log.info("odd", {
    big: 12n,
    circular,
    hostile,
    revoked: revoked.proxy,
    errorInRing,
    deep,
    symbol: Symbol("s"),
    missing: undefined,
    call: () => 1,
    calls: [() => 1],
    nan: NaN,
    infinite: -Infinity,
    invalid: new Date(NaN),
    bare: Object.create(null),
    bytes: new Uint8Array(5),
    many: Array.from({ length: 500 }, (_, at) => at),
    long: "x".repeat(100_000),
  });
  const line = last();
  equal(line.big, "12");
  deepEqual(line.circular, { name: "ring", self: "[circular]" });
  equal(line.hostile.field, "[unreadable]");
  equal(line.revoked, "[unreadable]");
  equal(line.errorInRing.cause, "[circular]");
  equal(line.call, "[function]");
  deepEqual(line.calls, ["[function]"]);
  equal(line.infinite, "-Infinity");
  equal(line.invalid, null);
  equal(line.bytes, "[5 bytes]");
  equal(line.many.at(-1), "[400 more]");
  ok(JSON.stringify(line).length < 20_000);
});

Deno.test("whatever is logged is one line of JSON without the secret", () => {
  const { log, written } = lines("debug", ["s3cr3t"]);
  const value = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true });
  fc.assert(fc.property(fc.string(), value, (message, field) => {
    log.info(`${message}s3cr3t`, { field, list: [field, "s3cr3t"] });
    const line = written.at(-1) ?? "";
    equal(line.indexOf("\n"), line.length - 1);
    ok(!line.includes("s3cr3t"));
    JSON.parse(line);
  }));
});

Deno.test("a rate-limited kind speaks once in its time and counts what it left out", () => {
  const { log, written, last } = lines();
  const say = (kind: string, nowMs: number) =>
    log.rateLimited(kind, 60_000, nowMs)?.warn("Late", { kind });
  say("a", 0);
  say("a", 1);
  say("b", 2);
  say("a", 59_999);
  equal(written.length, 2);
  say("a", 60_000);
  equal(last().suppressed, 2);
  say("a", 120_000);
  equal(last().suppressed, undefined);
  for (let kind = 0; kind < 5000; kind++) say(`kind ${kind}`, 120_001);
  equal(log.child({ x: 1 }).rateLimited("kind 4999", 60_000, 120_002), null);
});

Deno.test("standard error gets the lines where nothing else is named", async () => {
  const script = `import { createLog } from ${JSON.stringify(import.meta.resolve("../lib/log.ts"))};
    createLog({ level: "info" }).info("hello");`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", script],
    env: { NO_COLOR: "1" },
  }).output();
  equal(stdout.length, 0);
  equal(JSON.parse(new TextDecoder().decode(stderr)).message, "hello");
});
