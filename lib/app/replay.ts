/** `tapewatch replay`: recorded frames through the same path, then the same ways in. */
import { COLLECTORS } from "../../collectors/mod.ts";
import type { Invocation } from "../cli.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import { createRegistry } from "../metrics.ts";
import { MAX_RETENTION_HOURS } from "../store/mod.ts";
import { Replay } from "../tape/replay/replay.ts";
import { ReplayDesk } from "../tape/replay/replay_desk.ts";
import * as measure from "../tape/tape_metrics.ts";
import { ensureFolder, openLog, openStore } from "./opening.ts";
import { Refusal } from "./refusal.ts";
import { runService } from "./service.ts";

/**
 * Replays, then serves what came of it until the lifetime ends that `untilStopped` makes.
 * @throws {Refusal} where a recording cannot be read, or is of no venue that is known
 */
export async function replay(
  config: Config,
  { files, speed, venue }: Extract<Invocation, { verb: "replay" }>,
  version: string,
  untilStopped: (log: Log) => AbortController,
): Promise<void> {
  if (venue !== null && !COLLECTORS.some((one) => one.venue === venue)) {
    const names = COLLECTORS.map((one) => one.venue).join(", ");
    throw new Refusal(`Cannot replay as --venue ${venue}: the venues are ${names}`);
  }
  const log = openLog(config);
  // A store of its own, made anew: the recording's clock must not age the live rows.
  const folder = Deno.makeTempDirSync({ dir: ensureFolder(config.dataDir), prefix: "replay-" });
  try {
    const clock = { nowMs: 0 };
    const kept = { ...config, kvUrl: null, retentionHours: MAX_RETENTION_HOURS };
    using store = await openStore(kept, `${folder}/replay.kv`, () => clock.nowMs);
    const metrics = createRegistry();
    const lifetime = untilStopped(log);
    const { signal } = lifetime;
    const play = new Replay({
      files,
      clock,
      collectors: COLLECTORS,
      venue,
      speed,
      store,
      log,
      signal,
    });
    const { source } = play;
    const residentBytes = () => Deno.memoryUsage().rss;
    measure.process(metrics, version, residentBytes);
    measure.store(metrics, store, play.flusher);
    const desk = new ReplayDesk({
      play,
      store,
      version,
      startedMs: Date.now(),
      residentBytes,
    });
    const ready = () => ({ ready: play.isDone, reasons: play.isDone ? [] : ["still replaying"] });
    const { records } = store;
    const service = { version, config, log, metrics, source, desk, ready, lifetime, records };
    await runService(service, async () => {
      await play.run().catch((error) => {
        if (error instanceof SyntaxError) throw new Refusal(error.message);
        if (error?.code === "ENOENT") throw new Refusal(`Cannot replay: ${error.message}`);
        throw error;
      });
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
