/** The exchange's remote control, for tests that run it in a process of its own. */
import type { Exchange } from "../exchange.ts";
import { isFault, isRecord } from "./faults.ts";
import { isVenue } from "../market/listing.ts";

/**
 * `GET /sim/truth?venue&symbol` (NDJSON), `GET /sim/stats`, `POST /sim/fault`,
 * `POST /sim/cascade {asset, direction}`, `POST /sim/trading {on}`.
 */
export async function control(exchange: Exchange, request: Request, url: URL): Promise<Response> {
  const asked = `${request.method} ${url.pathname}`;
  if (asked === "GET /sim/stats") return Response.json(exchange.stats());
  if (asked === "GET /sim/truth") return truth(exchange, url.searchParams);
  const body: unknown = await request.json().catch(() => null);
  if (asked === "POST /sim/fault" && isFault(body)) {
    exchange.fault(body);
    return Response.json({ ok: true });
  }
  if (asked === "POST /sim/cascade" && isRecord(body)) {
    const direction = body.direction === "up" ? "up" : "down";
    return Response.json({ ok: exchange.cascade(String(body.asset), direction) });
  }
  if (asked === "POST /sim/trading" && isRecord(body)) {
    exchange.trading(body.on === true);
    return Response.json({ ok: true });
  }
  return new Response(`Cannot do ${asked} with that body`, { status: 400 });
}

function truth(exchange: Exchange, query: URLSearchParams): Response {
  const venue = query.get("venue");
  const symbol = query.get("symbol") ?? "";
  if (!isVenue(venue) || !exchange.world.market(venue, symbol)) {
    return new Response(`No market ${symbol} on ${venue}`, { status: 404 });
  }
  const lines = exchange.truth(venue, symbol).map((row) => JSON.stringify(row) + "\n");
  return new Response(lines.join(""), { headers: { "Content-Type": "application/x-ndjson" } });
}
