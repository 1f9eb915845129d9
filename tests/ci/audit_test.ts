import { deepEqual, equal, match } from "../assert.ts";

const SCRIPT = new URL("../../.ci/audit.ts", import.meta.url).href;

/** Runs the audit against a registry; its output and exit code. */
async function audit(registry: string): Promise<{ code: number; text: string }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-net", "--allow-env", "--allow-read", SCRIPT],
    env: { NO_COLOR: "1", npm_config_registry: registry },
  }).output();
  return { code, text: new TextDecoder().decode(stdout) };
}

Deno.test("packages come with their licence, and an advisory is a failure", async () => {
  const asked: string[] = [];
  let advisories: unknown = {};
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (request.method === "GET") {
        return Response.json(
          pathname.includes("ms") ? { license: { type: "ISC" } } : { license: "MIT" },
        );
      }
      asked.push(...Object.keys(await request.json()));
      return Response.json(advisories);
    },
  );
  const registry = `http://127.0.0.1:${server.addr.port}/npm/`;
  const clean = await audit(registry);
  equal(clean.code, 0);
  match(clean.text, /hono@\S+ +direct +MIT/);
  match(clean.text, /ms@\S+ +through +ISC/);
  match(clean.text, /No known advisory/);
  deepEqual(["grammy", "hono", "zod"].filter((name) => !asked.includes(name)), []);
  advisories = {
    hono: [{ severity: "high", title: "Open door", url: "https://a", vulnerable_versions: "<9" }],
  };
  const bad = await audit(registry);
  equal(bad.code, 1);
  match(bad.text, /hono <9: high: Open door https:\/\/a/);
});

Deno.test("a registry that knows no advisories is said, and is no failure", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("no", { status: 405 }),
  );
  const { code, text } = await audit(`http://127.0.0.1:${server.addr.port}`);
  equal(code, 0);
  match(text, /licence unknown/);
  match(text, /Advisories are not known: the registry answers HTTP 405/);
});
