// This module is pure.
/** A venue that refuses an address or a region, and where else it may be had. */

/** Nothing changes by asking: a venue that refuses us is asked again after so long. */
export const BARRED_MS = 600_000;

/** The same public data under another name, as the variable to set, by the host that refuses. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "stream.binance.com": "BINANCE_SPOT_WS=wss://data-stream.binance.vision",
  "api.binance.com": "BINANCE_SPOT_REST=https://data-api.binance.vision",
  "api.bybit.com": "BYBIT_REST=https://api.bytick.com",
};

/** Whether an answer with this HTTP status is about who asks, and not about what. */
export function isBarring(status: number | null): boolean {
  return status === 451 || status === 403;
}

/** What to do about it, for whoever runs this; `host` is the one that refuses. */
export function elsewhere(host: string): string {
  const setting = ELSEWHERE[host];
  if (setting === undefined) {
    return "use another network, or another host of the venue if it has one (…_WS, …_REST)";
  }
  const other = setting.replace(/^.*\/\//, "");
  return `use another network, or set ${setting} ` +
    `(a built file wants \`deno task compile --net=${other}\` for that)`;
}
