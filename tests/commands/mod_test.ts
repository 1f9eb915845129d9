import { deepEqual, equal, ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";

const FOLDER = new URL("../../commands/", import.meta.url);

Deno.test("every file of the folder is a command in the list, under its own name", () => {
  const files = [...Deno.readDirSync(FOLDER)]
    .map((entry) => entry.name)
    .filter((name) => name.endsWith(".ts") && name !== "mod.ts" && !name.startsWith("_"))
    .map((name) => name.slice(0, -3));
  deepEqual(commands.map((command) => command.name).toSorted(), files.toSorted());
});

Deno.test("every command has a test file", () => {
  for (const { name } of commands) {
    const test = new URL(`../tests/commands/${name}_test.ts`, FOLDER);
    ok(Deno.statSync(test).isFile, name);
  }
});

Deno.test("names and descriptions are what Telegram's menu takes", () => {
  equal(new Set(commands.map((command) => command.name)).size, commands.length);
  ok(commands.length <= 100);
  for (const { name, description } of commands) {
    ok(/^[a-z0-9_]{1,32}$/.test(name), name);
    ok(description.length >= 1 && description.length <= 256, name);
    ok(!description.includes("\n"), name);
  }
});

Deno.test("a command that changes what is stored says so", () => {
  const writes =
    /\.(remember|watch|unwatch|arm|change|remove|muteAll|setQuiet|setDaily|invite|allow)\(/;
  for (const { name, changes = false } of commands) {
    const text = Deno.readTextFileSync(new URL(`${name}.ts`, FOLDER));
    equal(writes.test(text), changes, name);
  }
});
