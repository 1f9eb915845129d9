/**
 * The time in which the data is this process's: rules are judged, Telegram is asked and
 * answered, and the work on the data is done. It ends with the process, or before it.
 */
import { commands } from "../../commands/mod.ts";
import type { Alerts } from "../alerts/alerts.ts";
import type { Question, TelegramBot } from "../bot/bot.ts";
import { MemberBook } from "../bot/entry/members.ts";
import { commandOf } from "../reply/answer.ts";
import type { Asker, Reply } from "../reply/command.ts";
import { zoneOf } from "../reply/zone.ts";
import type { Service } from "./service.ts";
import type { Ending, Tenure } from "./takeover/tenure.ts";

export type Ask = (text: string, question: Question) => Promise<Reply>;

/** Questions that were taken get this long before another process is let in. */
const ANSWER_MS = 1_500;
/** And this long after it. */
const LAST_ANSWER_MS = 20_000;

/** Another process has read the rules and members by now: it would not know of a change. */
function elsewhere(text: string): Reply {
  return {
    html: "A new version is taking over right now, and this was not done: ask again",
    data: { problem: { kind: "takeover" } },
    buttons: [[{ label: "Ask again", ask: text }]],
  };
}

export interface StintOptions {
  readonly service: Service;
  readonly ask: Ask;
  /** Where Telegram brings updates; `null` while we poll. */
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  /** Counts what the bot meets. */
  readonly count: (event: string) => void;
}

type Parts = Pick<Stint, "book" | "alerts" | "bot">;

interface State {
  /** What is stored may be another process's from now on. */
  isHandedOver: boolean;
}

export class Stint {
  readonly book: MemberBook;
  readonly alerts: Alerts | null;
  readonly bot: TelegramBot | null;
  readonly #state: State;
  #over: Promise<unknown> = Promise.resolve();

  private constructor({ book, alerts, bot }: Parts, state: State) {
    this.book = book;
    this.alerts = alerts;
    this.bot = bot;
    this.#state = state;
  }

  /** Reads what is stored of users and rules: from now on nobody else may change it. */
  static async open(options: StintOptions): Promise<Stint> {
    const { service, ask, webhook, count } = options;
    const { config, log, records, alarms, desk, source } = service;
    const { telegramToken, telegramApiRoot: apiRoot, allowedUsers } = config;
    let bot: TelegramBot | null = null;
    const link = (token: string) =>
      bot?.username ? `https://t.me/${bot.username}?start=${token}` : null;
    const book = await MemberBook.open({ records, allowedUsers, now: Date.now, link });
    const alerts = await service.openAlerts?.() ?? null;
    const state: State = { isHandedOver: false };
    if (telegramToken !== null) {
      // Loaded here: without a token, grammY would only take its 4 MB.
      const { createBot } = await import("../bot/bot.ts");
      bot = createBot({
        ...{ token: telegramToken, apiRoot, allowedUsers, members: book, webhook },
        ...{ commands, now: Date.now, metrics: { count } },
        async answer(text, question) {
          if (state.isHandedOver && commandOf(text, { commands, source })?.changes) {
            return elsewhere(text);
          }
          await alerts?.heard(question.asker);
          return await ask(text, question);
        },
        zone: (asker) => zoneOf({ asker, desk }),
        log: log.child({ part: "bot" }),
      });
      const morning = (text: string, asker: Asker) =>
        ask(text, { asker, about: null, groupId: null });
      const isMember = (userId: number) => allowedUsers.includes(userId) || book.has(userId);
      alerts?.connect(bot.post, morning, isMember);
      if (alerts) alarms?.attach((text) => alerts.alarm(text));
    }
    return new Stint({ book, alerts, bot }, state);
  }

  /** Works until the lifetime ends or the data is another process's. */
  async run(
    tenure: Tenure,
    fromUpdate: number,
    work: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Ending> {
    const [{ alerts, bot }, state] = [this, this.#state];
    const [working, talking] = [new AbortController(), new AbortController()];
    const whileWorking = AbortSignal.any([signal, working.signal]);
    const works = Promise.all([work(whileWorking), alerts?.run(whileWorking)]);
    const talks = bot?.run(AbortSignal.any([signal, talking.signal]), fromUpdate);
    const duties = {
      async quiet() {
        const next = await bot?.handOver(ANSWER_MS) ?? 0;
        state.isHandedOver = true;
        return next;
      },
      async rest() {
        working.abort();
        await works;
      },
    };
    const staying = tenure.stay(duties, signal);
    this.#over = Promise.allSettled([works, talks, staying]);
    // What fails must not wait for what goes on.
    const ending = await Promise.race([
      staying,
      Promise.all([staying, works, talks]).then(([ending]) => ending),
    ]);
    if (ending === "resumed") talking.abort();
    if (ending !== "taken") await Promise.all([works, talks]);
    return ending;
  }

  /** What was asked here is still answered, though another process is asked by now. */
  async answered(): Promise<void> {
    await this.bot?.handOver(LAST_ANSWER_MS);
  }

  /** Resolves when nothing of it runs any more. */
  async over(): Promise<void> {
    await this.#over;
  }
}
