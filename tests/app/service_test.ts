/** What a service says that cannot begin. */
import { match, ok, rejects } from "../assert.ts";
import { Refusal } from "../../lib/app/refusal.ts";
import { runService, type Service } from "../../lib/app/service.ts";
import { type Config, readConfig } from "../../lib/config.ts";
import { createLog } from "../../lib/log.ts";
import type { Source } from "../../lib/market/source.ts";
import { createRegistry } from "../../lib/metrics.ts";
import type { Desk } from "../../lib/reply/command.ts";
import { Store, StoreWriteError, type WriteFault } from "../../lib/store/mod.ts";

function configOf(env: Readonly<Record<string, string>>): Config {
  const read = readConfig(env, ["test"]);
  if ("faults" in read) throw new Error(read.faults.join());
  return read.config;
}

/** Starts a service whose rules cannot be claimed, for such a fault. */
async function start(fault: WriteFault): Promise<void> {
  const config = configOf({ DATA_DIR: "/srv/tape", HTTP_ADDR: "127.0.0.1:0", VENUES: "test" });
  using store = await Store.open({ path: ":memory:", retentionHours: 72, nowMs: Date.now });
  const service: Service = {
    ...{ version: "0", config, log: createLog({ level: "error" }), metrics: createRegistry() },
    ...{ source: {} as Source, desk: {} as Desk, records: store.records },
    ready: () => ({ ready: true, reasons: [] }),
    lifetime: new AbortController(),
    openAlerts: () =>
      Promise.reject(new StoreWriteError(fault, `Cannot write the record alert-engine: ${fault}`)),
  };
  await runService(service, () => Promise.resolve());
}

Deno.test("a first start on a disk without room is refused, and says where and what to do", async () => {
  for (const fault of ["disk low", "disk full"] as const) {
    await rejects(() => start(fault), (error) => {
      ok(error instanceof Refusal);
      match(error.message, /DATA_DIR=\/srv\/tape.*no room.*free some 50 MB.*another disk/);
      return true;
    });
  }
});

Deno.test("another fault of the store at the start is refused in its own words", async () => {
  const said = "Cannot start on DATA_DIR=/srv/tape: Cannot write the record alert-engine: locked";
  await rejects(() => start("locked"), new Refusal(said));
});
