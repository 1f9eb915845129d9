/** How far a long command is: a bar that moves on a terminal, else a line each tenth. */

/** Where it is told. */
export interface Teller {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  readonly nowMs: () => number;
}

const WIDTH = 30;
/** A bar is drawn at most this often. */
const EVERY_MS = 100;
/** Back to the start of the line, and nothing right of what follows. */
const REDRAW = "\r\x1b[K";

export class Progress {
  readonly #what: string;
  readonly #teller: Teller;
  #drawnMs = -Infinity;
  #tenths = 0;

  /** @param what `writing`, before the bar */
  constructor(what: string, teller: Teller) {
    this.#what = what;
    this.#teller = teller;
  }

  /** @param done 0 … 1 */
  show(done: number): void {
    const part = Math.min(1, Math.max(0, done));
    const percent = Math.floor(part * 100);
    const { isTerminal, write, nowMs } = this.#teller;
    if (!isTerminal) {
      const tenths = Math.floor(percent / 10);
      if (tenths > this.#tenths) write(`${this.#what} ${tenths * 10} %\n`);
      this.#tenths = Math.max(tenths, this.#tenths);
      return;
    }
    if (nowMs() - this.#drawnMs < EVERY_MS) return;
    this.#drawnMs = nowMs();
    const bar = "█".repeat(Math.floor(part * WIDTH)).padEnd(WIDTH, "░");
    write(`${REDRAW}${this.#what} ${bar} ${String(percent).padStart(3)} %`);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#teller.isTerminal && this.#drawnMs > -Infinity) this.#teller.write(REDRAW);
  }
}
