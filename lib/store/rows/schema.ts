/** Which shape the rows are in, and the way from older shapes. */
import { StoreOpenError } from "../errors.ts";
import { SCHEMA_KEY } from "./keys.ts";
import type { Kv } from "../writer.ts";

/** Whose rows these are. */
const APP = "tapewatch";
/** The shape that a new file gets before any migration. */
const FIRST_VERSION = 1;

/** One step forward. It must be harmless to run twice: a kill may come before it is noted. */
export interface Migration {
  /** The version that the rows have afterwards; the steps count up by one. */
  readonly to: number;
  run(kv: Kv): Promise<void>;
}

/**
 * The steps from version 1 to today's, in order. To change the shape of rows, add
 * `{ to: 2, run }` here; files of older versions take the steps they lack at open.
 */
export const MIGRATIONS: readonly Migration[] = [];

/**
 * Claims an empty KV, brings an older one to today's shape.
 * @throws {StoreOpenError} on rows that are another program's or a newer version's
 */
export async function ensureSchema(
  kv: Kv,
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const newest = migrations.at(-1)?.to ?? FIRST_VERSION;
  let version = await storedVersion(kv, path, newest);
  if (version > newest) {
    throw new StoreOpenError(
      "newer",
      `Cannot use ${path}: its rows are of version ${version}, this program knows up to ` +
        `${newest}; run the newer program, or point DATA_DIR elsewhere`,
    );
  }
  for (const migration of migrations) {
    if (migration.to <= version) continue;
    await migration.run(kv);
    version = migration.to;
    await kv.atomic().set([...SCHEMA_KEY], { app: APP, version }).commit();
  }
}

async function storedVersion(kv: Kv, path: string, newest: number): Promise<number> {
  const entry = await kv.get<unknown>([...SCHEMA_KEY]);
  if (entry.versionstamp === null) {
    for await (const { key } of kv.list({ prefix: [] }, { limit: 1 })) {
      throw new StoreOpenError(
        "foreign",
        `Cannot use ${path}: it holds another program's rows (${JSON.stringify(key)}); ` +
          "point DATA_DIR at an empty directory",
      );
    }
    const atomic = kv.atomic().check({ key: [...SCHEMA_KEY], versionstamp: null });
    const { ok } = await atomic.set([...SCHEMA_KEY], { app: APP, version: newest }).commit();
    return ok ? newest : storedVersion(kv, path, newest);
  }
  const { value } = entry;
  if (isSchema(value) && value.app === APP) return value.version;
  throw new StoreOpenError(
    "foreign",
    `Cannot use ${path}: its schema row says ${JSON.stringify(value)}; ` +
      "point DATA_DIR at an empty directory",
  );
}

function isSchema(value: unknown): value is { app: unknown; version: number } {
  return typeof value === "object" && value !== null && "app" in value &&
    "version" in value && typeof value.version === "number";
}
