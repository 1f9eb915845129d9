// This module is pure.
/** A refusal as the Bot API words it. */
export class BotError extends Error {
  override name = "BotError";
  constructor(
    readonly code: number,
    message: string,
    readonly parameters?: Readonly<Record<string, number>>,
  ) {
    super(message);
  }
}

export function badRequest(why: string): BotError {
  return new BotError(400, `Bad Request: ${why}`);
}
