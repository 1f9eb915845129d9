import { match, ok } from "../assert.ts";
import { binancePerp } from "../../collectors/binance_perp.ts";
import { createLog } from "../../lib/log.ts";
import { selfTest } from "../../lib/tape/self_test.ts";

/** What the check says of a venue whose clock is off by so much and that lists nothing. */
async function checked(offsetMs: number): Promise<string> {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (call) => {
      const { pathname } = new URL(call.url);
      if (pathname === "/fapi/v1/time") return Response.json({ serverTime: Date.now() + offsetMs });
      return new Response("no such path", { status: 404 });
    },
  );
  const said: string[] = [];
  const { envRest } = binancePerp;
  const endpoints = { [envRest]: `http://127.0.0.1:${server.addr.port}` };
  const log = createLog({ level: "error" });
  ok(!await selfTest([binancePerp], endpoints, log, (line) => said.push(line)));
  return said.join("\n");
}

Deno.test("the check says how far this machine's clock is off, and to which side", async () => {
  match(await checked(-3_600_000), /this machine is 3[56]\d{5} ms ahead/);
  match(await checked(3_600_000), /this machine is 3[56]\d{5} ms behind/);
});
