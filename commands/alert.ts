// This module is pure.
/** `/alert`: one rule: typed in a line or built by buttons, tried out, armed and changed. */
import type { AlertDesk, ShownRule } from "../lib/alerts/alert_desk.ts";
import type { Ask, Button, Command, Reply } from "../lib/reply/command.ts";
import { bold, escape } from "../lib/reply/html.ts";
import { clockAndDay, duration } from "../lib/reply/times.ts";
import { zoneOf } from "../lib/reply/zone.ts";
import {
  armedPage,
  buttonRows,
  minutesIn,
  noAlerts,
  problemPage,
  refusal,
  ruleData,
  unknownRule,
} from "./_alert_pages.ts";

export const alert: Command = {
  name: "alert",
  usage: "[symbol|watch|market metric window > threshold]",
  description: "Arm a rule: tried on 72 h first, told when it fires",
  changes: true,
  details: [
    "/alert btc liq 5m > 2m · /alert eth price < 2900 · /alert watch rvol 15m > 4",
    "/alert btc funding flips · /alert btc cascade · /alert sol divergence 60m is bearish",
    "After the threshold: critical or silent, cooldown 30m, cap 5 (a day), back 2%",
    "/alert alone builds one by buttons. Change one: /alert set a7 3m, /alert mute a7 1h, " +
    "/alert rearm a7, /alert why a7, /alert delete a7",
    "Price at every print; sums and cascades as soon as they are enough; all else when its " +
    "minute has closed and is complete",
  ],
  formulas: [
    "fires where the metric passes the threshold while the rule is armed; armed again after " +
    "coming back by 10 % of the threshold (`back`)",
    "cooldown: at least so long between two firings of one asset; cap: firings a UTC day",
    "the dry run is the same evaluation over the stored minutes; of prices their extremes",
  ],
  async run(ask) {
    const { words, alerts } = ask;
    if (!alerts) return noAlerts();
    const name = (words[0] ?? "").toLowerCase();
    const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
    // A symbol may be called SET or WHY; a rule's name after it tells which is meant.
    return verb && (/^a\d+$/i.test(words[1] ?? "") || words.length === 1)
      ? await verb(ask, alerts, words[1] ?? "", words.slice(2))
      : await arm(ask, alerts);
  },
};

type Verb = (ask: Ask, alerts: AlertDesk, id: string, rest: readonly string[]) => Promise<Reply>;

const VERBS: Readonly<Record<string, Verb>> = {
  set: (ask, alerts, id, rest) =>
    changed(ask, alerts, id, { kind: "threshold", typed: rest.join(" ") }),
  harder: (ask, alerts, id) => changed(ask, alerts, id, { kind: "harder" }),
  rearm: (ask, alerts, id) => changed(ask, alerts, id, { kind: "rearm" }),
  unmute: (ask, alerts, id) => changed(ask, alerts, id, { kind: "mute", minutes: 0 }),
  mute(ask, alerts, id, [length = "1h"]) {
    const minutes = minutesIn(length);
    if (minutes === null) return Promise.resolve(refusal(`No length ${length}: 30m, 1h, 2d`));
    return changed(ask, alerts, id, { kind: "mute", minutes });
  },
  delete: removed,
  remove: removed,
  why: explained,
};

async function arm(ask: Ask, alerts: AlertDesk): Promise<Reply> {
  const understood = alerts.understand(ask.words.join(" "));
  if (understood.kind === "problem") return problemPage(understood.problem, ask.words);
  if (understood.kind === "unfinished") {
    const { missing, text, next } = understood;
    const said = text === "" ? "/alert" : `/alert ${text}`;
    const words = next.length === 0 ? await alerts.thresholds(text) : next;
    return {
      html: `${bold(said)} … ${QUESTIONS[missing]}`,
      data: { understood: text, missing, next: [...words] },
      buttons: buttonRows(words.map((word) => ({ label: word, ask: `${said} ${word}` })), 3),
    };
  }
  const dry = await alerts.tryOut(understood.rule);
  const armed = await alerts.arm(ask.asker, understood.rule);
  if ("refused" in armed) return refusal(armed.refused);
  return armedPage(armed.rule, dry, ask.source.nowMs(), await zoneOf(ask));
}

const QUESTIONS = {
  scope:
    "which symbol? Or all that is watched, or the whole market. Example: /alert btc liq 5m &gt; 2m",
  metric: "what about it?",
  window: "over how long?",
  threshold:
    "from what on? Type the line with a number: <code>&gt; 2m</code>, <code>&lt; -3%</code>",
} as const;

async function changed(
  ask: Ask,
  alerts: AlertDesk,
  id: string,
  change: Parameters<AlertDesk["change"]>[2],
): Promise<Reply> {
  const done = await alerts.change(ask.asker, id, change);
  if (done === null) return unknownRule(id);
  if ("refused" in done) return refusal(done.refused);
  const { rule } = done;
  if (change.kind === "threshold" || change.kind === "harder") {
    const understood = alerts.understand(rule.text);
    const dry = understood.kind === "rule" ? await alerts.tryOut(understood.rule) : null;
    return armedPage(rule, dry, ask.source.nowMs(), await zoneOf(ask));
  }
  const nowMs = ask.source.nowMs();
  const zone = await zoneOf(ask);
  const state = rule.mutedUntilMs === null
    ? "listens"
    : `is muted until ${clockAndDay(rule.mutedUntilMs, nowMs, zone)} ${escape(zone.label)}`;
  const undo: Button = rule.mutedUntilMs === null
    ? { label: "Mute 1 h", ask: `/alert mute ${rule.id} 1h` }
    : { label: "Unmute", ask: `/alert unmute ${rule.id}` };
  return {
    html: `${bold(rule.id)} ${escape(rule.core)} ${state}`,
    data: ruleData(rule),
    buttons: [[undo, { label: "Delete", ask: `/alert delete ${rule.id}` }, ALL]],
  };
}

const ALL: Button = { label: "All rules", ask: "/alerts" };

async function removed(ask: Ask, alerts: AlertDesk, id: string): Promise<Reply> {
  const rule = await alerts.remove(ask.asker, id);
  if (rule === null) return unknownRule(id);
  const again = `/alert ${rule.text}`;
  return {
    html: `${bold(rule.id)} ${escape(rule.core)} is deleted; it fired ${rule.hits} times`,
    data: { ...ruleData(rule), deleted: true },
    buttons: [[...(again.length <= 64 ? [{ label: "Arm again", ask: again }] : []), ALL]],
  };
}

async function explained(ask: Ask, alerts: AlertDesk, id: string): Promise<Reply> {
  const rule = alerts.find(ask.asker, id);
  if (rule === null) return unknownRule(id);
  const zone = await zoneOf(ask);
  return {
    html: [
      `${bold(rule.id)} <code>${escape(rule.text)}</code>`,
      `${escape(rule.sentence)}; ${escape(rule.trust)}`,
      `• ${escape(rule.formula)}`,
      ...stateLines(rule, ask.source.nowMs(), (timeMs, nowMs) => clockAndDay(timeMs, nowMs, zone)),
    ].join("\n"),
    data: ruleData(rule),
    buttons: [[
      { label: "Re-arm", ask: `/alert rearm ${rule.id}` },
      { label: "Delete", ask: `/alert delete ${rule.id}` },
      ALL,
    ]],
  };
}

function stateLines(
  rule: ShownRule,
  nowMs: number,
  clock: (timeMs: number, nowMs: number) => string,
): string[] {
  const { value, asset, state, hits, firedToday, lastFiredMs, createdMs } = rule;
  return [
    `Now: ${value === null ? "no value yet" : `${escape(value)} (${escape(asset ?? "")})`}, ${
      STATES[state]
    }`,
    `Armed ${
      duration(Math.max(0, nowMs - createdMs))
    } ago, fired ${hits} times, ${firedToday} today` +
    (lastFiredMs === null ? "" : `, last ${clock(lastFiredMs, nowMs)}`),
  ];
}

const STATES: Readonly<Record<ShownRule["state"], string>> = {
  armed: "armed",
  fired: "it must come back before it fires again",
  waiting: "waiting for its first reading",
  muted: "muted",
  blind: "cannot be evaluated now",
  off: "not evaluated: with this PROFILE only critical alerts run",
};
