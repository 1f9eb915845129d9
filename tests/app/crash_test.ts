import { deepEqual, equal, ok } from "../assert.ts";

const SECRET = "s3cret-of-the-bot";

/** Runs a script that crashes; what it printed, and its exit code. */
async function crash(how: string): Promise<{ code: number; lines: string[] }> {
  const at = (path: string) => JSON.stringify(new URL(`../../lib/${path}`, import.meta.url).href);
  const script = `
    import { catchCrashes } from ${at("app/crash.ts")};
    import { createLog } from ${at("log.ts")};
    catchCrashes(createLog({ level: "info", secrets: ["${SECRET}"] }), () => Deno.exit(1));
    setTimeout(() => console.log("alive"), 5000);
    const fault = () => new TypeError("Cannot GET http://a/bot${SECRET}/x");
    try { ${how} } catch (error) { reportError(error); }`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", script],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  ok(!text.includes(SECRET), text);
  return { code, lines: text.trim().split("\n") };
}

Deno.test("a crash is one line of the log without secrets, and exit code 1", async () => {
  for (
    const how of [
      "throw fault();",
      "setTimeout(() => { throw fault(); });",
      "void Promise.reject(fault());",
      "void Promise.reject({ nested: [fault().message] });",
    ]
  ) {
    const { code, lines } = await crash(how);
    equal(code, 1, how);
    deepEqual(lines.map((line) => JSON.parse(line).message), ["crashed"], how);
    ok(lines[0]?.includes("[redacted]"), lines[0]);
  }
});
