/**
 * An exchange on loopback: Binance spot, Binance USDⓈ-M and Bybit v5 on one port, with a
 * market that moves, faults on demand, and the truth about every minute. Written from
 * the venues' documents and sharing no code with the service, so that a mistake there
 * cannot hide here.
 */
import { BinanceSession } from "./binance/control.ts";
import { feedOf } from "./binance/streams.ts";
import { BybitSession } from "./bybit/control.ts";
import { applies, type Fault, Faults } from "./engine/faults.ts";
import { sendGarbage } from "./engine/garbage.ts";
import { Hub } from "./engine/hub.ts";
import { assetsOf, type VenueName } from "./market/listing.ts";
import { Random, seedOf } from "./market/random.ts";
import type { MinuteTruth } from "./market/tape.ts";
import { type Direction, World } from "./market/world.ts";
import type { ExchangeOptions, ExchangeStats } from "./engine/options.ts";
import { publish } from "./engine/publish.ts";
import { Rest } from "./engine/rest.ts";
import { envOf, type ExchangeEnv, type RouteFound, routeOf } from "./engine/routes.ts";
import { control } from "./engine/control.ts";

export type { ExchangeEnv, ExchangeOptions, ExchangeStats, Fault, MinuteTruth, VenueName };

/** Starts an exchange; it runs until it is disposed of. */
export function startExchange(options: ExchangeOptions = {}): Promise<Exchange> {
  return Promise.resolve(new Exchange(options));
}

export class Exchange implements AsyncDisposable {
  readonly world: World;
  readonly port: number;
  readonly env: ExchangeEnv;
  readonly #hub: Hub;
  readonly #rest: Rest;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #closing = new AbortController();
  readonly #tickMs: number;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  readonly #connects = new Map<string, number>();
  #skewMs: number;
  #trading: boolean;
  #shutdown: { readonly atMs: number } | null = null;

  constructor(readonly options: ExchangeOptions) {
    this.#skewMs = options.skewMs ?? 0;
    this.#trading = options.trading ?? true;
    const seed = options.seed ?? 1;
    this.world = new World({
      seed,
      assets: assetsOf(options.symbols ?? 8),
      tradesPerSecond: options.tradesPerSecond ?? 100,
      historyMinutes: options.historyMinutes ?? 180,
      cascadesPerHour: options.cascadesPerHour ?? 6,
      keepPrints: options.keepPrints ?? 50_000,
      startMs: this.nowMs(),
    });
    const faults = new Faults();
    this.#hub = new Hub(faults, new Random(seedOf(seed, "hub")), () => this.#trueMs());
    this.#rest = new Rest({
      world: this.world,
      faults,
      now: () => this.#trueMs(),
      serverMs: () => this.nowMs(),
      signal: this.#closing.signal,
      limits: { spot: 6000, perp: 2400, bybit: 600, ...options.limits },
      banMs: options.banMs ?? 120_000,
    });
    // The minute that is running has a past too.
    if (this.#trading) this.world.advance(this.nowMs());
    else this.world.jump(this.nowMs());
    this.#tickMs = options.tickMs ?? 50;
    const listen = { hostname: "127.0.0.1", port: options.port ?? 0, onListen: () => {} };
    this.#server = Deno.serve(listen, (request) => this.#answer(request));
    this.port = this.#server.addr.port;
    this.env = envOf(this.port);
    this.#timer = this.#tickMs > 0 ? setInterval(() => this.tick(), this.#tickMs) : undefined;
  }

  /** The exchange's clock, ms. */
  nowMs(): number {
    return Math.floor(this.#trueMs() + this.#skewMs);
  }

  /** Lets the market move to now and sends what is due. */
  tick(): void {
    const nowMs = this.nowMs();
    if (this.#trading) {
      for (const happened of this.world.advance(nowMs)) publish(this.#hub, happened, nowMs);
    } else this.world.jump(nowMs);
    this.#hub.tick(nowMs);
    if (!this.#hub.faults.none) sendGarbage(this.#hub, this.world, nowMs, this.#tickMs);
    this.#cut();
  }

  /** Stops or resumes all trading; books and tickers go on. */
  trading(on: boolean): void {
    this.#trading = on;
  }

  /** Starts a cascade; a falling one liquidates longs. Returns whether the asset is listed. */
  cascade(asset: string, direction: Direction): boolean {
    return this.world.cascade(asset, direction);
  }

  /**
   * What truly happened on a market, minute by minute; the newest minute is still open.
   * @throws {RangeError} where the venue does not list the symbol
   */
  truth(venue: VenueName, symbol: string): MinuteTruth[] {
    const market = this.world.market(venue, symbol);
    if (!market) throw new RangeError(`Cannot tell the truth: ${venue} does not list ${symbol}`);
    return market.tape.truth();
  }

  stats(): ExchangeStats {
    return {
      sockets: this.#hub.sessions.size,
      connects: Object.fromEntries(this.#connects),
      framesSent: this.#hub.framesSent,
      requests: Object.fromEntries(this.#rest.requests),
    };
  }

  /** Sockets that a stream flows on now. */
  listeners(venue: VenueName, stream: string): number {
    return [...this.#hub.sessions]
      .filter((session) => session.venue === venue && session.streams.has(stream)).length;
  }

  fault(fault: Fault): void {
    const trueMs = this.#trueMs();
    switch (fault.kind) {
      case "drop":
        for (const session of this.#hub.sessions) {
          if (applies(fault, session)) session.socket.close(1001, "Going away");
        }
        return;
      case "mute":
        for (const session of this.#hub.sessions) {
          for (const stream of [...session.streams]) {
            const { venue, route } = session;
            if (applies(fault, { venue, route, stream })) this.#hub.unsubscribe(session, stream);
          }
        }
        return;
      case "skew":
        this.#skewMs = fault.ms;
        return this.world.jump(this.nowMs());
      case "shutdown":
        this.#shutdown = { atMs: trueMs + fault.graceMs };
        return this.#announceShutdown();
      case "clear":
        return this.#hub.faults.clear();
      default:
        return this.#hub.faults.add(fault, trueMs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#closing.abort();
    for (const session of this.#hub.sessions) session.socket.close(1001, "Going away");
    await this.#server.shutdown();
  }

  #trueMs(): number {
    return this.options.now?.() ?? Date.now();
  }

  #answer(request: Request): Promise<Response> | Response {
    const url = new URL(request.url);
    const [, base = "", ...rest] = url.pathname.split("/");
    const path = `/${rest.join("/")}`;
    if (base === "sim") return control(this, request, url);
    if (request.headers.get("upgrade") === "websocket") return this.#open(request, base, path, url);
    return this.#rest.answer(base, path, url.searchParams);
  }

  #open(request: Request, base: string, path: string, url: URL): Response {
    const found = routeOf(base, path);
    if (!found) return new Response("404 page not found", { status: 404 });
    const { venue, route } = found;
    if (this.#hub.faults.find("refuse", { venue, route }, this.#trueMs())) {
      return new Response("Service Unavailable", { status: 503 });
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    const session = this.#session(socket, found);
    const asked = found.streams ?? url.searchParams.get("streams")?.split("/") ?? [];
    socket.addEventListener("open", () => {
      const key = `${venue}/${route}`;
      this.#connects.set(key, (this.#connects.get(key) ?? 0) + 1);
      this.#hub.sessions.add(session);
      const reason = session instanceof BinanceSession ? session.join(asked, this.nowMs()) : null;
      if (reason !== null) socket.close(1008, reason);
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") session.message(data, this.nowMs());
    });
    socket.addEventListener("close", () => this.#hub.remove(session));
    return response;
  }

  #session(socket: WebSocket, { venue, route, combined }: RouteFound) {
    const [nowMs, hub, world] = [this.nowMs(), this.#hub, this.world];
    if (route === "spot" || route === "linear") {
      return new BybitSession({ socket, route, nowMs, hub, world });
    }
    const feed = (stream: string) => feedOf(world, venue, route, stream);
    return new BinanceSession({ socket, venue, route, combined, nowMs, hub, feedOf: feed });
  }

  #announceShutdown(): void {
    const notice = JSON.stringify({ e: "serverShutdown", E: this.nowMs() });
    for (const session of this.#hub.sessions) {
      if (session.venue !== "binance-spot") continue;
      this.#hub.send(session, session.dress("!serverShutdown", notice));
    }
  }

  /** Cuts sockets that are too old, too silent, or on a node that goes away. */
  #cut(): void {
    const nowMs = this.nowMs();
    const { maxAgeMs = 86_400_000, idleMs = 600_000 } = this.options;
    const leaving = this.#shutdown !== null && this.#trueMs() >= this.#shutdown.atMs;
    if (leaving) this.#shutdown = null;
    for (const session of this.#hub.sessions) {
      const idle = session instanceof BybitSession && nowMs - session.heardMs > idleMs;
      const gone = leaving && session.venue === "binance-spot";
      const old = nowMs - session.openedMs > maxAgeMs;
      if (idle || gone || old) session.socket.close(1001, old ? "24 hours" : "Going away");
    }
  }
}
