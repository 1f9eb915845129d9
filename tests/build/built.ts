/** The file that `deno task compile` makes, run alone in a folder of its own. */
import { fileURLToPath } from "node:url";
import { freePort } from "../e2e/service.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** `nobody`: somebody who owns nothing here. */
const NOBODY = 65_534;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Builds the file once for a test file; disposing removes it and all that it left. */
export class Built implements Disposable {
  /** What the build said it made. */
  readonly said: string;
  readonly #folder: string;

  constructor() {
    this.#folder = Deno.makeTempDirSync({ prefix: "tapewatch-build-" });
    // Everybody may look for the file in here, which a temporary folder does not allow.
    Deno.chmodSync(this.#folder, 0o755);
    const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", ".ci/compile.ts", `--out=${this.#folder}/tapewatch`],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).outputSync();
    this.said = text(stdout);
    if (code !== 0) throw new Error(`Cannot build: ${this.said}${text(stderr)}`);
  }

  get path(): string {
    return `${this.#folder}/tapewatch`;
  }

  /** Self-extracting, and not made by `deno compile`. */
  get packed(): boolean {
    return this.said.includes("self-extracting");
  }

  /** A copy in an otherwise empty folder that belongs to another user, if we may do that. */
  alone(): Alone {
    const folder = Deno.makeTempDirSync({ dir: this.#folder });
    Deno.copyFileSync(this.path, `${folder}/tapewatch`);
    return new Alone(folder);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

export class Alone {
  readonly port: number = freePort();
  readonly env: Record<string, string>;
  readonly #asNobody = Deno.uid() === 0;

  constructor(readonly folder: string) {
    const data = `${folder}/data`;
    // TMPDIR, which any machine may set, keeps what is unpacked in the test's folder.
    this.env = { PATH: Deno.env.get("PATH") ?? "", TMPDIR: folder, DATA_DIR: data };
    if (this.#asNobody) Deno.chownSync(folder, NOBODY, NOBODY);
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Deno.ChildProcess {
    const program = [`${this.folder}/tapewatch`, ...args];
    const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
    const [command = "", ...rest] = this.#asNobody ? ["setpriv", ...user, ...program] : program;
    return new Deno.Command(command, {
      args: rest,
      cwd: this.folder,
      clearEnv: true,
      env: { ...this.env, ...env },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const { code, stdout, stderr } = await this.start(args, env).output();
    return { code, out: text(stdout), err: text(stderr) };
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
