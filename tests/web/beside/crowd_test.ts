import { deepEqual, equal, match, ok } from "../../assert.ts";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./leaving.ts", import.meta.url));

Deno.test("a server leaves its address to another one, and nobody who had connected is cut", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--quiet", "--unstable-net", "--allow-net=127.0.0.1", PROGRAM],
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(30_000),
  }).output();
  const text = new TextDecoder().decode(stdout);
  ok(text, new TextDecoder().decode(stderr));
  const { told, own, isFree, served, cut, most, answers, refusal, last } = JSON.parse(text);
  deepEqual(told, own);
  ok(isFree, "the address is free again");
  // Each listener waits until who has come is served; all at once would cut the second one.
  ok(served > 5 && cut < served / 5, `${served} served, ${cut} cut`);
  equal(most, 1);
  ok(answers.next > 0);
  equal(last, "next");
  match(refusal, /another program has the port/);
});
