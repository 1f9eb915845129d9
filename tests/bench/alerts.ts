/**
 * How soon an alert is told: the service, the exchange and this process, which listens to
 * the same exchange and is the service's Telegram. From the frame in the socket that makes
 * a rule true to the call of the Bot API; and what a thousand armed rules cost.
 */
import { startBotApi } from "../sim/bot_api.ts";
import type { Sent } from "../sim/bot/chats.ts";
import { type Observed, Observer } from "./alerts_observer.ts";
import { Child } from "./child.ts";
import { LiveExchange, LiveService } from "./live.ts";
import { type Measurement, pause, quantile, rounded } from "./measurement.ts";

const TOKEN = "123:BENCH";
const ASSETS = ["BTC", "ETH", "SOL", "DOGE", "XRP", "BNB"];
const MINUTE_MS = 60_000;
/** About so many firings of each kind, and the longest that they are waited for. */
const WANTED = 200;
const LONGEST_MS = 10 * MINUTE_MS;
/** What comes within this of a chat's last message waits to be told with the next. */
const GROUPED_MS = 5_200;
/** See the engine's reader: a market that is quiet for so long after a minute has heard all of it. */
const QUIET_MS = 1_000;
const BEFORE_MS = 100;
/** A firing that nothing explains within this is not what we think. */
const EXPLAINED_MS = 10_000;

type Kind = "price" | "growing" | "closed";

/** A person with one rule, so that no firing waits for another one's message. */
interface Person {
  readonly id: number;
  readonly kind: Kind;
  readonly asset: string;
  readonly level: number;
  readonly text: string;
}

export const alerts: Measurement = {
  name: "alerts",
  onDemand: true,
  async run(_options, say) {
    const cost = await costOf();
    say(`1000 rules: ${JSON.stringify(cost)}`);
    await using exchange = await LiveExchange.open({ symbols: 8, rate: 150 });
    await using api = await startBotApi({ token: TOKEN, limits: true });
    using observer = await Observer.open(exchange, ASSETS);
    await untilMinuteEnds(MINUTE_MS + 500);
    const people = peopleFor(observer.prints);
    for (const { id } of people) api.user(id);
    await using service = new LiveService({
      env: {
        ...exchange.env,
        ...{ TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_ROOT: api.root, SYMBOLS: "top:8" },
        TELEGRAM_ALLOWED_USERS: people.map(({ id }) => String(id)).join(),
      },
    });
    await service.until("/readyz");
    for (const { id, text } of people) await api.user(id).ask(text, 60_000);
    // The minute of the arming is not measured.
    await untilMinuteEnds(500);
    const startMs = Date.now();
    // Nothing is computed meanwhile: this process is also what is measured with.
    const told = () => api.sent.filter(({ atMs }) => atMs > startMs).length;
    while (told() < 3 * WANTED && Date.now() - startMs < LONGEST_MS) {
      await pause(30_000);
      say(`${told()} messages`);
    }
    const found = latencies(people, api.sent, observer.prints, startMs);
    return { ...summary(found), cost };
  },
};

/** All of one minute go out in one second: no more than Telegram takes. */
const CLOSED = ["cvd 1m flips", "delta 1m flips", "change 1m flips", "imbalance 1m flips"];

function peopleFor(prints: readonly Observed[]): Person[] {
  const now = Date.now();
  const people: Person[] = [];
  const add = (kind: Kind, asset: string, level: number, rule: string) => {
    const text = `/alert ${asset} ${rule} cooldown 0m cap 1000`;
    people.push({ id: 1000 + people.length, kind, asset, level, text });
  };
  for (const asset of ASSETS) {
    const price = prints.findLast((one) => one.asset === asset && one.venue === LEADING)?.price ??
      0;
    const lastMinute = volumeOf(prints, asset, Math.floor(now / MINUTE_MS) - 1);
    for (let nth = 0; nth < 16; nth++) {
      const level = Number((price * (1 + (nth - 7.5) * 0.0008)).toPrecision(6));
      add("price", asset, level, `price crosses ${level} back 0.01%`);
    }
    for (let nth = 0; nth < 20; nth++) {
      const volume = Math.round(lastMinute * (0.6 + nth * 0.05));
      add("growing", asset, volume, `volume 1m > ${volume} back 0%`);
      const closed = CLOSED[nth];
      if (closed !== undefined) add("closed", asset, 0, closed);
    }
  }
  return people;
}

/** The first perpetual in venue order stands for the price. */
const LEADING = "binance-perp";

function volumeOf(prints: readonly Observed[], asset: string, minute: number): number {
  return prints.filter((one) => one.asset === asset && minuteOf(one.timeMs) === minute)
    .reduce((sum, { quote }) => sum + quote, 0);
}

function minuteOf(timeMs: number): number {
  return Math.floor(timeMs / MINUTE_MS);
}

type Found =
  & {
    readonly [kind in Kind]: number[];
  }
  & {
    /** Closed minutes again: from their end on the exchange's clock. */
    readonly afterEnd: number[];
    /** Firings of which this process has not heard the cause. */
    readonly unexplained: { [kind in Kind]: number };
  };

/** The time from the frame that made each firing true to its call. */
function latencies(
  people: readonly Person[],
  sent: readonly Sent[],
  prints: readonly Observed[],
  startMs: number,
): Found {
  const found: Found = {
    price: [],
    growing: [],
    closed: [],
    afterEnd: [],
    unexplained: { price: 0, growing: 0, closed: 0 },
  };
  const proofs = proofsOf(prints);
  for (const person of people) {
    const causes = causesOf(person, prints, proofs);
    let beforeMs = -Infinity;
    for (const { text, atMs } of sent.filter((one) => one.chatId === person.id)) {
      if (!/a\d+#\d+/.test(text)) continue;
      const isList = /^\d+ alerts/.test(text);
      // This process hears the exchange and is the Bot API: it may read a call before a frame.
      const cause = causes.findLast((causeMs) => causeMs <= atMs + BEFORE_MS);
      const alone = !isList && cause !== undefined && cause > startMs &&
        cause - beforeMs > GROUPED_MS;
      beforeMs = atMs;
      if (cause === undefined || atMs - cause > EXPLAINED_MS) {
        if (atMs > startMs && !isList) found.unexplained[person.kind]++;
        continue;
      }
      if (!alone) continue;
      found[person.kind].push(Math.max(0, atMs - cause));
      if (person.kind === "closed") found.afterEnd.push(atMs - minuteOf(atMs) * MINUTE_MS);
    }
  }
  return found;
}

/** When the frames came that may have made a person's rule true, in order. */
function causesOf(
  { kind, asset, level, text }: Person,
  prints: readonly Observed[],
  proofs: ReadonlyMap<string, readonly number[]>,
): readonly number[] {
  const own = prints.filter((one) => one.asset === asset);
  if (kind === "closed") {
    return proofs.get(text.includes(" change ") ? `${asset} ${LEADING}` : asset) ?? [];
  }
  const causes: number[] = [];
  const sums = new Map<number, number>();
  let side = 0;
  for (const { venue, price, quote, timeMs, arrivedMs } of own) {
    if (kind === "price") {
      if (venue !== LEADING) continue;
      const now = Math.sign(price - level);
      if (side !== 0 && now !== 0 && now !== side) causes.push(arrivedMs);
      side = now || side;
    } else {
      const before = sums.get(minuteOf(timeMs)) ?? 0;
      sums.set(minuteOf(timeMs), before + quote);
      if (before <= level && before + quote > level) causes.push(arrivedMs);
    }
  }
  return causes;
}

/**
 * By asset, and by market: when the end of each minute was proven. A print of every market proves it; where
 * a market is quiet a second without one does.
 */
function proofsOf(prints: readonly Observed[]): ReadonlyMap<string, readonly number[]> {
  const first = new Map<string, number>();
  for (const { venue, asset, timeMs, arrivedMs } of prints) {
    const key = `${asset} ${minuteOf(timeMs)} ${venue}`;
    if (!first.has(key)) first.set(key, arrivedMs);
  }
  const last = new Map<string, number>();
  for (const [key, arrivedMs] of first) {
    const [asset, minute, venue] = key.split(" ");
    const provenMs = Math.min(arrivedMs, Number(minute) * MINUTE_MS + QUIET_MS);
    for (const name of [`${minute} ${asset}`, `${minute} ${asset} ${venue}`]) {
      last.set(name, Math.max(last.get(name) ?? 0, provenMs));
    }
  }
  const proofs = new Map<string, number[]>();
  for (const [name, provenMs] of last) {
    const who = name.slice(name.indexOf(" ") + 1);
    proofs.set(who, [...proofs.get(who) ?? [], provenMs].sort((a, b) => a - b));
  }
  return proofs;
}

function summary({ unexplained, ...kinds }: Found) {
  const rows = Object.entries(kinds).map(([kind, ms]) => [kind, {
    firings: ms.length,
    p50Ms: rounded(quantile(ms, 0.5)),
    p90Ms: rounded(quantile(ms, 0.9)),
    p99Ms: rounded(quantile(ms, 0.99)),
    mostMs: rounded(Math.max(...ms)),
  }]);
  return { ...Object.fromEntries(rows), unexplained };
}

async function costOf() {
  const args = ["run", "-A", "--v8-flags=--expose-gc", "tests/bench/alerts_cost.ts"];
  await using child = new Child({ args });
  const { corePart, megabytes, fired } = await child.firstLine();
  return { corePart: Number(corePart), megabytes: Number(megabytes), fired: Number(fired) };
}

/** Waits for the end of a minute and a little more. */
async function untilMinuteEnds(moreMs: number): Promise<void> {
  const endMs = (minuteOf(Date.now()) + 1) * MINUTE_MS;
  await pause(
    endMs + (moreMs % MINUTE_MS) - Date.now() + Math.floor(moreMs / MINUTE_MS) * MINUTE_MS,
  );
}
