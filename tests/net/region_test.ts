import { match, ok } from "../assert.ts";
import { COLLECTORS } from "../../collectors/mod.ts";
import { statusError } from "../../lib/net/http_error.ts";
import { elsewhere } from "../../lib/net/region.ts";

Deno.test("a venue's other names are said as the variable to set, and what a built file wants", () => {
  match(
    elsewhere("stream.binance.com"),
    /BINANCE_SPOT_WS=wss:\/\/data-stream\.binance\.vision .*--net=data-stream\.binance\.vision`/,
  );
  const { message } = statusError("https://api.bybit.com/v5/market/time", 403, "", null);
  match(message, /region block.*BYBIT_REST=https:\/\/api\.bytick\.com .*--net=api\.bytick\.com`/);
});

Deno.test("the variable that is named is the one of the collector whose host refuses", () => {
  for (const { ws, rest, envWs, envRest } of COLLECTORS) {
    for (const [url, name] of [[ws, envWs], [rest, envRest]] as const) {
      const said = elsewhere(new URL(url).hostname);
      const [, named] = /\bset (\w+)=/.exec(said) ?? [];
      ok(named === undefined || named === name, `${url}: ${said}`);
    }
  }
});
