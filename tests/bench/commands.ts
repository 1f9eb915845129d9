/**
 * From text to reply, every command, over a day of 20 symbols on four venues: one user at a
 * time, and 20 at once.
 */
import { commands as all } from "../../commands/mod.ts";
import type { Json } from "../../lib/reply/command.ts";
import { answer, type Setting } from "../../lib/reply/answer.ts";
import { Store } from "../../lib/store/mod.ts";
import { SMALL_DISK } from "../store/small_disk.ts";
import { TapeDesk } from "../../lib/tape/desk.ts";
import { ASKER } from "../commands/setting.ts";
import { type Measurement, quantile, rounded } from "./measurement.ts";
import { scriptCpuMs } from "./proc.ts";
import { fillStore, openStoredTape, pastWorld } from "./stored_day.ts";

/** Two days: the momentum of hours looks back so far. */
const STORED_MINUTES = 2_940;
/** Minutes are there before their time: the last closed ones are whole until the end. */
const AHEAD_MS = 240_000;
const USERS = 20;
const BATCHES = 60;
/** A p99 of fewer is their maximum. */
const ASKS_PER_TEXT = 200;
const ASKS_PER_CHART = 20;
/** From one question to the next another symbol, prime to their number. */
const STRIDE = 7;

/**
 * What is asked of a command, `%` being one symbol after the other; a command that is not
 * listed is asked by its name alone. Charts are counted apart: drawing one takes its time.
 */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  price: ["/price %", "% chart"],
  analysis: ["/analysis %"],
  cvd: ["/cvd % 5m", "/cvd % 1h", "/cvd % 15m chart"],
  flow: ["/flow %"],
  volume: ["/volume %"],
  momentum: ["/momentum %"],
  volscan: ["/volscan", "/volscan 15m", "/volscan 1m", "/volscan 5m"],
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
      using store = await Store.open({
        path,
        retentionHours: 72,
        nowMs: Date.now,
        disk: SMALL_DISK,
      });
      const world = pastWorld(STORED_MINUTES, nowMs + AHEAD_MS);
      await fillStore(store, world, nowMs);
      say("commands: two days are stored");
      const startedMs = performance.now();
      const tape = await openStoredTape(store, world, nowMs);
      const reseedMs = rounded(performance.now() - startedMs);
      const [version, residentBytes] = ["bench", () => Deno.memoryUsage().rss];
      const desk = new TapeDesk({ tape, store, version, startedMs: nowMs, residentBytes });
      const { source } = tape;
      const setting = { source, commands: all, desk, asker: ASKER, about: null };
      const assets = source.assets();
      const { questions, refusing } = await questionsOf(setting);
      const texts = questions.filter(({ chart }) => !chart);
      const first = await firstOnes(setting, texts, assets);
      say("commands: every symbol is in memory");
      return {
        reseedMs,
        notMeasured: refusing,
        budget: "p99 ≤ 5 ms",
        ...await one(setting, texts, assets, ASKS_PER_TEXT),
        firstQuestions: first,
        charts: await one(setting, questions.filter(({ chart }) => chart), assets, ASKS_PER_CHART),
        usersAtOnce: { budget: "p99 ≤ 50 ms", ...await many(setting, texts, assets) },
        usersAtOnceWithCharts: await many(setting, questions, assets),
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
  readonly chart: boolean;
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
      if (!refused) questions.push({ name, text, chart: text.endsWith(" chart") });
      else if (TEXTS[name]) throw new Error(`Nothing answers ${text}: ${reply}`);
      else refusing.push(name);
    }
  }
  return { questions, refusing };
}

/** How long somebody waited, and how long the processor worked for it. */
interface Took {
  readonly ms: number;
  readonly cpuMs: number;
}

async function timed(text: string, setting: Setting): Promise<Took> {
  const beganCpuMs = scriptCpuMs();
  const startedMs = performance.now();
  await answer(text, setting);
  const ms = performance.now() - startedMs;
  return { ms, cpuMs: scriptCpuMs() - beganCpuMs };
}

/**
 * Commands in turn, each about another symbol than the one before, and a symbol again after
 * more questions than any cache of the past holds.
 */
async function one(
  setting: Setting,
  questions: readonly Question[],
  assets: readonly string[],
  rounds: number,
): Promise<Record<string, Json>> {
  const times = new Map<string, Took[]>();
  let nth = 0;
  for (let round = 0; round < rounds; round++) {
    for (const { name, text } of questions) {
      const asset = assets[nth++ * STRIDE % assets.length] ?? "";
      const took = await timed(text.replace("%", asset), setting);
      times.set(name, [...times.get(name) ?? [], took]);
    }
  }
  const perCommand = [...times].map(([name, took]) => [name, both(took)] as const);
  return { ...both([...times.values()].flat()), commands: Object.fromEntries(perCommand) };
}

/**
 * Asks everything about every symbol, as the background would have it worked out; measured
 * are the first two questions about each: price, and the one that reads most.
 */
async function firstOnes(
  setting: Setting,
  questions: readonly Question[],
  assets: readonly string[],
): Promise<Record<string, Json>> {
  const first: number[] = [];
  for (const [nth, asset] of assets.entries()) {
    for (const [i, { text }] of questions.entries()) {
      const { ms } = await timed(text.replace("%", asset), setting);
      // The first symbol was asked about when the questions were chosen.
      if (nth > 0 && i < 2) first.push(ms);
    }
  }
  return quantiles(first);
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
      return timed(text.replace("%", assets[nth * STRIDE % assets.length] ?? ""), setting);
    });
    times.push(...(await Promise.all(asked)).map(({ ms }) => ms));
  }
  return { users: USERS, ...quantiles(times) };
}

function quantiles(ms: readonly number[]) {
  return {
    asks: ms.length,
    p50Ms: rounded(quantile(ms, 0.5)),
    p99Ms: rounded(quantile(ms, 0.99)),
    maxMs: rounded(Math.max(...ms)),
  };
}

/** The processor's part apart: a machine that others use makes everybody wait. */
function both(took: readonly Took[]) {
  const cpu = took.map(({ cpuMs }) => cpuMs);
  return {
    ...quantiles(took.map(({ ms }) => ms)),
    cpuP50Ms: rounded(quantile(cpu, 0.5)),
    cpuP99Ms: rounded(quantile(cpu, 0.99)),
  };
}
