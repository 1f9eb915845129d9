import { equal, match } from "../assert.ts";
import { COLLECTORS } from "../../collectors/mod.ts";
import { statusError } from "../../lib/net/http_error.ts";
import { elsewhere } from "../../lib/net/region.ts";

Deno.test("a venue's other name is said as the variable to set, and what a built file wants", () => {
  match(
    elsewhere("BINANCE_SPOT_WS=wss://data-stream.binance.vision"),
    /set BINANCE_SPOT_WS=wss:\/\/data-stream\.binance\.vision .*--net=data-stream\.binance\.vision`/,
  );
  match(elsewhere(undefined), /another network/);
  const setting = "BYBIT_REST=https://api.bytick.com";
  const { message } = statusError("https://api.bybit.com/v5/market/time", 403, "", null, setting);
  match(message, /region block.*BYBIT_REST=https:\/\/api\.bytick\.com .*--net=api\.bytick\.com`/);
});

Deno.test("a collector names its own variables, and another host than its own", () => {
  for (const { ws, rest, envWs, envRest, routes, restLimits } of COLLECTORS) {
    const told: readonly (readonly [string | undefined, string, string])[] = [
      [restLimits.elsewhere, envRest, rest],
      ...routes.map(({ limits }) => [limits.elsewhere, envWs, ws] as const),
    ];
    for (const [setting, name, url] of told) {
      if (setting === undefined) continue;
      const [named, other = ""] = setting.split("=");
      equal(named, name);
      equal(new URL(other).protocol, new URL(url).protocol);
      equal(new URL(other).hostname === new URL(url).hostname, false);
    }
  }
});
