/**
 * JSON lines on standard error: `{"time":…,"level":"warn","message":…,…fields}`. Secrets
 * are taken out wherever they stand; nothing that is logged can throw or grow without bound.
 */
import { redactor, tamed } from "./log_values.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];

export type Fields = Readonly<Record<string, unknown>>;

/** What a message may look like from afar; the rooms declare no more than they need. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** A log whose lines carry these fields too. */
  child(fields: Fields): Log;
  /**
   * This log once in `everyMs` for each `kind`, its lines with the count of those left out
   * since as `suppressed`; `null` in between, so that nothing is even formatted:
   * `log.rateLimited("late", 60_000, nowMs)?.warn("Late trades", { venue })`
   */
  rateLimited(kind: string, everyMs: number, nowMs: number): Log | null;
}

export interface LogOptions {
  readonly level: Level;
  /** Texts that are never printed, nor their URL-encoded forms. */
  readonly secrets?: readonly string[];
  /** Takes one line with its line end; standard error where not given. */
  readonly write?: (line: string) => void;
  readonly now?: () => number;
}

/** Kinds come from code, not from outside; a runaway one must not fill the memory. */
const KINDS = 1000;

interface Turn {
  nextMs: number;
  suppressed: number;
}

export function createLog(options: LogOptions): Log {
  const { level, write = writeError, now = Date.now } = options;
  const least = LEVELS.indexOf(level);
  const redact = redactor(options.secrets ?? []);
  const stacks = level === "debug";
  const turns = new Map<string, Turn>();

  function line(at: Level, message: string, fields: Fields): void {
    if (LEVELS.indexOf(at) < least) return;
    const entry: Record<string, unknown> = {
      time: new Date(now()).toISOString(),
      level: at,
      message: redact(message),
    };
    const tame = tamed(fields, redact, stacks);
    for (const [name, value] of Object.entries(tame)) {
      entry[name in entry ? `${name}_` : name] = value;
    }
    write(`${JSON.stringify(entry)}\n`);
  }

  function withFields(own: Fields): Log {
    const at = (name: Level) => (message: string, fields?: Fields) =>
      line(name, message, fields ? { ...own, ...fields } : own);
    const log: Log = {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      child: (fields) => withFields({ ...own, ...fields }),
      rateLimited(kind, everyMs, nowMs) {
        const turn = turns.get(kind);
        if (turn && nowMs < turn.nextMs) {
          turn.suppressed++;
          return null;
        }
        if (!turn && turns.size >= KINDS) {
          for (const oldest of turns.keys()) {
            turns.delete(oldest);
            break;
          }
        }
        turns.set(kind, { nextMs: nowMs + everyMs, suppressed: 0 });
        const suppressed = turn?.suppressed ?? 0;
        return suppressed === 0 ? log : withFields({ ...own, suppressed });
      },
    };
    return log;
  }
  return withFields({});
}

/** Synchronous, so that the last line before an exit is not lost. */
function writeError(line: string): void {
  const bytes = new TextEncoder().encode(line);
  try {
    for (let sent = 0; sent < bytes.length;) sent += Deno.stderr.writeSync(bytes.subarray(sent));
  } catch {
    // Nobody reads standard error any more: there is no other place to say so.
  }
}
