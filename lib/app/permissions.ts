/**
 * What a built file may do. It starts with the files of its user open, for only the
 * environment tells where the data is, and shuts all but the data folder once it has read
 * the environment and opened the store: as a daemon drops root.
 */
import type { Config } from "../config.ts";

/** All files: needed to start, given up by `confine`. */
export const EVERYWHERE = "/";

/**
 * Where data folders are found. Deno can take grants back but cannot narrow one, so a build
 * is granted each of these beside `/`, and `confine` keeps the one around DATA_DIR. To
 * support another place, add a line: none may lie below another without being more exact.
 */
export const DATA_FOLDERS: readonly string[] = [
  ...["/data", "/home", "/media", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var"],
  "/var/lib/tapewatch",
];

/**
 * Takes back the environment and every file outside the data folder. Programs that were
 * started with `--allow-read` for everything keep that: there is nothing narrower to keep.
 *
 * @param dataDir `null` where no file is needed
 * @returns whether the data folder can still be looked at
 */
export async function confine(dataDir: string | null): Promise<boolean> {
  const data = dataDir === null ? null : absolute(dataDir);
  const kept = DATA_FOLDERS.filter((folder) => data !== null && holds(folder, data))
    .toSorted((a, b) => b.length - a.length)[0];
  for (const name of ["read", "write"] as const) {
    // Taking one path back takes those above it too: hence nothing below the kept one.
    await Deno.permissions.revoke({ name, path: EVERYWHERE });
    for (const folder of DATA_FOLDERS) {
      if (kept !== undefined && holds(kept, folder)) continue;
      await Deno.permissions.revoke({ name, path: folder });
    }
  }
  await Deno.permissions.revoke({ name: "env" });
  if (data === null) return true;
  return (await Deno.permissions.query({ name: "read", path: data })).state === "granted";
}

/**
 * Settings that name a host outside the permissions, in words that say how to let it in.
 * Redirects of a host that is allowed are refused where they happen.
 */
export async function deniedHosts(config: Config): Promise<string[]> {
  const { endpoints, kvUrl, telegramToken, telegramApiRoot, httpAddr } = config;
  const urls = Object.entries(endpoints);
  if (kvUrl !== null) urls.push(["KV_URL", kvUrl]);
  if (telegramToken !== null) urls.push(["TELEGRAM_API_ROOT", telegramApiRoot]);
  const denied: string[] = [];
  for (const [name, url] of urls) {
    const { protocol, hostname, port } = new URL(url);
    const secure = protocol === "https:" || protocol === "wss:";
    if (await mayReach(`${hostname}:${port || (secure ? 443 : 80)}`)) continue;
    denied.push(
      `${name} names ${hostname}, and this build may not connect there: ` +
        `build with \`deno task compile --net=${hostname}\``,
    );
  }
  const { hostname, port } = httpAddr;
  const address = hostname.includes(":") ? `[${hostname}]` : hostname;
  if (!await mayReach(`${address}:${port}`)) {
    denied.push(
      `HTTP_ADDR names ${address}, and this build may not listen there: use 0.0.0.0:${port}, ` +
        `or build with \`deno task compile --net=${address}\``,
    );
  }
  return denied;
}

async function mayReach(host: string): Promise<boolean> {
  return (await Deno.permissions.query({ name: "net", host })).state === "granted";
}

/** As the permissions compare them: from the root, links not followed. */
function absolute(path: string): string {
  const steps: string[] = [];
  for (const step of (path.startsWith("/") ? path : `${Deno.cwd()}/${path}`).split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return `/${steps.join("/")}`;
}

function holds(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
