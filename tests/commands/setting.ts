/** What commands are run with in tests: nobody special asks, and nothing is remembered. */
import type { Setting } from "../../lib/reply/answer.ts";
import type { Asker, Desk, Json, Status } from "../../lib/reply/command.ts";

export const ASKER: Asker = { id: "local", owner: true, privateChat: true };

const STATUS: Status = {
  version: "0.0.0",
  startedMs: 0,
  residentBytes: 50_000_000,
  venues: [],
  repair: { waiting: 0, repaired: 0, lost: 0 },
  store: {
    rowsWritten: 0,
    bytesWritten: 0,
    rowsSkipped: 0,
    writeErrors: 0,
    disk: null,
    writable: true,
  },
};

/** A desk that remembers in memory, and watches what it is told to. */
export function fakeDesk(watched: readonly string[] = [], status: Partial<Status> = {}): Desk {
  const list = [...watched];
  const memory = new Map<string, Json>();
  return {
    watched: () => list,
    configured: () => watched,
    watch(asset) {
      if (list.includes(asset)) return Promise.resolve("held");
      list.push(asset);
      return Promise.resolve("added");
    },
    unwatch(asset) {
      const index = list.indexOf(asset);
      if (index < 0) return Promise.resolve("absent");
      list.splice(index, 1);
      return Promise.resolve("removed");
    },
    status: () => ({ ...STATUS, ...status }),
    recall: (asker, key) => Promise.resolve(memory.get(`${asker} ${key}`) ?? null),
    remember(asker, key, value) {
      memory.set(`${asker} ${key}`, value);
      return Promise.resolve();
    },
  };
}

export function setting(given: Pick<Setting, "source" | "commands"> & Partial<Setting>): Setting {
  return { asker: ASKER, desk: fakeDesk(given.source.assets()), about: null, ...given };
}
