/** What every reply of every command must keep, whatever the data. */
import { equal, ok } from "../assert.ts";
import type { Json, Reply } from "../../lib/reply/command.ts";
import { plain } from "../../lib/reply/html.ts";
import { COLUMNS, displayWidth } from "../../lib/reply/table.ts";

/** Fails where the reply could not be sent, read on a phone or parsed by a machine. */
export function assertSound(reply: Reply): void {
  ok(!/NaN|Infinity|undefined|null|\[object|-0(?!\d|:)/.test(reply.html), reply.html);
  ok(reply.html.length > 0 && reply.html.length <= 4096);
  equal(
    [...reply.html.matchAll(/<(\w+)>/g)].map((tag) => tag[1]).join(),
    [...reply.html.matchAll(/<\/(\w+)>/g)].map((tag) => tag[1]).join(),
  );
  for (const [, block = ""] of reply.html.matchAll(/<pre>([\s\S]*?)<\/pre>/g)) {
    for (const line of plain(block).split("\n")) ok(displayWidth(line) <= COLUMNS, `«${line}»`);
  }
  finite(reply.data, "data");
  for (const { label, ask } of (reply.buttons ?? []).flat()) {
    ok(label !== "" && ask.startsWith("/"), ask);
    ok(new TextEncoder().encode(ask).length <= 64, ask);
  }
}

function finite(value: Json | undefined, path: string): void {
  ok(value !== undefined, `${path} is undefined`);
  if (typeof value === "number") ok(Number.isFinite(value), `${path} is ${value}`);
  if (typeof value !== "object" || value === null) return;
  for (const [key, part] of Object.entries(value)) finite(part, `${path}.${key}`);
}
