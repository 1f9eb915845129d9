/** A bot that runs on a fake Bot API, and the updates that it is sent. */
import {
  type BotEvent,
  type BotOptions,
  createBot,
  type Question,
  type TelegramBot,
} from "../../lib/bot/bot.ts";
import type { Reply } from "../../lib/reply/command.ts";
import { FakeBotApi } from "./fake_bot_api.ts";

export const TOKEN = "123:SECRET";
export const OWNER = 42;
export const STRANGER = 666;

export interface Running extends AsyncDisposable {
  readonly api: FakeBotApi;
  readonly asked: string[];
  readonly questions: Question[];
  readonly logged: string[];
  readonly slept: number[];
  readonly counted: Map<BotEvent, number>;
  readonly done: Promise<void>;
  readonly bot: TelegramBot;
  stop(): Promise<void>;
}

/** A bot on a fake Bot API that never really waits. */
export function start(more: Partial<BotOptions> = {}, api = new FakeBotApi()): Running {
  const asked: string[] = [];
  const questions: Question[] = [];
  const logged: string[] = [];
  const slept: number[] = [];
  const counted = new Map<BotEvent, number>();
  const controller = new AbortController();
  const line = (level: string) => (message: string, fields?: unknown) => {
    logged.push(`${level} ${message} ${fields === undefined ? "" : Deno.inspect(fields)}`);
  };
  const bot = createBot({
    token: TOKEN,
    apiRoot: `${api.root}/`,
    allowedUsers: [OWNER],
    commands: [{ name: "cvd", description: "Flow" }, { name: "help", description: "Help" }],
    answer(text, question) {
      asked.push(text);
      questions.push(question);
      return Promise.resolve(echoOf(text));
    },
    log: { info: line("info"), warn: line("warn"), error: line("error") },
    now: () => Date.UTC(2026, 10, 20),
    metrics: { count: (event) => void counted.set(event, (counted.get(event) ?? 0) + 1) },
    sleep(ms) {
      slept.push(ms);
      return new Promise((resolve) => setTimeout(resolve, 1));
    },
    ...more,
  });
  const done = bot.run(controller.signal);
  async function stop(): Promise<void> {
    controller.abort();
    await done;
  }
  return {
    api,
    asked,
    questions,
    logged,
    slept,
    counted,
    done,
    bot,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await api[Symbol.asyncDispose]();
    },
  };
}

export function echoOf(text: string): Reply {
  return { html: `<b>${text}</b>`, data: null, buttons: [[{ label: "Again", ask: text }]] };
}

export function message(text: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    message: {
      message_id: 11,
      date: 1,
      text,
      from: { id: OWNER, is_bot: false, first_name: "O" },
      chat: { id: OWNER, type: "private" },
      ...more,
    },
  };
}

export function press(data: string, more: Readonly<Record<string, unknown>> = {}) {
  const chat = { id: OWNER, type: "private" };
  return {
    callback_query: {
      id: "q1",
      chat_instance: "c",
      data,
      from: { id: OWNER, is_bot: false, first_name: "O" },
      message: { message_id: 33, date: 1, chat },
      ...more,
    },
  };
}

export const stranger = { from: { id: STRANGER, is_bot: false, first_name: "S" } };
