/**
 * Finds which pages of Deno the service uses, and writes `used_pages.txt`: after a new Deno, or
 * where a look says that the service has come to use other ones.
 *
 *     deno run -A .ci/lean/measure.ts [MINUTES]
 *
 * Each page is a piece of its own here, so that the kernel maps no other beside it, and now and
 * then the service lets go of all of them; the kernel tells which ones were mapped. Venues,
 * Telegram and the user are simulated.
 */
import { pause } from "../../tests/bench/measurement.ts";
import { LiveExchange, LiveService } from "../../tests/bench/live.ts";
import { startBotApi } from "../../tests/sim/bot_api.ts";
import type { BotUser } from "../../tests/sim/bot/user.ts";
import { bundle, fixedFlags, pack, sha256 } from "../compile.ts";
import { PAGE } from "./elf.ts";
import { type PageRuns, write } from "./used_pages.ts";

const SYMBOLS = 20;
const RATE = 150;
const HISTORY_MINUTES = 72 * 60;
const [TOKEN, OWNER] = ["123456:MEASURED-token", 1];
const MINUTES = Number(Deno.args[0] ?? 5);
const ROUNDS = 5;
/** What comes and goes between two looks is seen by another one. */
const LOOK_MS = 500;
/** The service has let go of what it used before. */
const SETTLE_MS = 90_000;
const QUESTIONS = [
  ...["/price BTC", "/cvd ETH 15m", "/momentum SOL", "/analysis BTC", "/flow ETH", "/volume SOL"],
  ...["/volscan", "/oi BTC", "/funding", "/liquidations ETH", "/top10 perps", "/brief", "/status"],
  ...["/cvd BTC 15m chart", "/liquidations BTC chart", "/why cvd", "/help", "/alerts"],
];

/** Adds the numbers of the pages that are mapped, of what is not written to. */
function addMapped(pid: number, mapped: Set<number>): void {
  using file = Deno.openSync(`/proc/${pid}/pagemap`);
  let base: number | null = null;
  for (const line of Deno.readTextFileSync(`/proc/${pid}/maps`).split("\n")) {
    // "7f0c5a2b1000-7f0c5a2b5000 r-xp 00003000 fe:00 1234    /home/me/.cache/tapewatch-1000/deno-…"
    const [range = "", mode = "", , , , path = ""] = line.split(/ +/);
    if (!path.includes("/deno-")) continue;
    const [from = 0, to = 0] = range.split("-").map((address) => parseInt(address, 16) / PAGE);
    base ??= from;
    if (mode.includes("w")) continue;
    const entries = new BigUint64Array(to - from);
    file.seekSync(from * 8, Deno.SeekMode.Start);
    file.readSync(new Uint8Array(entries.buffer));
    // The highest bit: the page is there.
    for (const [i, entry] of entries.entries()) {
      if (entry >> 63n === 1n) mapped.add(from - base + i);
    }
  }
}

/** Looks again and again while something is done; what it saw goes to the pages. */
async function during(pid: number, pages: Set<number>, work: Promise<unknown>): Promise<void> {
  let done = false;
  const ended = work.finally(() => done = true);
  while (!done) {
    addMapped(pid, pages);
    await Promise.race([ended, pause(LOOK_MS)]);
  }
  addMapped(pid, pages);
  await ended;
}

function runsOf(pages: ReadonlySet<number>): PageRuns {
  const runs: [number, number][] = [];
  for (const page of [...pages].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && page === last[0] + last[1]) last[1]++;
    else runs.push([page, 1]);
  }
  return runs;
}

async function fill(service: LiveService): Promise<void> {
  await service.until("/readyz");
  await service.untilFilled();
}

/** Over HTTP and on Telegram. */
async function askAll(service: LiveService, user: BotUser): Promise<void> {
  for (let i = 0; i < ROUNDS * QUESTIONS.length; i++) {
    const question = QUESTIONS[i % QUESTIONS.length] ?? "";
    await service.ask(question);
    await user.ask(question);
  }
}

async function main(): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    const [program, out] = [`${folder}/tapewatch.js`, `${folder}/tapewatch`];
    await bundle(program);
    pack({ program, flags: fixedFlags([]), out }, "measured", 1);
    const market = { symbols: SYMBOLS, rate: RATE, history: HISTORY_MINUTES };
    await using exchange = await LiveExchange.open(market);
    await using telegram = await startBotApi({ token: TOKEN });
    await using service = new LiveService({
      env: {
        ...{ ...exchange.env, SYMBOLS: `top:${SYMBOLS}`, XDG_CACHE_HOME: folder },
        ...{ TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_ALLOWED_USERS: String(OWNER) },
        TELEGRAM_API_ROOT: telegram.root,
      },
      variant: { program: out, args: ["serve"] },
    });
    const [first, later] = [new Set<number>(), new Set<number>()];
    await during(service.pid, first, fill(service));
    await pause(SETTLE_MS);
    await during(service.pid, later, pause(MINUTES * 60_000));
    await during(service.pid, later, askAll(service, telegram.user(OWNER)));
    const start = first.difference(later);
    const runtime = sha256(Deno.readFileSync(Deno.execPath()));
    write({ runtime, start: runsOf(start), later: runsOf(later) });
    const said = `${start.size} pages at the start only, ${later.size} later\n`;
    Deno.stdout.writeSync(new TextEncoder().encode(said));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

if (import.meta.main) await main();
