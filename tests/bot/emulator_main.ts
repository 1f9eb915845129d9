/**
 * Runs somebody else's Bot API, npm's telegram-test-api, as a process of its own: it
 * brings express and axios, which are none of ours.
 *
 *     deno run -A --no-lock --no-config tests/bot/emulator_main.ts 9000
 */
const PACKAGE = "npm:telegram-test-api@4.2.1";

interface Emulator {
  start(): Promise<void>;
}

type Constructor = new (options: { readonly port: number; readonly host: string }) => Emulator;

function isConstructor(value: unknown): value is Constructor {
  return typeof value === "function";
}

// Not a literal, so that neither the lock nor the types of the project know of it.
const { default: Server } = await import(PACKAGE.slice());
if (!isConstructor(Server)) throw new TypeError(`${PACKAGE} does not export a class any more`);
await new Server({ port: Number(Deno.args[0]), host: "127.0.0.1" }).start();
Deno.stdout.writeSync(new TextEncoder().encode("ready\n"));
