// This module is pure.
/** Alarms of the service: one is told at once, those that follow it closely go out together. */
import { escape } from "../../reply/html.ts";

/** So long after a note the next one waits for more. */
const GATHER_MS = 30_000;
/** Telegram takes 4096; "(repeat)" may come before it. */
const MOST_LENGTH = 3_000;
const SIGN = "⚠️ ";

export class AlarmNotes {
  readonly #tell: (html: string) => Promise<void>;
  #waiting: string[] = [];
  #length = 0;
  /** Alarms for which there was no room. */
  #left = 0;
  #toldMs = -Infinity;

  constructor(tell: (html: string) => Promise<void>) {
    this.#tell = tell;
  }

  /** Takes an alarm; the first after some silence is told now. */
  async add(text: string, nowMs: number): Promise<void> {
    const line = `${SIGN}${text.slice(0, MOST_LENGTH - SIGN.length)}`;
    if (this.#length + line.length > MOST_LENGTH) this.#left++;
    else {
      this.#waiting.push(line);
      this.#length += line.length + 1;
    }
    await this.tick(nowMs);
  }

  /** Tells what waits once its time has come; called every few seconds. */
  async tick(nowMs: number): Promise<void> {
    if (nowMs - this.#toldMs < GATHER_MS && nowMs >= this.#toldMs) return;
    await this.flush(nowMs);
  }

  /** Tells what waits now: what is told is kept beyond this process. */
  async flush(nowMs: number): Promise<void> {
    const [lines, left] = [this.#waiting, this.#left];
    if (lines.length === 0) return;
    [this.#waiting, this.#length, this.#left] = [[], 0, 0];
    this.#toldMs = nowMs;
    const more = left > 0 ? [`and ${left} more: see the log`] : [];
    await this.#tell([...lines.map(escape), ...more].join("\n"));
  }
}
