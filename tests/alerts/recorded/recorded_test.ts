/** On recorded data: live evaluation, the dry run, and a plain recomputation from the raw rows. */
import { deepEqual, ok } from "../../assert.ts";
import { binancePerp } from "../../../collectors/binance_perp.ts";
import { binanceSpot } from "../../../collectors/binance_spot.ts";
import { Book } from "../../../lib/alerts/run/book.ts";
import { Engine } from "../../../lib/alerts/run/engine.ts";
import type { Fired } from "../../../lib/alerts/run/fired.ts";
import { firingsIn, readStored } from "../../../lib/alerts/run/replay.ts";
import { createLog } from "../../../lib/log.ts";
import { type Bucket, MINUTE_MS } from "../../../lib/market/bucket.ts";
import type { SeriesInfo } from "../../../lib/market/source.ts";
import { testWithData } from "../../shared_data.ts";
import { FakeRecords } from "../fake_records.ts";
import { MovingSource } from "../moving_source.ts";
import { firingsOf } from "../plain_rule.ts";
import { ruleOf } from "../ruling.ts";
import { PlainTape } from "./plain_tape.ts";
import {
  busyMarket,
  largeTrades,
  liquidationFrames,
  liquidations,
  minutesOf,
  quietMarket,
  type RawTrade,
  tradeFrames,
} from "./tape.ts";

/** Turns of the engine are this far apart on its clock. */
const STEP_MS = 10_000;

interface Run {
  readonly rules: readonly string[];
  readonly venue: string;
  readonly buckets: readonly Bucket[];
  readonly prints?: readonly RawTrade[];
  readonly beginMs: number;
  readonly endMs: number;
}

/** The newest print as the live tape knows it, however long ago it was. */
class RecordedSource extends MovingSource {
  newestMs: number | null = null;

  override latest(info: SeriesInfo) {
    return { ...super.latest(info), tradeMs: this.newestMs };
  }
}

/** What fires on the engine while the recording passes, by rule. */
async function live(run: Run): Promise<ReadonlyMap<string, number[]>> {
  const { rules, venue, buckets, prints = [], beginMs, endMs } = run;
  const source = new RecordedSource([{ venue, base: "BTC", buckets }], beginMs + 500);
  const book = new Book(new FakeRecords(), "test");
  await book.load();
  const fired: Fired[] = [];
  const engine = new Engine({
    ...{ source, book, watched: () => ["BTC"], account: () => null, blind: () => {} },
    fired: (bunch) => fired.push(...bunch),
    log: createLog({ level: "error" }),
  });
  const ids = new Map<string, string>();
  for (const text of rules) {
    const armed = await book.add("tg:1", ruleOf(text), source.now);
    ids.set(armed?.id ?? "", text);
  }
  let next = prints.findIndex(({ timeMs }) => timeMs >= beginMs);
  // What the last minute makes certain is told after its end.
  for (; source.now < endMs + 30_000; source.now += STEP_MS) {
    await engine.tick();
    for (let print = prints[next]; print && print.timeMs < source.now + STEP_MS;) {
      engine.prices.onTrade("BTC", venue, print.price, print.timeMs);
      source.newestMs = print.timeMs;
      print = prints[++next];
    }
  }
  const found = new Map<string, number[]>(rules.map((text) => [text, []]));
  for (const { armed, atMs } of fired) {
    if (atMs <= endMs) found.get(ids.get(armed.id) ?? "")?.push(atMs);
  }
  return found;
}

/** What would have fired on the same minutes, stored; of prices only the minute is known. */
async function stored(text: string, { venue, buckets, beginMs, endMs }: Run): Promise<number[]> {
  const rule = ruleOf(text);
  const source = new MovingSource([{ venue, base: "BTC", buckets }], endMs + 10_000);
  const width = /rsi|rvol|volume-z|delta/.test(text) ? (rule.windowMinutes ?? 1) * MINUTE_MS : 1;
  const firstMs = Math.floor(beginMs / Math.max(width, MINUTE_MS)) * Math.max(width, MINUTE_MS);
  const span = { fromMs: firstMs - MINUTE_MS, toMs: endMs };
  const read = await readStored(source, "BTC", rule, span, () => Promise.resolve());
  const fired = await firingsIn(rule, [read], () => Promise.resolve());
  return fired.map(({ timeMs }) => timeMs);
}

function ruled(...texts: readonly string[]): string[] {
  return texts.map((text) => `btc ${text} cooldown 5m cap 1000`);
}

/** Every rule fires at the same minutes live, stored and told plainly, and several times. */
async function compare(run: Run, tape: PlainTape, least: number): Promise<void> {
  const found = await live(run);
  const minutes = (run.endMs - run.beginMs) / MINUTE_MS;
  for (const text of run.rules) {
    const rule = ruleOf(text);
    const wanted = firingsOf(rule, tape.reader(rule), run.beginMs, minutes);
    deepEqual(found.get(text), wanted, `${text}: live`);
    deepEqual(await stored(text, run), wanted, `${text}: stored`);
    ok(wanted.length >= least, `${text} fires ${wanted.length} times`);
  }
}

testWithData(
  "rules on sixty hours of a recorded market fire exactly where plain sums do",
  async () => {
    const trades = quietMarket();
    const tape = new PlainTape(trades);
    const buckets = minutesOf(binanceSpot, "XRPETH", tradeFrames("XRPETH", trades));
    const rules = ruled(
      ...["change 5m > 0.2%", "change 15m < -0.3%", "change 60m crosses 0.2% back 0"],
      ...["move 5m > 0.3%", "move 30m > 0.5% back 5%", "rsi 1m > 60", "rsi 5m < 35"],
      ...["rsi 15m crosses 50 back 0", "rsi 60m > 70 back 2%", "volume 5m > 20", "volume 1m > 12"],
      ...["volume 60m crosses 150 back 0", "rvol 5m > 3", "rvol 15m > 2", "rvol 60m > 1.2"],
      ...[
        "volume-z 5m > 1.5",
        "volume-z 15m > 1",
        "delta 5m > 8",
        "delta 15m < -15",
        "delta 1m flips",
      ],
      ...["cvd 15m > 15", "cvd 60m flips", "cvd 5m < -8 back 50%", "divergence 30m"],
      ...["divergence 60m is bearish", "divergence 15m is bullish"],
    );
    const beginMs = tape.firstMs + 30 * MINUTE_MS;
    const run = { rules, venue: "binance-spot", buckets, prints: trades, beginMs };
    await compare({ ...run, endMs: tape.lastMs - MINUTE_MS }, tape, 3);
  },
);

testWithData(
  "sums of a recorded hour of forced orders fire exactly where plain sums do",
  async () => {
    const rows = liquidations();
    const tape = new PlainTape([], rows);
    const buckets = minutesOf(binancePerp, "BTCUSDT", liquidationFrames("BTCUSDT", rows));
    const rules = ruled(
      ...["liq 1m > 12k", "liq 5m > 45k", "liq 15m crosses 140k back 0", "liq-long 1m > 5k"],
      ...["liq-long 5m > 20k back 0", "liq-short 1m > 9k", "liq-short 5m > 33k"],
    );
    const beginMs = tape.firstMs + 5 * MINUTE_MS;
    const endMs = tape.lastMs - MINUTE_MS;
    await compare({ rules, venue: "binance-perp", buckets, beginMs, endMs }, tape, 2);
  },
);

/** The prints at which a price rule fires, told from the first one on. */
function plainPrices(text: string, prints: readonly RawTrade[]): number[] {
  const { comparison, threshold, backPart, cooldownMinutes } = ruleOf(text);
  const fired: number[] = [];
  let [ready, side, cooledMs]: [boolean | null, number, number] = [null, 0, -Infinity];
  for (const { price, timeMs } of prints) {
    const now = Math.sign(price - threshold);
    const so = comparison === ">" ? now > 0 : comparison === "<" ? now < 0 : now * side < 0;
    const away = threshold * backPart;
    if (ready === null) ready = comparison === "crosses" || !so;
    else if (ready && so && timeMs < cooledMs) continue;
    else if (ready && so) {
      fired.push(timeMs);
      cooledMs = timeMs + cooldownMinutes * MINUTE_MS;
      ready = comparison === "crosses" && backPart === 0;
    } else if (!ready) {
      ready = comparison === ">"
        ? price <= threshold - away
        : comparison === "<"
        ? price >= threshold + away
        : Math.abs(price - threshold) >= away;
    }
    side = now || side;
  }
  return fired;
}

for (
  const [name, load, levels] of [
    ["sixty quiet hours", quietMarket, [0.00138, 0.00141, 0.00144, 0.00147]],
    ["six busy minutes", busyMarket, [61_640, 61_660, 61_680, 61_700, 61_720]],
  ] as const
) {
  testWithData(`price rules on ${name} fire at exactly the recorded prints`, async () => {
    const prints = load();
    const prices = prints.map(({ price }) => price).toSorted((a, b) => a - b);
    // Levels within what was traded, whatever the recording holds.
    const at = levels.map((_, i) =>
      prices[Math.floor((i + 1) * prices.length / (levels.length + 1))]
    );
    const rules = at.flatMap((level) =>
      ["> $ back 0", "< $ back 0.02%", "crosses $ back 0", "crosses $ back 0.01%"].map((text) =>
        `btc price ${text.replace("$", String(level))} cooldown 0 cap 1000`
      )
    );
    const frames = tradeFrames("BTCUSDT", prints);
    const buckets = minutesOf(binancePerp, "BTCUSDT", frames);
    const beginMs = prints[0]?.timeMs ?? 0;
    const endMs = prints.at(-1)?.timeMs ?? 0;
    const found = await live({ rules, venue: "binance-perp", buckets, prints, beginMs, endMs });
    let total = 0;
    for (const text of rules) {
      const wanted = plainPrices(text, prints);
      // A day counts a thousand firings of a rule at most.
      deepEqual(found.get(text), wanted.slice(0, 1000), text);
      total += wanted.length;
    }
    ok(total > 3 * rules.length, `${total} firings compared`);
  });
}

testWithData("large trades of ten recorded days fire exactly where their minutes say", async () => {
  const trades = largeTrades("BTCUSDT");
  const buckets = minutesOf(binancePerp, "BTCUSDT", tradeFrames("BTCUSDT", trades));
  const parts = {
    large: (row: Bucket) => (row.largeBuyQuote ?? 0) + (row.largeSellQuote ?? 0),
    "large-buy": (row: Bucket) => row.largeBuyQuote ?? 0,
    "large-sell": (row: Bucket) => row.largeSellQuote ?? 0,
  };
  const busiest = Math.max(...buckets.map(parts.large));
  const level = Number((busiest / 12).toPrecision(2));
  const rules = ruled(
    `large 5m > ${level}`,
    `large-buy 1m > ${level / 4}`,
    `large-sell 15m > ${level / 8}`,
  );
  const [beginMs, endMs] = [buckets[20]?.t ?? 0, buckets.at(-2)?.t ?? 0];
  const found = await live({ rules, venue: "binance-perp", buckets, beginMs, endMs });
  for (const [i, text] of rules.entries()) {
    const rule = ruleOf(text);
    const part = Object.values(parts)[i] ?? parts.large;
    const firstMs = buckets[0]?.t ?? 0;
    const read = (endMs: number) => {
      const end = (endMs - firstMs) / MINUTE_MS;
      return buckets.slice(end - (rule.windowMinutes ?? 1), end).reduce(
        (sum, row) => sum + part(row),
        0,
      );
    };
    const reader = Object.assign(read, { known: () => -Infinity });
    const wanted = firingsOf(rule, reader, beginMs, (endMs - beginMs) / MINUTE_MS);
    deepEqual(found.get(text), wanted, text);
    ok(wanted.length >= 2, `${text} fires ${wanted.length} times`);
  }
});
