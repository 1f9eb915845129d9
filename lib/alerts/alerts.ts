/** The alerts put together: rules, evaluation, outbox, and what comes after a firing. */
import type { Source } from "../market/source.ts";
import type { Log } from "../log.ts";
import type { Asker, Reply } from "../reply/command.ts";
import { escape } from "../reply/html.ts";
import type { AccountView } from "./account.ts";
import type { AlertDesk } from "./alert_desk.ts";
import { priceAt } from "./asset_price.ts";
import { AlarmNotes } from "./deliver/alarm_notes.ts";
import { Courier, type Post } from "./deliver/courier.ts";
import { DailyNotes } from "./deliver/daily.ts";
import { chatOf } from "./deliver/outbox_rows.ts";
import { itemId, type Note } from "./deliver/firing.ts";
import { Follow } from "./deliver/follow.ts";
import { Herald } from "./deliver/herald.ts";
import type { Posted } from "./deliver/lane.ts";
import { Outbox } from "./deliver/outbox.ts";
import { Office } from "./office.ts";
import { People } from "./people.ts";
import { Book, type RuleRecords } from "./run/book.ts";
import { Engine } from "./run/engine.ts";
import type { Rule } from "./rule/rule.ts";
import { metricOf } from "./rule/text.ts";

export interface AlertsOptions {
  readonly source: Source;
  readonly records: RuleRecords;
  readonly watched: () => readonly string[];
  /** See `EngineOptions`. */
  readonly credit?: () => void;
  /** Only rules on critical metrics may be armed and are judged. */
  readonly criticalOnly?: boolean;
  /** Telegram id of the owner; `null` where there is no bot: nothing is sent then. */
  readonly ownerId: number | null;
  /** Names this process among others. */
  readonly instance: string;
  /** The local clock; cards and windows are on the venues'. */
  readonly nowMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

/** Others have their turn between two rounds of evaluation, however long one takes. */
const LEAST_REST_MS = 20;
/** Notes and edits are due to the minute. */
const SLOW_MS = 5000;

export class Alerts {
  readonly engine: Engine;
  readonly outbox: Outbox;
  readonly herald: Herald;
  readonly desk: AlertDesk;
  readonly #options: AlertsOptions;
  readonly #book: Book;
  readonly #people: People;
  readonly #follow: Follow;
  readonly #daily: DailyNotes;
  readonly #courier: Courier;
  readonly #alarms = new AlarmNotes(async (html) => {
    const { owner } = this.#people;
    if (owner !== null) await this.#note(owner, html, []);
  });
  #answer: ((text: string, asker: Asker) => Promise<Reply>) | null = null;
  #account: AccountView | null = null;
  #isMember: (userId: number) => boolean = () => true;
  #nth = 0;

  constructor(options: AlertsOptions) {
    this.#options = options;
    const { source, records, watched, credit, ownerId, instance, nowMs, sleep, log } = options;
    const book = this.#book = new Book(records, instance);
    const people = this.#people = new People(records, ownerId === null ? null : `tg:${ownerId}`);
    const mayHear = (person: string) => this.#mayHear(person);
    const courier = this.#courier = new Courier({ people, mayHear, nowMs });
    const runs = (rule: Rule) => options.criticalOnly !== true || metricOf(rule).critical === true;
    const outbox = this.outbox = new Outbox({
      ...{ records, book, instance, nowMs, sleep, log },
      post: (person, items, repeat, before) => courier.send(person, items, repeat, before),
      sent: (person, items, messageId) =>
        this.#follow.add(person, messageId, items.filter((item) => item.kind === "firing")),
      shut: (person, reason) => this.#tellShut(person, reason),
    });
    const herald = this.herald = new Herald({
      ...{ source, book, outbox, log },
      reader: () => this.engine.reader,
    });
    const engine = this.engine = new Engine({
      ...{ source, watched, credit, book, mayHear, runs, log },
      account: () => this.#account,
      fired: (fired) => herald.take(fired),
      blind: (armed, lacking) => {
        const text = `<b>${armed.id}</b> cannot be evaluated: ${escape(lacking)}. ` +
          "It goes on by itself when its data is whole";
        void this.#note(armed.person, text, [[{ label: "Rule", ask: `/alert why ${armed.id}` }]]);
      },
    });
    this.#follow = new Follow({
      records,
      priceAt: (asset, timeMs) => priceAt(source, asset, timeMs),
      edit: (person, messageId, firings, after) => courier.edit(person, messageId, firings, after),
    });
    const daily = this.#daily = new DailyNotes({
      ...{ records, book, outbox, mayHear },
      zoneOf: async (person) => (await people.settings(person)).zone,
      write: (person) => this.#morning(person),
    });
    this.desk = new Office({
      ...{ source, records, book, engine, outbox, daily, people, watched, runs },
      hasAccount: () => this.#account !== null,
      turn: () => new Promise((resolve) => setTimeout(resolve, 0)),
    });
  }

  /** Every print of every market; on the hot path. */
  readonly onTrade = (asset: string, venue: string, price: number, timeMs: number): void => {
    this.engine.prices.onTrade(asset, venue, price, timeMs);
  };

  /**
   * Takes the work over: reads what is armed and what has not been delivered. From now on
   * a process before this one has nothing to say any more.
   */
  async load(): Promise<void> {
    await this.#book.load();
    await Promise.all([this.outbox.load(), this.#follow.load(), this.#daily.load()]);
    const { unread } = this.#book;
    if (unread > 0) this.#options.log.warn("alert rules of another version are kept", { unread });
    this.engine.replan();
  }

  /**
   * From now on messages go out here, and the morning note is asked for there. Who is no
   * member any more is told nothing, and has no rule judged.
   */
  connect(
    post: (post: Post) => Promise<Posted>,
    answer: (text: string, asker: Asker) => Promise<Reply>,
    isMember: (userId: number) => boolean = () => true,
  ): void {
    this.#courier.connect(post);
    this.#answer = answer;
    this.#isMember = isMember;
  }

  /** Somebody asked: whose private chat that was can be written to, and what waited goes out. */
  async heard({ id, privateChat }: Asker): Promise<void> {
    if (privateChat && chatOf(id) !== null) await this.outbox.reopen(id);
  }

  #mayHear(person: string): boolean {
    const userId = chatOf(person);
    return person === this.#people.owner || (userId !== null && this.#isMember(userId));
  }

  /** Runs beside the evaluation; what keeps the account's view fresh. */
  alongside: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();

  /** Position rules are judged on this account from now on. */
  useAccount(account: AccountView): void {
    this.#account = account;
  }

  /** Whether some rule is about the owner's positions. */
  get needsAccount(): boolean {
    return this.engine.needsAccount;
  }

  /** Something that the owner should know; as a note it waits in the store until it has arrived. */
  alarm(text: string): void {
    void this.#alarms.add(text, this.#options.nowMs());
  }

  /** Evaluates and sends until aborted, or until a newer process does. */
  async run(signal: AbortSignal): Promise<void> {
    const { source, nowMs } = this.#options;
    await Promise.all([
      this.outbox.run(signal),
      this.alongside(signal),
      this.#every(() => this.engine.restMs(), signal, async () => {
        await this.engine.tick();
        await this.#book.flush();
      }),
      // Apart, for they wait for Telegram and for commands.
      this.#every(() => SLOW_MS, signal, async () => {
        await this.#alarms.tick(nowMs());
        await this.#daily.tick(source.nowMs());
        await this.#follow.tick(source.nowMs());
      }),
    ]);
    await this.herald.idle();
    await this.#alarms.flush(nowMs());
    await this.#book.flush();
  }

  /** Works until aborted, or until a newer process does. */
  async #every(
    restMs: () => number,
    signal: AbortSignal,
    work: () => Promise<void>,
  ): Promise<void> {
    const { log, sleep, nowMs } = this.#options;
    while (!signal.aborted && !this.#book.isSuperseded) {
      await work().catch((error) => {
        log.rateLimited("alerts", 60_000, nowMs())?.error("alerts tick failed", { error });
      });
      await sleep(Math.max(LEAST_REST_MS, restMs()), signal);
    }
    if (!signal.aborted) log.warn("a newer process evaluates the alerts now; this one stopped");
  }

  /** Rules that are armed, of all people. */
  get armed(): number {
    return this.#book.size;
  }

  async #note(person: string, html: string, buttons: Note["buttons"]): Promise<void> {
    const { log, nowMs } = this.#options;
    const atMs = nowMs();
    const id = itemId("normal", atMs, this.#nth++);
    const note: Note = { kind: "note", id, person, html, severity: "normal", atMs, buttons };
    await this.outbox.put(note).catch((error) => log.error("note not queued", { error }));
  }

  #tellShut(person: string, reason: string): void {
    const { owner } = this.#people;
    if (person !== owner) this.alarm(`The chat of ${person} takes no messages: ${reason}`);
  }

  async #morning(person: string): Promise<Reply> {
    const asker = { id: person, owner: person === this.#people.owner, privateChat: true };
    const reply = await this.#answer?.("/brief", asker);
    return reply ?? { html: "The morning note could not be written", data: null };
  }
}
