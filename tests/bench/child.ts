/** Processes that the bench starts, each ended with what started it. */
import { fileURLToPath } from "node:url";

export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

export interface ChildOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another program than this Deno. */
  readonly program?: string;
}

/** A child process; disposing ends it and waits until it is gone. */
export class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  #exited = false;
  #ending = false;

  constructor({ args, env = {}, cwd = ROOT, program = Deno.execPath() }: ChildOptions) {
    this.#process = new Deno.Command(program, {
      args: [...args],
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", ...env },
      cwd,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    void this.#process.status.then(({ code, signal }) => {
      this.#exited = true;
      if (this.#ending) return;
      const line = `${args.join(" ")} ended by itself: code ${code}, signal ${signal}\n`;
      Deno.stderr.writeSync(new TextEncoder().encode(line));
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  get exited(): boolean {
    return this.#exited;
  }

  /** The first line on its standard output, as JSON; nothing after it is read. */
  async firstLine(): Promise<Record<string, unknown>> {
    let text = "";
    for await (const part of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.includes("\n")) return JSON.parse(text.slice(0, text.indexOf("\n")));
    }
    throw new Error("The process ended before it said its first line");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    if (!this.#exited) this.#process.kill("SIGTERM");
    const late = setTimeout(() => this.#process.kill("SIGKILL"), 5_000);
    await this.#process.status;
    clearTimeout(late);
    if (!this.#process.stdout.locked) await this.#process.stdout.cancel();
  }
}
