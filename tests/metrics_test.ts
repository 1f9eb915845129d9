import { deepEqual, equal, ok, throws } from "./assert.ts";
import { createRegistry, LATENCY_SECONDS, type Registry } from "../lib/metrics.ts";

function filled(): Registry {
  const registry = createRegistry();
  const frames = registry.counter("tapewatch_frames_total", "Frames read", ["venue", "route"]);
  const spot = frames.with("binance-spot", "market");
  spot.inc();
  spot.inc(2);
  frames.with('we"ird\\\n', "市").inc();
  registry.gauge("tapewatch_resident_bytes", "Resident memory").with().read(() => 42);
  const depth = registry.gauge("tapewatch_queue_depth", "Waiting\nevents", ["queue"]);
  depth.with("outbox").set(0);
  depth.with("unknown").read(() => null);
  depth.with("broken").read(() => {
    throw new Error("no");
  });
  const seconds = registry.histogram(
    "tapewatch_command_seconds",
    "Time to a reply",
    [0.01, 0.1],
    ["command"],
  );
  const cvd = seconds.with("cvd");
  for (const value of [0.01, 0.02, 0.1, 5, NaN]) cvd.observe(value);
  return registry;
}

Deno.test("the text is what Prometheus' format 0.0.4 says", () => {
  equal(
    filled().write(),
    `# HELP tapewatch_frames_total Frames read
# TYPE tapewatch_frames_total counter
tapewatch_frames_total{venue="binance-spot",route="market"} 3
tapewatch_frames_total{venue="we\\"ird\\\\\\n",route="市"} 1
# HELP tapewatch_resident_bytes Resident memory
# TYPE tapewatch_resident_bytes gauge
tapewatch_resident_bytes 42
# HELP tapewatch_queue_depth Waiting\\nevents
# TYPE tapewatch_queue_depth gauge
tapewatch_queue_depth{queue="outbox"} 0
# HELP tapewatch_command_seconds Time to a reply
# TYPE tapewatch_command_seconds histogram
tapewatch_command_seconds_bucket{command="cvd",le="0.01"} 1
tapewatch_command_seconds_bucket{command="cvd",le="0.1"} 3
tapewatch_command_seconds_bucket{command="cvd",le="+Inf"} 4
tapewatch_command_seconds_sum{command="cvd"} 5.13
tapewatch_command_seconds_count{command="cvd"} 4
`,
  );
});

Deno.test("a handle is the same for the same labels", () => {
  const registry = createRegistry();
  const family = registry.counter("tapewatch_x_total", "X", ["a", "b"]);
  equal(family.with("1", "2"), family.with("1", "2"));
  ok(family.with("1", "2") !== family.with("2", "1"));
});

Deno.test("series beyond the bound are counted, not kept", () => {
  const registry = createRegistry();
  const family = registry.counter("tapewatch_x_total", "X", ["user"]);
  for (let user = 0; user < 1500; user++) family.with(String(user)).inc();
  const lines = registry.write().split("\n");
  equal(lines.filter((line) => line.startsWith("tapewatch_x_total{")).length, 1000);
  ok(lines.includes('tapewatch_metrics_overflow_total{metric="tapewatch_x_total"} 500'));
});

Deno.test("a counter only rises", () => {
  const registry = createRegistry();
  const counter = registry.counter("tapewatch_x_total", "X").with();
  for (const by of [1, -5, NaN, 0.5, 0]) counter.inc(by);
  ok(registry.write().endsWith("tapewatch_x_total 1.5\n"));
});

Deno.test("bad names, doubles and wrong labels are refused at once", () => {
  const registry = createRegistry();
  throws(() => registry.counter("tapewatch_x", "X"), /must end in _total/);
  throws(() => registry.gauge("frames", "X"), /bad name frames/);
  throws(() => registry.gauge("tapewatch_x", "X", ["le"]), /bad name le/);
  throws(() => registry.gauge("tapewatch_x", "X", ["a-b"]), /bad name a-b/);
  const family = registry.gauge("tapewatch_x", "X", ["a"]);
  throws(() => registry.gauge("tapewatch_x", "X"), /twice/);
  throws(() => family.with(), /Cannot label tapewatch_x with \(\): it wants \(a\)/);
  deepEqual([...LATENCY_SECONDS], LATENCY_SECONDS.toSorted((a, b) => a - b));
});

async function hasPromtool(): Promise<boolean> {
  try {
    return (await new Deno.Command("promtool", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

Deno.test({
  name: "promtool accepts the text without a warning",
  // Debian's package prometheus has it.
  ignore: !await hasPromtool(),
  async fn() {
    await using tool = new Deno.Command("promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = tool.stdin.getWriter();
    await writer.write(new TextEncoder().encode(filled().write()));
    await writer.close();
    const { code, stdout, stderr } = await tool.output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    equal(said, "");
    equal(code, 0);
  },
});
