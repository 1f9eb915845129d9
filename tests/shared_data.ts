/**
 * Where the recordings are: a folder `shared/data` beside the checkout, as in CI. Tests
 * that need it are reported as skipped where it is not there, and fail in CI instead.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder with the recordings, ending in a slash, whether it is there or not. */
export const SHARED_DATA: string = fileURLToPath(new URL("../../shared/data/", import.meta.url));

/** A test that reads recordings: skipped without them, but never in CI. */
export function testWithData(name: string, fn: () => void | Promise<void>): void {
  const there = existsSync(SHARED_DATA);
  const inCi = Deno.env.get("CI") === "true";
  Deno.test({
    name,
    ignore: !there && !inCi,
    fn() {
      if (!there) throw new Error(`Cannot read the recordings: ${SHARED_DATA} is not there`);
      return fn();
    },
  });
}
