/** REST of all simulated venues: limits first, then faults, then the answer. */
import { BinanceError } from "../binance/asked.ts";
import { binancePath } from "../binance/rest.ts";
import { bybitPath, envelope } from "../bybit/rest.ts";
import type { Faults, Where } from "./faults.ts";
import type { VenueName } from "../market/listing.ts";
import type { World } from "../market/world.ts";
import { BinanceGate, BybitGate, RateWindow } from "./weights.ts";

export interface RestOptions {
  readonly world: World;
  readonly faults: Faults;
  /** True time, by which limits and faults last. */
  readonly now: () => number;
  /** The exchange's clock. */
  readonly serverMs: () => number;
  /** Cuts slow answers short when the exchange closes. */
  readonly signal: AbortSignal;
  /** Weight a minute of Binance spot and futures, requests per 5 s of Bybit. */
  readonly limits: { readonly spot: number; readonly perp: number; readonly bybit: number };
  readonly banMs: number;
}

export class Rest {
  /** Requests by path, for tests that count them. */
  readonly requests = new Map<string, number>();
  readonly #spot: BinanceGate;
  readonly #perp: BinanceGate;
  readonly #bybit: BybitGate;

  constructor(readonly options: RestOptions) {
    const { limits, banMs } = options;
    this.#spot = new BinanceGate(new RateWindow(limits.spot, 60_000), banMs);
    this.#perp = new BinanceGate(new RateWindow(limits.perp, 60_000), banMs);
    this.#bybit = new BybitGate(new RateWindow(limits.bybit, 5000), banMs);
  }

  async answer(base: string, path: string, query: URLSearchParams): Promise<Response> {
    this.requests.set(path, (this.requests.get(path) ?? 0) + 1);
    const venue = venueOf(base, query);
    const { faults, now } = this.options;
    const slow = matching(faults.find("slow", { venue }, now()), path);
    if (slow) await pause(slow.ms, this.options.signal);
    const broken = matching(faults.find("rest", { venue }, now()), path);
    if (broken) return failure(broken.status, broken.retryAfter);
    return base === "bybit" ? this.#bybitAnswer(path, query) : this.#binance(venue, path, query);
  }

  #bybitAnswer(path: string, query: URLSearchParams): Response {
    const refusal = this.#bybit.refusal(this.options.now());
    if (refusal) return refusal;
    const answer = bybitPath(path);
    if (!answer) return new Response("404 page not found", { status: 404 });
    const nowMs = this.options.serverMs();
    return envelope(() => answer({ world: this.options.world, query, nowMs }), nowMs);
  }

  #binance(venue: VenueName, path: string, query: URLSearchParams): Response {
    const found = binancePath(venue, path);
    if (!found) return new Response("<html>Not found</html>", { status: 404 });
    const gate = venue === "binance-spot" ? this.#spot : this.#perp;
    const nowMs = this.options.now();
    const response = gate.refusal(found.weight(query), found.shared ?? false, nowMs) ??
      this.#answer(venue, found.answer, query);
    response.headers.set("X-MBX-USED-WEIGHT-1M", String(gate.window.used(nowMs)));
    return response;
  }

  #answer(
    venue: VenueName,
    answer: NonNullable<ReturnType<typeof binancePath>>["answer"],
    query: URLSearchParams,
  ): Response {
    const { world, serverMs } = this.options;
    try {
      return Response.json(answer({ world, venue, query, nowMs: serverMs() }));
    } catch (error) {
      if (!(error instanceof BinanceError)) throw error;
      return Response.json({ code: error.code, msg: error.message }, { status: 400 });
    }
  }
}

/** Bybit has one base for both markets; what asks for no category counts as perpetuals. */
function venueOf(base: string, query: URLSearchParams): VenueName {
  if (base === "binance-spot" || base === "binance-perp") return base;
  return query.get("category") === "spot" ? "bybit-spot" : "bybit-perp";
}

function matching<F extends Where & { readonly path?: string }>(
  fault: F | undefined,
  path: string,
): F | undefined {
  return fault && path.includes(fault.path ?? "") ? fault : undefined;
}

/** A refusal as an exchange or what stands before it words it. */
function failure(status: number, retryAfter: number | undefined): Response {
  const headers: Record<string, string> = retryAfter === undefined
    ? {}
    : { "Retry-After": String(retryAfter) };
  const restricted = "Service unavailable from a restricted location";
  if (status === 451) return Response.json({ code: 0, msg: restricted }, { status, headers });
  if (status === 403) return new Response("<html>403 Forbidden</html>", { status, headers });
  if (status >= 500) return new Response("<html>Bad Gateway</html>", { status, headers });
  return Response.json({ code: -1003, msg: "Too many requests" }, { status, headers });
}

/** Resolves after a time, or at once when the signal fires. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
