/**
 * The account side of Binance and Bybit on loopback: every signature, key and time stamp is
 * checked as the venues check it, and answers come from books that tests write. Shares no
 * code with the service. What is no account call goes on to a market simulator, if one is given.
 */
import { BINANCE_CALLS, BinanceNo } from "./account/binance.ts";
import { Books } from "./account/books.ts";
import { BYBIT_CALLS, BybitNo } from "./account/bybit.ts";
import { checkBinance, checkBybit, type No, type Pair } from "./account/check.ts";

export { Books };

export interface AccountSimOptions {
  readonly binance?: Pair;
  readonly bybit?: Pair;
  readonly port?: number;
  /** Base URLs of the market simulator, `BINANCE_SPOT_REST` and so on. */
  readonly upstream?: Readonly<Record<string, string>>;
  readonly now?: () => number;
}

/** How the next calls go wrong: with a code of the venue's, or with an HTTP status alone. */
export interface AccountFault {
  /** Part of the path. */
  readonly path: string;
  readonly code?: number;
  readonly status?: number;
  /** Of Binance's HTTP faults. */
  readonly retryAfterSeconds?: number;
  /** What the venue says; where not given, something that holds no secret. */
  readonly said?: string;
  /** How many calls; all from now on where not given. */
  readonly count?: number;
}

const BASES: Readonly<Record<string, string>> = {
  "binance-spot": "BINANCE_SPOT_REST",
  "binance-perp": "BINANCE_PERP_REST",
  bybit: "BYBIT_REST",
};

export function startAccounts(options: AccountSimOptions = {}): AccountSim {
  return new AccountSim(options);
}

export class AccountSim implements AsyncDisposable {
  readonly books = new Books();
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** Path and query of every account call, in order. */
  readonly asked: string[] = [];
  /** Requests that the venue's rules refused, by code. */
  readonly refused: number[] = [];
  skewMs = 0;
  #faults: { readonly fault: AccountFault; left: number }[] = [];
  readonly #times = new Map<string, number[]>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(readonly options: AccountSimOptions) {
    const listen = { hostname: "127.0.0.1", port: options.port ?? 0, onListen: () => {} };
    this.#server = Deno.serve(listen, (request) => this.#answer(request));
    this.port = this.#server.addr.port;
    const root = `http://127.0.0.1:${this.port}`;
    this.env = Object.fromEntries(
      Object.entries(BASES).map(([base, name]) => [name, `${root}/${base}`]),
    );
  }

  /** The venues' clock, ms. */
  nowMs(): number {
    return Math.floor((this.options.now?.() ?? Date.now()) + this.skewMs);
  }

  fail(fault: AccountFault): void {
    this.#faults.push({ fault, left: fault.count ?? Infinity });
  }

  heal(): void {
    this.#faults = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const [, base = "", ...rest] = pathname.split("/");
    const path = `/${rest.join("/")}`;
    const answer = base === "bybit"
      ? this.#bybit(path, search.slice(1), request.headers)
      : this.#binance(base, path, search.slice(1), request.headers);
    return answer ?? await this.#forward(base, path + search);
  }

  #binance(base: string, path: string, search: string, headers: Headers): Response | null {
    const call = BINANCE_CALLS[base + path];
    if (!call) return null;
    if (call.signed) this.asked.push(`${path}?${search}`);
    const fault = this.#takeFault(path);
    if (fault) {
      const { code = 0, status = 400, said = "Scripted fault.", retryAfterSeconds } = fault;
      const headers = new Headers();
      if (retryAfterSeconds !== undefined) headers.set("Retry-After", String(retryAfterSeconds));
      return code === 0
        ? new Response("<html>refused</html>", { status, headers })
        : Response.json({ code, msg: said }, { status, headers });
    }
    const pair = this.options.binance;
    const nowMs = this.nowMs();
    const no = call.signed && pair ? checkBinance(search, headers, pair, nowMs) : null;
    if (no) return this.#no(no);
    try {
      const answer = call.answer({ books: this.books, query: new URLSearchParams(search), nowMs });
      return Response.json(answer, { headers: { "X-MBX-USED-WEIGHT-1M": String(call.weight) } });
    } catch (error) {
      if (!(error instanceof BinanceNo)) throw error;
      return this.#no({ code: error.code, said: error.message, status: 400 });
    }
  }

  #no({ code, said, status }: No): Response {
    this.refused.push(code);
    return Response.json({ code, msg: said }, { status });
  }

  #bybit(path: string, search: string, headers: Headers): Response | null {
    const call = BYBIT_CALLS[path];
    if (!call) return null;
    if (call.signed) this.asked.push(`${path}?${search}`);
    const time = this.nowMs();
    const envelope = (retCode: number, retMsg: string, result: unknown) =>
      Response.json({ retCode, retMsg, result, retExtInfo: {}, time });
    const fault = this.#takeFault(path);
    if (fault) {
      const { code = 0, status = 200, said = "Scripted fault." } = fault;
      return code === 0
        ? new Response("<html>refused</html>", { status })
        : envelope(code, said, {});
    }
    const pair = this.options.bybit;
    const no = call.signed && pair ? checkBybit(search, headers, pair, time) : null;
    if (no) {
      this.refused.push(no.code);
      return envelope(no.code, no.said, {});
    }
    if (call.signed && this.#tooOften(path, call.perSecond)) {
      this.refused.push(10006);
      return envelope(10006, "Too many visits. Exceeded the API Rate Limit.", {});
    }
    try {
      const query = new URLSearchParams(search);
      const result = call.answer({ books: this.books, query, nowMs: time });
      return result === null ? null : envelope(0, "OK", result);
    } catch (error) {
      if (!(error instanceof BybitNo)) throw error;
      this.refused.push(error.code);
      return envelope(error.code, error.message, {});
    }
  }

  #tooOften(path: string, perSecond: number): boolean {
    const nowMs = performance.now();
    const times = (this.#times.get(path) ?? []).filter((at) => at > nowMs - 1000);
    this.#times.set(path, [...times, nowMs]);
    return times.length >= perSecond;
  }

  async #forward(base: string, path: string): Promise<Response> {
    const upstream = this.options.upstream?.[BASES[base] ?? ""];
    if (upstream === undefined) return new Response("404 page not found", { status: 404 });
    const response = await fetch(upstream + path);
    const headers = new Headers(response.headers);
    for (const name of ["content-encoding", "content-length"]) headers.delete(name);
    return new Response(await response.text(), { status: response.status, headers });
  }

  #takeFault(path: string): AccountFault | undefined {
    const found = this.#faults.find(({ fault, left }) => left > 0 && path.includes(fault.path));
    if (found) found.left--;
    return found?.fault;
  }
}
