/** Messages remembered; older ones are asked for by their Refresh button. */
const MESSAGES = 500;

/** Which command stands behind which message of ours, so that /why can be asked of it. */
export class Answered {
  readonly #texts = new Map<string, string>();

  remember(chatId: number, messageId: number, text: string): void {
    const key = `${chatId} ${messageId}`;
    // Again at the end: what was edited last is forgotten last.
    this.#texts.delete(key);
    this.#texts.set(key, text);
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= MESSAGES) break;
      this.#texts.delete(oldest);
    }
  }

  recall(chatId: number, messageId: number): string | null {
    return this.#texts.get(`${chatId} ${messageId}`) ?? null;
  }
}
