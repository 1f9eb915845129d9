// This module is pure.
/**
 * The contract of a Telegram command: one plain value per file in `commands/`. The same
 * command answers on Telegram, over HTTP and on the console.
 */
import type { AccountDesk } from "../account/types.ts";
import type { AlertDesk } from "../alerts/alert_desk.ts";
import type { Source } from "../market/source.ts";
import type { Chart } from "./chart/chart.ts";
import type { Users } from "./users.ts";

/** Anything that JSON can carry; numbers in it are finite or `null`. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

/** A button under a reply: its label, and the command that it asks. */
export interface Button {
  readonly label: string;
  /** The text of a command, `/cvd BTC 5m`; at most 64 bytes as callback data. */
  readonly ask: string;
}

export interface Reply {
  /** Telegram HTML; tables in `<pre>` with at most 34 columns. */
  readonly html: string;
  /** The same numbers for machines, under the names of the metrics page. */
  readonly data: Json;
  readonly buttons?: readonly (readonly Button[])[];
  /** A picture to go with it, asked for by the word `chart`; drawn only where one is shown. */
  readonly chart?: Chart;
}

/** Who asks, as far as a command may know. */
export interface Asker {
  /** `tg:12345` for a Telegram user, `local` for the console and the API. */
  readonly id: string;
  readonly owner: boolean;
  /** Only there is an account shown. */
  readonly privateChat: boolean;
}

/** The state of the service, for /status and the start message. */
export interface Status {
  readonly version: string;
  readonly startedMs: number;
  readonly residentBytes: number;
  readonly venues: readonly {
    readonly venue: string;
    readonly live: boolean;
    /** Why not; `null` while live. */
    readonly reason: string | null;
    readonly markets: number;
    readonly frames: number;
    readonly trades: number;
    readonly parseErrors: number;
    readonly reconnects: number;
    readonly gaps: number;
  }[];
  readonly repair: {
    /** Minutes that still lack something and can be had. */
    readonly waiting: number;
    readonly repaired: number;
    /** Minutes that cannot be had any more. */
    readonly lost: number;
  };
  readonly store: {
    readonly rowsWritten: number;
    readonly bytesWritten: number;
    readonly rowsSkipped: number;
    readonly writeErrors: number;
    /** `null` where the store is not a file, or the disk is not watched. */
    readonly disk: {
      /** `low`: no market data is written, settings and deletes are. `full`: nothing is. */
      readonly state: "ok" | "low" | "full";
      /** The store's file with its log. */
      readonly fileBytes: number;
      /** Room that is held, for deletes on a full disk. */
      readonly reserveBytes: number;
      /** What that should be. */
      readonly reserveGoalBytes: number;
    } | null;
    readonly writable: boolean;
  };
}

/** What a command may ask of the service beside the market: lists, state, memory. */
export interface Desk {
  /** Assets that are collected now, in order. */
  watched(): readonly string[];
  /** Those of them that come from SYMBOLS; the others were added by users. */
  configured(): readonly string[];
  /** Collect an asset from now on, over restarts too. */
  watch(asset: string): Promise<"added" | "held" | "unlisted">;
  /** `configured`: it comes from SYMBOLS and can only be taken out there. */
  unwatch(asset: string): Promise<"removed" | "absent" | "configured">;
  status(): Status;
  /** A small value kept for an asker, over restarts; `null` where none. */
  recall(asker: string, key: string): Promise<Json>;
  remember(asker: string, key: string, value: Json): Promise<void>;
}

export interface Ask {
  /** The words after the command's name. */
  readonly words: readonly string[];
  readonly source: Source;
  /** All commands, for /help. */
  readonly commands: readonly Command[];
  readonly asker: Asker;
  readonly desk: Desk;
  /** The command whose reply this one answers to (a Telegram reply), for /why. */
  readonly about: string | null;
  /** The owner's accounts: only for `asker.owner` in a private chat; none without keys. */
  readonly account?: AccountDesk | null;
  /** Who may ask: only for `asker.owner`; none where there is no list of users. */
  readonly users?: Users | null;
  /** Everybody's own alert rules; none where nothing evaluates them. */
  readonly alerts?: AlertDesk | null;
}

export interface Command {
  /** Without the slash; a-z, 0-9 and _. */
  readonly name: string;
  /** `[symbol] [timeframe]`, or "" */
  readonly usage: string;
  /** One line, for /help and Telegram's menu. */
  readonly description: string;
  /** More for `/help <name>`, plain text, a line each: what the numbers are, an example. */
  readonly details?: readonly string[];
  /** How its numbers are made, a line each, for /why: formula, inputs, source. */
  readonly formulas?: readonly string[];
  /** It may change what is stored: rules, members, lists, settings. */
  readonly changes?: true;
  run(ask: Ask): Promise<Reply> | Reply;
}
