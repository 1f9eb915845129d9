// This module is pure.
/** `/why`: how the numbers of an answer are made, and what they stood on when made again. */
import type { Source } from "../lib/market/source.ts";
import { type Answer, answer } from "../lib/reply/answer.ts";
import type { Ask, Command, Desk, Json, Reply } from "../lib/reply/command.ts";
import { bold, clean, escape } from "../lib/reply/html.ts";
import { clock, clockAndDay, duration } from "../lib/reply/times.ts";
import { type Zone, zoneOf } from "../lib/reply/zone.ts";
import { type Inputs, inputsOf } from "./_why_inputs.ts";

/** What Telegram takes as callback data. */
const BUTTON_BYTES = 64;

export const why: Command = {
  name: "why",
  usage: "[command]",
  description: "Formulas and inputs behind an answer",
  details: [
    "Reply /why to an answer, or name the command: /why /cvd BTC 15m",
    "The command is run again, so windows end now; nothing is changed by it.",
  ],
  formulas: [
    "coverage = minutes asked − minutes missing of each venue, as in the answer's last line",
    "repaired and candle minutes are counted over all venues",
  ],
  async run(ask) {
    const typed = ask.words.length > 0 ? ask.words.join(" ") : ask.about ?? "";
    const text = clean(typed).replace(/^(?:\/?why(?:@\w+)?(?:\s+|$))+/i, "");
    if (text === "") return nothingAsked(ask);
    const looking = { ...ask, desk: untouched(ask.desk), users: null, alerts: null, about: null };
    const made = await answer(text, looking);
    const command = ask.commands.find((candidate) => candidate.name === made.command);
    return command && !isProblem(made.data)
      ? explain({ text, command, made, source: ask.source, zone: await zoneOf(ask) })
      : made;
  },
};

/** The desk for looking only: asking why may not do again what was done. */
function untouched(desk: Desk): Desk {
  return {
    watched: () => desk.watched(),
    configured: () => desk.configured(),
    watch: () => Promise.resolve("held"),
    unwatch: () => Promise.resolve("absent"),
    status: () => desk.status(),
    recall: (asker, key) => desk.recall(asker, key),
    remember: () => Promise.resolve(),
  };
}

function isProblem(data: Json): boolean {
  return data !== null && typeof data === "object" && "problem" in data;
}

function nothingAsked({ commands }: Ask): Reply {
  const example = commands.find((command) => command.formulas && command.name !== "why");
  const ask = `/why /${example?.name ?? "help"}`;
  return {
    html: `Reply /why to an answer, or name a command: ${ask}`,
    data: { problem: { kind: "command", typed: "", nearest: [ask] } },
    buttons: [[{ label: ask, ask }]],
  };
}

interface Explained {
  readonly text: string;
  readonly command: Command;
  readonly made: Answer;
  readonly source: Source;
  readonly zone: Zone;
}

function explain({ text, command, made, source, zone }: Explained): Reply {
  const asked = text.startsWith("/") ? text : `/${command.name}${rest(text, command.name)}`;
  const inputs = inputsOf(made.data, source);
  const formulas = command.formulas ?? [];
  const nowMs = inputs.nowMs ?? source.nowMs();
  const html = [
    `${bold(`Why ${asked}`)} · ${clock(nowMs, zone)} ${escape(zone.label)}`,
    ...(formulas.length === 0 ? ["It computes nothing: it shows what is there"] : []),
    ...formulas.map((formula) => `• ${escape(formula)}`),
    ...inputLines(inputs, nowMs, zone),
    ...lastLine(made),
  ].join("\n");
  const fits = (button: string) => utf8Bytes(button) <= BUTTON_BYTES;
  const buttons = [asked, `/why ${asked}`].filter(fits).map((again) => ({
    label: again === asked ? "The answer" : "Refresh",
    ask: again,
  }));
  return {
    html,
    data: { about: asked, command: command.name, formulas: [...formulas], nowMs, inputs },
    buttons: [buttons],
  };
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** `btc` asked the price, and so did `price btc`. */
function rest(text: string, name: string): string {
  const words = text.split(" ");
  const named = words[0]?.toLowerCase() === name ? words.slice(1) : words;
  return named.length === 0 ? "" : ` ${named.join(" ")}`;
}

function inputLines(inputs: Inputs, nowMs: number, zone: Zone): string[] {
  const { spans, anchors, venues, coverage, repaired, candle } = inputs;
  const time = (timeMs: number) => clockAndDay(timeMs, nowMs, zone);
  const lines = [
    ...spans.map(({ name, fromMs, toMs }) =>
      `${escape(name)}: ${time(fromMs)} – ${time(toMs)}, ${duration(toMs - fromMs)}`
    ),
    ...anchors.map(({ name, anchorMs }) => `${escape(name)} anchored at ${time(anchorMs)}`),
    ...(coverage.length > 0
      ? coverage.map((row) =>
        `${escape(row.venue)}: ${row.minutesComplete}/${row.minutesAsked} min complete`
      )
      : venues.length > 0
      ? [`Venues: ${venues.map(escape).join(", ")}`]
      : []),
  ];
  const sources = repaired === null || candle === null
    ? []
    : [`${repaired} minutes repaired by id, ${candle} from candles`];
  return lines.length + sources.length === 0 ? [] : [bold("Inputs"), ...lines, ...sources];
}

/** The answer's own trust line, which is always its last; none where it needs none. */
function lastLine({ html, data }: Answer): string[] {
  const trusted = data !== null && typeof data === "object" && "trust" in data;
  return trusted ? html.split("\n").slice(-1) : [];
}
