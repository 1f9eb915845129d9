/**
 * `deno task audit`: every package of the lock file, its licence, and the advisories that
 * the registry knows about it. Exit code 1 where there is an advisory; a registry that does
 * not answer is said, and is no failure.
 */
const PUBLIC_REGISTRY = "https://registry.npmjs.org";
const TIMEOUT_MS = 15_000;

interface Package {
  readonly name: string;
  readonly version: string;
  /** Named in deno.json; the others come with these. */
  readonly direct: boolean;
  readonly integrity: boolean;
}

interface Advisory {
  readonly severity: string;
  readonly title: string;
  readonly url: string;
  readonly versions: string;
}

type Json = Readonly<Record<string, unknown>>;

async function main(): Promise<number> {
  const packages = locked(new URL("../deno.lock", import.meta.url));
  const registry = registryUrl();
  say(
    `${packages.length} packages in deno.lock, asked at ${registry.replace(/\/\/[^/]*@/, "//")}\n`,
  );
  const licences = await Promise.all(packages.map((one) => licenceOf(registry, one)));
  const width = Math.max(...packages.map(({ name, version }) => name.length + version.length + 1));
  for (const [at, { name, version, direct, integrity }] of packages.entries()) {
    const words = [
      `${name}@${version}`.padEnd(width),
      direct ? "direct " : "through",
      licences[at] ?? "licence unknown: the registry did not answer",
      ...(integrity ? [] : ["NOT PINNED BY A HASH"]),
    ];
    say(`  ${words.join("  ")}`);
  }
  say("");
  return report(await advisoriesOf(registry, packages));
}

function report(found: ReadonlyMap<string, readonly Advisory[]> | string): number {
  if (typeof found === "string") {
    say(`Advisories are not known: ${found}`);
    return 0;
  }
  if (found.size === 0) {
    say("No known advisory");
    return 0;
  }
  for (const [name, advisories] of found) {
    for (const { severity, title, url, versions } of advisories) {
      say(`${name} ${versions}: ${severity}: ${title} ${url}`);
    }
  }
  return 1;
}

/** `@grammyjs/types@5.0.0` and the like; what follows an underscore are peers. */
function locked(file: URL): Package[] {
  const lock = record(JSON.parse(Deno.readTextFileSync(file)));
  const direct = new Set(
    Object.entries(record(lock.specifiers)).map(([specifier, version]) =>
      `${specifier.replace(/^npm:/, "").replace(/(?<=.)@[^@]*$/, "")}@${version}`
    ),
  );
  return Object.entries(record(lock.npm)).map(([id, entry]) => {
    const [, name = id, version = ""] = /^(@?[^@]+)@([^_]+)/.exec(id) ?? [];
    const integrity = typeof record(entry).integrity === "string";
    return { name, version, direct: direct.has(`${name}@${version}`), integrity };
  });
}

/** What npm would ask: its variable, then the `.npmrc` here and at home, then the public one. */
function registryUrl(): string {
  const named = Deno.env.get("npm_config_registry") ?? Deno.env.get("NPM_CONFIG_REGISTRY");
  const files = [".npmrc", `${Deno.env.get("HOME") ?? ""}/.npmrc`];
  const configured = files.map((file) => /^\s*registry\s*=\s*(\S+)/m.exec(textOf(file))?.[1]);
  const url = named ?? configured.find((one) => one !== undefined) ?? PUBLIC_REGISTRY;
  return url.replace(/\/+$/, "");
}

function textOf(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch {
    return "";
  }
}

async function licenceOf(registry: string, { name, version }: Package): Promise<string | null> {
  const url = `${registry}/${name.replace("/", "%2f")}/${version}`;
  const body = await ask(url).catch(() => null);
  if (body === null) return null;
  const { license } = record(body);
  const named = typeof license === "string" ? license : record(license).type;
  return typeof named === "string" ? named : "no licence named";
}

/** By package; a text where the registry does not tell. */
async function advisoriesOf(
  registry: string,
  packages: readonly Package[],
): Promise<ReadonlyMap<string, readonly Advisory[]> | string> {
  const asked: Record<string, string[]> = {};
  for (const { name, version } of packages) (asked[name] ??= []).push(version);
  let body: unknown;
  try {
    body = await ask(`${registry}/-/npm/v1/security/advisories/bulk`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(asked),
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const found = new Map<string, Advisory[]>();
  for (const [name, rows] of Object.entries(record(body))) {
    if (!Array.isArray(rows) || rows.length === 0) continue;
    found.set(name, rows.map(record).map(advisoryOf));
  }
  return found;
}

function advisoryOf(row: Json): Advisory {
  const text = (value: unknown) => typeof value === "string" ? value : "?";
  const { severity, title, url, vulnerable_versions: versions } = row;
  return {
    severity: text(severity),
    title: text(title),
    url: text(url),
    versions: text(versions),
  };
}

async function ask(url: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the registry answers HTTP ${response.status}`);
  }
  return await response.json();
}

function record(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) Deno.exit(await main());
