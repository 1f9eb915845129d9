/** A second listener on the simulated exchange: it notes when each print came. */
import type { LiveExchange } from "./live.ts";

export interface Observed {
  readonly venue: string;
  readonly asset: string;
  /** The venue's trade time. */
  readonly timeMs: number;
  /** When its frame was in our socket, by the local clock. */
  readonly arrivedMs: number;
  readonly price: number;
  readonly quote: number;
}

/** Every market of some assets, as `BTCUSDT` on all four venues. */
export class Observer implements Disposable {
  readonly prints: Observed[] = [];
  readonly #sockets: WebSocket[] = [];

  /** Resolves when all sockets are open and have asked for their streams. */
  static async open({ env }: LiveExchange, assets: readonly string[]): Promise<Observer> {
    const observer = new Observer();
    const streams = assets.map((asset) => `${asset.toLowerCase()}usdt@aggTrade`).join("/");
    const topics = assets.map((asset) => `publicTrade.${asset}USDT`);
    const ask = JSON.stringify({ op: "subscribe", args: topics });
    await Promise.all([
      observer.#listen("binance-spot", `${env.BINANCE_SPOT_WS}/stream?streams=${streams}`),
      observer.#listen("binance-perp", `${env.BINANCE_PERP_WS}/market/stream?streams=${streams}`),
      observer.#listen("bybit-spot", `${env.BYBIT_WS}/v5/public/spot`, ask),
      observer.#listen("bybit-perp", `${env.BYBIT_WS}/v5/public/linear`, ask),
    ]);
    return observer;
  }

  async #listen(venue: string, url: string, ask?: string): Promise<void> {
    const socket = new WebSocket(url);
    this.#sockets.push(socket);
    socket.addEventListener("message", ({ data }) => this.#take(venue, String(data), Date.now()));
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    if (ask !== undefined) socket.send(ask);
  }

  #take(venue: string, text: string, arrivedMs: number): void {
    const frame = JSON.parse(text);
    const rows = frame.data?.e === "aggTrade"
      ? [{ s: frame.data.s, T: frame.data.T, p: frame.data.p, v: frame.data.q }]
      : String(frame.topic).startsWith("publicTrade.")
      ? frame.data
      : [];
    for (const { s, T, p, v } of rows) {
      const asset = String(s).replace(/USDT$/, "");
      const [price, size] = [Number(p), Number(v)];
      this.prints.push({ venue, asset, timeMs: T, arrivedMs, price, quote: price * size });
    }
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.close();
  }
}
