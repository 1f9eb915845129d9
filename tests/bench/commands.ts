/**
 * From text to reply, every command, over a day of 20 symbols on four venues: one user at a
 * time, and 20 at once.
 */
import { commands as all } from "../../commands/mod.ts";
import type { Json } from "../../lib/reply/command.ts";
import { answer, type Setting } from "../../lib/reply/answer.ts";
import { Store } from "../../lib/store/mod.ts";
import { TapeDesk } from "../../lib/tape/desk.ts";
import { ASKER } from "../commands/setting.ts";
import { type Measurement, quantile, rounded } from "./measurement.ts";
import { fillStore, openStoredTape, pastWorld } from "./stored_day.ts";

const DAY_MINUTES = 1_440;
const USERS = 20;
const BATCHES = 60;
const ASKS_PER_TEXT = 40;
const WARM_UP = 5;

/**
 * What is asked of a command, `%` being one symbol after the other; a command that is not
 * listed is asked by its name alone.
 */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  price: ["/price %", "% chart"],
  analysis: ["/analysis %"],
  cvd: ["/cvd % 5m", "/cvd % 1h", "/cvd % 15m chart"],
  flow: ["/flow %"],
  volume: ["/volume %"],
  momentum: ["/momentum %"],
  volscan: ["/volscan", "/volscan 15m"],
  oi: ["/oi %", "/oi % chart"],
  funding: ["/funding %"],
  liquidations: ["/liquidations %", "/liquidations % chart"],
  top10: ["/top10 spot", "/top10 perps"],
  brief: ["/brief", "/brief 4h"],
  why: ["/why cvd"],
  help: ["/help", "/help cvd"],
};

export const commands: Measurement = {
  name: "commands",
  async run(_options, say) {
    const folder = Deno.makeTempDirSync({ prefix: "tapewatch-bench-" });
    try {
      const nowMs = Date.now();
      const path = `${folder}/tapewatch.kv`;
      using store = await Store.open({ path, retentionHours: 72, nowMs: Date.now });
      const world = pastWorld(DAY_MINUTES, nowMs);
      await fillStore(store, world, nowMs);
      say("commands: a day is stored");
      const startedMs = performance.now();
      const tape = await openStoredTape(store, world, nowMs);
      const reseedMs = rounded(performance.now() - startedMs);
      const [version, residentBytes] = ["bench", () => Deno.memoryUsage().rss];
      const desk = new TapeDesk({ tape, store, version, startedMs: nowMs, residentBytes });
      const { source } = tape;
      const setting = { source, commands: all, desk, asker: ASKER, about: null };
      const assets = source.assets();
      const { questions, refusing } = await questionsOf(setting);
      return {
        reseedMs,
        notMeasured: refusing,
        ...await one(setting, questions, assets),
        ...await many(setting, questions, assets),
      };
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
};

/** What is asked, with the name of the command that answers it. */
interface Question {
  readonly name: string;
  readonly text: string;
}

/**
 * Every text that is answered here; a command that wants what a bench has not (an account)
 * refuses, and is named instead of measured.
 */
async function questionsOf(setting: Setting) {
  const questions: Question[] = [];
  const refusing: string[] = [];
  for (const { name } of all) {
    for (const text of TEXTS[name] ?? [`/${name}`]) {
      const { data, text: reply } = await answer(text.replace("%", "BTC"), setting);
      const refused = typeof data === "object" && data !== null && "problem" in data;
      if (!refused) questions.push({ name, text });
      else if (TEXTS[name]) throw new Error(`Nothing answers ${text}: ${reply}`);
      else refusing.push(name);
    }
  }
  return { questions, refusing };
}

async function timed(text: string, setting: Setting): Promise<number> {
  const startedMs = performance.now();
  await answer(text, setting);
  return performance.now() - startedMs;
}

/** Commands in turn, so that none finds the processor's caches warmed by itself. */
async function one(
  setting: Setting,
  questions: readonly Question[],
  assets: readonly string[],
): Promise<Record<string, Json>> {
  const times = new Map<string, number[]>();
  for (let round = -WARM_UP; round < ASKS_PER_TEXT; round++) {
    const asset = assets[(round + WARM_UP) % assets.length] ?? "";
    for (const { name, text } of questions) {
      const ms = await timed(text.replace("%", asset), setting);
      if (round >= 0) times.set(name, [...times.get(name) ?? [], ms]);
    }
  }
  const perCommand = [...times].map(([name, ms]) =>
    [name, { p50Ms: rounded(quantile(ms, 0.5)), p99Ms: rounded(quantile(ms, 0.99)) }] as const
  );
  const pooled = [...times.values()].flat();
  return {
    budget: "p99 ≤ 5 ms",
    asks: pooled.length,
    p50Ms: rounded(quantile(pooled, 0.5)),
    p99Ms: rounded(quantile(pooled, 0.99)),
    maxMs: rounded(Math.max(...pooled)),
    commands: Object.fromEntries(perCommand),
  };
}

/** Everybody asks in the same moment; each waits until the own answer is there. */
async function many(
  setting: Setting,
  questions: readonly Question[],
  assets: readonly string[],
): Promise<Record<string, Json>> {
  const times: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    const asked = Array.from({ length: USERS }, (_, user) => {
      const nth = batch * USERS + user;
      const { text = "" } = questions[nth % questions.length] ?? {};
      return timed(text.replace("%", assets[nth % assets.length] ?? ""), setting);
    });
    times.push(...await Promise.all(asked));
  }
  return {
    usersAtOnce: {
      budget: "p99 ≤ 50 ms",
      users: USERS,
      p50Ms: rounded(quantile(times, 0.5)),
      p99Ms: rounded(quantile(times, 0.99)),
      maxMs: rounded(Math.max(...times)),
    },
  };
}
