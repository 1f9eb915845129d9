// This module is pure.
/** A stream that is sent by the clock. */
export interface Feed {
  readonly everyMs: number;
  /** The next frame for everyone, or `null` where there is nothing to say. */
  frame(nowMs: number): string | null;
  /** What a new subscriber gets at once. */
  hello?(nowMs: number): string;
}
