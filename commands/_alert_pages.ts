// This module is pure.
/** Replies that the two alert commands share. */
import type { DryRun, ShownRule } from "../lib/alerts/alert_desk.ts";
import type { RuleProblem } from "../lib/alerts/rule/parse.ts";
import type { Button, Json, Reply } from "../lib/reply/command.ts";
import { bold, clean, echo, escape } from "../lib/reply/html.ts";
import { clockAndDay } from "../lib/reply/times.ts";
import type { Zone } from "../lib/reply/zone.ts";

/** What Telegram takes as callback data. */
const BUTTON_LENGTH = 64;

export function ruleData(rule: ShownRule): { readonly [key: string]: Json } {
  return { rule };
}

/** The rule as it is armed now, and what it would have done. */
export function armedPage(
  rule: ShownRule,
  dry: DryRun | null,
  nowMs: number,
  zone: Zone,
): Reply {
  return {
    html: [
      `${bold(rule.id)} armed: <code>${escape(rule.text)}</code>`,
      `${escape(rule.sentence)}`,
      escape(rule.trust),
      ...nowLine(rule),
      ...(dry ? dryLines(dry, nowMs, zone) : []),
    ].join("\n"),
    data: { ...ruleData(rule), dryRun: dry },
    buttons: [
      ...buttonRows(
        (dry?.suggested ?? []).map(({ perDay, threshold }) => ({
          label: `${perDay} a day: ${threshold}`,
          ask: `/alert set ${rule.id} ${threshold}`,
        })),
        2,
      ),
      [
        { label: "Mute 1 h", ask: `/alert mute ${rule.id} 1h` },
        { label: "Why", ask: `/alert why ${rule.id}` },
        { label: "Delete", ask: `/alert delete ${rule.id}` },
        { label: "All rules", ask: "/alerts" },
      ],
    ],
  };
}

function nowLine({ value, asset, state }: ShownRule): string[] {
  if (value === null) return [];
  const where = asset === null ? "" : ` (${escape(asset)})`;
  const already = state === "fired" ? ": it is so already, and fires after it has come back" : "";
  return [`Now ${escape(value)}${where}${already}`];
}

function dryLines(dry: DryRun, nowMs: number, zone: Zone): string[] {
  const { fired, untried, readings, hours, newest, lacking, lack } = dry;
  if (fired === null) return ["Not stored by the minute: it cannot be tried on the past"];
  if (readings === 0 && lacking > 0) {
    return [
      `Cannot be tried yet: ${lacking} stored readings, none is complete`,
      escape(lack ?? ""),
    ];
  }
  if (hours <= 0) return ["Nothing is stored to try it on yet"];
  const span = hours < 1 ? `${Math.round(hours * 60)} min` : `${Math.round(hours)} h`;
  const rate = hours >= 6 ? `, ${(fired / hours * 24).toFixed(1)} a day` : "";
  return [
    `In the last ${span} it would have fired ${
      bold(fired === 1 ? "once" : `${fired} times`)
    }${rate}`,
    ...newest.map(({ asset, timeMs, value }) =>
      `• ${clockAndDay(timeMs, nowMs, zone)} ${escape(asset)} ${escape(value)}`
    ),
    ...(untried > 0 ? [`${untried} assets left out: it would take too long`] : []),
    ...(lacking > 0 ? [`${lacking} readings left out: ${escape(lack ?? "incomplete")}`] : []),
  ];
}

export function problemPage(problem: RuleProblem, words: readonly string[]): Reply {
  const { kind, typed, message, nearest } = problem;
  const fixed = nearest.map((near) => ({
    label: near,
    ask: `/alert ${clean(words.join(" ")).replace(typed, near)}`,
  }));
  const near = nearest.length === 0 ? "" : ` Nearest: ${nearest.map(escape).join(", ")}`;
  return {
    html: `${echo(message)}.${near}`,
    data: { problem: { kind, typed: clean(typed), nearest: [...nearest] } },
    buttons: buttonRows(fixed, 3),
  };
}

export function refusal(message: string): Reply {
  return {
    html: echo(message),
    data: { problem: { kind: "alert", typed: "", nearest: [] } },
    buttons: [[{ label: "All rules", ask: "/alerts" }]],
  };
}

export function unknownRule(id: string): Reply {
  return {
    html: `You have no rule <b>${echo(id)}</b>. All of them: /alerts`,
    data: { problem: { kind: "rule", typed: clean(id), nearest: [] } },
    buttons: [[{ label: "All rules", ask: "/alerts" }]],
  };
}

/** Where nothing evaluates rules: stored data, a replay. */
export function noAlerts(): Reply {
  return {
    html: "Alerts run in the service only: nothing evaluates rules here",
    data: { rules: null },
  };
}

/** Rows of so many buttons; what Telegram would refuse is left out. */
export function buttonRows(buttons: readonly Button[], columns: number): Button[][] {
  const fit = buttons.filter(({ ask }) => isAscii(ask) && ask.length <= BUTTON_LENGTH);
  const rows: Button[][] = [];
  for (let i = 0; i < fit.length; i += columns) rows.push(fit.slice(i, i + columns));
  return rows;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e×]*$/.test(text);
}

const LENGTHS: Readonly<Record<string, number>> = { m: 1, min: 1, h: 60, d: 1440 };
const LONGEST_MINUTES = 30 * 1440;

/** `30m`, `1h`, `2d` in minutes; `null` for anything else and beyond 30 days. */
export function minutesIn(text: string): number | null {
  const match = /^(\d{1,5})(m|min|h|d)$/i.exec(text);
  const minutes = match ? Number(match[1]) * (LENGTHS[(match[2] ?? "").toLowerCase()] ?? 0) : 0;
  return minutes > 0 && minutes <= LONGEST_MINUTES ? minutes : null;
}
