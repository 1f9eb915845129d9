/** The pieces of one open store, as its readers and writers share them. */
import type { Directory } from "./directory.ts";
import type { History } from "./history.ts";
import type { Minutes } from "./minutes.ts";
import type { Retention } from "./rows/retention.ts";
import type { Sizes } from "./sizes.ts";
import type { Writer } from "./writer.ts";

export interface Parts {
  readonly directory: Directory;
  readonly minutes: Minutes;
  readonly history: History;
  readonly sizes: Sizes;
  readonly retention: Retention;
  readonly writer: Writer;
  /** Counts a stored row that failed its check. */
  readonly skipped: () => void;
}
