/** The alerts as commands see them: each person's own rules and settings. */
import type { Source } from "../market/source.ts";
import type { Asker } from "../reply/command.ts";
import type {
  AlertDesk,
  AlertSettings,
  Armable,
  DryRun,
  RuleChange,
  ShownFiring,
  ShownRule,
  Understood,
} from "./alert_desk.ts";
import { amount } from "./deliver/card.ts";
import type { DailyNotes } from "./deliver/daily.ts";
import { isItem } from "./deliver/firing.ts";
import { HISTORY } from "./deliver/herald.ts";
import type { Outbox } from "./deliver/outbox.ts";
import type { QuietHours } from "./deliver/quiet.ts";
import type { People } from "./people.ts";
import { type Armed, startAfresh } from "./run/armed.ts";
import { type Book, MOST_IN_ALL, MOST_RULES, type RuleRecords } from "./run/book.ts";
import type { Engine } from "./run/engine.ts";
import { assetsOf } from "./run/index.ts";
import { thresholdsFor } from "./run/offer.ts";
import { inSlices, tryOut } from "./run/try_out.ts";
import { METRICS } from "./metric/table.ts";
import { nextWords, said } from "./rule/next.ts";
import { readRule } from "./rule/parse.ts";
import { parseQuantity, rounded } from "./rule/quantity.ts";
import { metricOf, ruleText } from "./rule/text.ts";
import type { Rule } from "./rule/rule.ts";
import { type Showing, shown } from "./shown.ts";

export interface OfficeOptions {
  readonly source: Source;
  readonly records: RuleRecords;
  readonly book: Book;
  readonly engine: Engine;
  readonly outbox: Outbox;
  readonly daily: DailyNotes;
  readonly people: People;
  readonly watched: () => readonly string[];
  readonly hasAccount: () => boolean;
  /** Lets others have their turn. */
  readonly turn: () => Promise<void>;
  /** Whether a rule is judged at all; see `EngineOptions`. */
  readonly runs: (rule: Rule) => boolean;
}

const MINUTE_MS = 60_000;

export class Office implements AlertDesk {
  readonly #options: OfficeOptions;

  constructor(options: OfficeOptions) {
    this.#options = options;
  }

  understand(text: string): Understood {
    const read = readRule(text, this.#names());
    if ("problem" in read) return { kind: "problem", problem: read.problem };
    if ("rule" in read) return { kind: "rule", rule: read.rule, text: ruleText(read.rule) };
    const { missing, draft } = read;
    return {
      kind: "unfinished",
      missing,
      text: said(draft),
      next: nextWords(missing, draft, this.#options.watched()),
    };
  }

  async thresholds(text: string): Promise<readonly string[]> {
    const { source, watched, turn } = this.#options;
    const read = readRule(text, this.#names());
    if (!("missing" in read)) return [];
    return await thresholdsFor(read.draft, {
      ...{ source, watched: watched(), turn: inSlices(turn, steadyMs), steadyMs },
    });
  }

  /** All symbols that can be meant. */
  #names(): ReadonlySet<string> {
    const { source, watched } = this.#options;
    return new Set([...watched(), ...source.assets(), ...source.listed()]);
  }

  tryOut(rule: Rule): Promise<DryRun> {
    const { source, watched, turn } = this.#options;
    const assets = assetsOf({ rule }, watched());
    return tryOut(rule, { source, assets, turn: inSlices(turn, steadyMs), steadyMs });
  }

  async arm(asker: Asker, rule: Rule): Promise<Armable> {
    const { book, engine, source, people, outbox, runs } = this.#options;
    const person = people.of(asker);
    if (person === null) return { refused: NO_CHAT };
    if (!runs(rule)) return { refused: `${CRITICAL_ONLY}: ${critical().join(", ")}` };
    if (metricOf(rule).pace === "account") {
      if (!asker.owner) return { refused: "Position rules are for the owner" };
      if (!this.#options.hasAccount()) return { refused: NO_ACCOUNT };
    }
    const text = ruleText(rule);
    const same = book.of(person).find((armed) => ruleText(armed.rule) === text);
    const armed = same ?? await book.add(person, rule, source.nowMs());
    if (!armed) return { refused: book.of(person).length < MOST_RULES ? ALL_FULL : YOURS_FULL };
    engine.replan();
    await outbox.reopen(person);
    return { rule: this.#shown(armed) };
  }

  async change(asker: Asker, id: string, change: RuleChange): Promise<Armable | null> {
    const { book, engine, source } = this.#options;
    const armed = this.#own(asker, id);
    if (!armed) return null;
    if (change.kind === "mute") armed.mutedUntilMs = source.nowMs() + change.minutes * MINUTE_MS;
    else {
      const threshold = change.kind === "rearm" ? armed.rule.threshold : moved(armed.rule, change);
      if (threshold === null) return { refused: "That is no threshold for this rule" };
      startAfresh(armed, { ...armed.rule, threshold });
      book.version++;
    }
    await book.save(armed);
    engine.replan();
    return { rule: this.#shown(armed) };
  }

  async remove(asker: Asker, id: string): Promise<ShownRule | null> {
    const armed = this.#own(asker, id);
    if (!armed) return null;
    const last = this.#shown(armed);
    await this.#options.book.remove(armed);
    this.#options.engine.replan();
    return last;
  }

  find(asker: Asker, id: string): ShownRule | null {
    const armed = this.#own(asker, id);
    return armed ? this.#shown(armed) : null;
  }

  rules(asker: Asker): readonly ShownRule[] {
    const person = this.#options.people.of(asker);
    const rules = person === null ? [] : this.#options.book.of(person);
    const rows = rules.map((armed) => this.#shown(armed));
    const rank = ({ state, distance }: ShownRule) =>
      state === "armed" ? distance ?? 1 : state === "fired" ? 10 : 20;
    return rows.sort((a, b) => rank(a) - rank(b) || a.createdMs - b.createdMs);
  }

  async muteAll(asker: Asker, minutes: number): Promise<number> {
    const { book, people, source } = this.#options;
    const person = people.of(asker);
    const rules = person === null ? [] : book.of(person);
    for (const armed of rules) {
      armed.mutedUntilMs = source.nowMs() + minutes * MINUTE_MS;
      armed.dirty = true;
    }
    await book.flush();
    return rules.length;
  }

  async history(asker: Asker, count: number): Promise<readonly ShownFiring[]> {
    const person = this.#options.people.of(asker);
    const rows: ShownFiring[] = [];
    if (person === null) return rows;
    const records = this.#options.records.list([HISTORY, person], { reverse: true });
    for await (const { value } of records) {
      if (isItem(value) && value.kind === "firing") rows.push({ ...value, amount: amount(value) });
      if (rows.length >= count) break;
    }
    return rows;
  }

  async settings(asker: Asker): Promise<AlertSettings> {
    const { people, outbox, daily } = this.#options;
    const person = people.of(asker);
    if (person === null) return { quiet: null, dailyMinute: null, shut: NO_CHAT, waiting: 0 };
    return {
      quiet: (await people.settings(person)).quiet,
      dailyMinute: daily.minuteOf(person),
      shut: outbox.shutReason(person),
      waiting: outbox.waitingFor(person),
    };
  }

  async setQuiet(asker: Asker, hours: QuietHours | null): Promise<boolean> {
    const person = this.#options.people.of(asker);
    if (person !== null) await this.#options.people.setQuiet(person, hours);
    return person !== null;
  }

  async setDaily(asker: Asker, minute: number | null): Promise<void> {
    const { daily, people, source } = this.#options;
    const person = people.of(asker);
    if (person !== null) await daily.set(person, minute, source.nowMs());
  }

  #own(asker: Asker, id: string): Armed | undefined {
    const person = this.#options.people.of(asker);
    return person === null ? undefined : this.#options.book.find(person, id);
  }

  #shown(armed: Armed): ShownRule {
    const { source, engine, watched, runs } = this.#options;
    const showing: Showing = { source, engine, watched: watched(), runs };
    return shown(armed, showing);
  }
}

const CRITICAL_ONLY = "With this PROFILE only critical alerts run";
const NO_CHAT = "Alerts go out on Telegram: set TELEGRAM_BOT_TOKEN and TELEGRAM_ALLOWED_USERS";
const YOURS_FULL = `${MOST_RULES} rules are the most; delete some: /alerts`;
const ALL_FULL =
  `All people together have ${MOST_IN_ALL} rules, the most there can be: it is full ` +
  "until somebody deletes one";
const NO_ACCOUNT = "No account is configured: position rules need BINANCE_API_KEY or BYBIT_API_KEY";

/** Names of the metrics that critical alerts are about. */
function critical(): string[] {
  return METRICS.filter((metric) => metric.critical).map(({ name }) => name);
}

function steadyMs(): number {
  return performance.now();
}

/** The rule's threshold after a change; `null` where that is none. */
function moved(rule: Rule, change: Extract<RuleChange, { kind: "threshold" | "harder" }>) {
  const metric = metricOf(rule);
  if (metric.words || rule.comparison === "flips") return null;
  if (change.kind === "threshold") {
    const value = parseQuantity(change.typed, metric.unit);
    return value === null || (metric.unit === "price" && value <= 0) ? null : value;
  }
  const up = (rule.comparison === "<") === (rule.threshold < 0);
  return rounded(rule.threshold * (up ? 1.25 : 0.75));
}
