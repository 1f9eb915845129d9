import type { Api } from "grammy";

/** The signal type that grammY's declarations name: a Node shim's, even for its web build. */
export type GrammySignal = NonNullable<Parameters<Api["getMe"]>[0]>;

/** The same signal under grammY's name for it. */
export function forGrammy(signal: AbortSignal): GrammySignal {
  if (isGrammySignal(signal)) return signal;
  throw new TypeError("Cannot pass a signal to grammY: it has no addEventListener");
}

/** What grammY itself checks (`validateSignal` in its `core/client`). */
function isGrammySignal(signal: unknown): signal is GrammySignal {
  return typeof signal === "object" && signal !== null && "addEventListener" in signal &&
    typeof signal.addEventListener === "function";
}
