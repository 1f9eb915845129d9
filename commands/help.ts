// This module is pure.
/** `/help`: the list of commands, or one of them in full. */
import { nearestNames } from "../lib/market/instrument.ts";
import type { Command, Reply } from "../lib/reply/command.ts";
import { clean, echo, escape } from "../lib/reply/html.ts";

export const help: Command = {
  name: "help",
  usage: "[command]",
  description: "All commands, or one of them in full",
  run({ words: [typed], commands }) {
    if (typed === undefined) return list(commands);
    const name = clean(typed).toLowerCase().replace(/^\//, "").replace(/@.*$/, "").slice(0, 32);
    const command = commands.find((candidate) => candidate.name === name);
    return command ? full(command) : unknown(typed, name, commands);
  },
};

function list(commands: readonly Command[]): Reply {
  const lines = commands.map((command) => `${title(command)} — ${escape(command.description)}`);
  return {
    html: [...lines, "A symbol alone asks its price. More: /help cvd"].join("\n"),
    data: {
      commands: commands.map(({ name, usage, description }) => ({ name, usage, description })),
    },
  };
}

function full(command: Command): Reply {
  const { name, usage, description, details = [] } = command;
  return {
    html: [`<b>${title(command)}</b>`, escape(description), ...details.map(escape)].join("\n"),
    data: { name, usage, description, details: [...details] },
    buttons: [[{ label: `/${name}`, ask: `/${name}` }]],
  };
}

function unknown(typed: string, name: string, commands: readonly Command[]): Reply {
  const nearest = nearestNames(name, commands.map((command) => command.name));
  return {
    html: `No command <b>${echo(typed)}</b>. Nearest: ${nearest.join(" ")}`,
    data: { problem: { kind: "command", typed: clean(typed), nearest } },
    buttons: [nearest.map((near) => ({ label: near, ask: `/help ${near}` }))],
  };
}

function title({ name, usage }: Command): string {
  return escape(usage === "" ? `/${name}` : `/${name} ${usage}`);
}
