import { HttpError, type Transformer } from "grammy";
import { deepEqual, equal } from "../assert.ts";
import { retrying } from "../../lib/bot/retry.ts";

/** The call that is made. */
const PAYLOAD = { chat_id: 1, text: "x", message_thread_id: 7, reply_parameters: {} };
const GONE = ["Bad Request: message thread not found", "Bad Request: TOPIC_DELETED"];
const PROXY = { message: "Bad Gateway" };
const FAULT = { ok: false, error_code: 500, description: "Internal Server Error" };
const LOST = new HttpError("Network request failed", new TypeError("connection closed"));
const REFUSED = new HttpError(
  "Network request failed",
  new TypeError("error sending request", { cause: new Error("client error (Connect)") }),
);

/** Makes one call that is answered so, and then well; how often it was made, and what came. */
async function make(method: "sendMessage" | "sendPhoto" | "editMessageText", answers: unknown[]) {
  const slept: number[] = [];
  const seen: unknown[] = [];
  const transform = retrying(new AbortController().signal, (ms) => {
    slept.push(ms);
    return Promise.resolve();
  });
  const left = [...answers];
  const call = (_: string, payload: unknown) => {
    seen.push(payload);
    const answer = left.shift() ?? { ok: true, result: true };
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const prev = call as Parameters<Transformer>[0];
  const result = await transform(prev, method, PAYLOAD as never).catch(String);
  return { calls: seen.length, slept, seen, result };
}

Deno.test("what Telegram may have sent already is sent once more, not four times", async () => {
  for (const method of ["sendMessage", "sendPhoto"] as const) {
    for (const answer of [PROXY, FAULT, LOST]) {
      const { calls, slept } = await make(method, Array.from({ length: 4 }, () => answer));
      equal(calls, 2);
      deepEqual(slept, [1000]);
      equal((await make(method, [answer])).calls, 2);
    }
  }
});

Deno.test("what does no harm twice, or reached nobody, is tried four times", async () => {
  for (const answer of [PROXY, FAULT, LOST, REFUSED]) {
    const method = answer === REFUSED ? "sendMessage" : "editMessageText";
    const { calls, slept } = await make(method, Array.from({ length: 5 }, () => answer));
    equal(calls, 4);
    deepEqual(slept, [1000, 2000, 4000]);
  }
});

Deno.test("what reached nobody does not count as what may have been sent", async () => {
  equal((await make("sendMessage", [REFUSED, LOST, REFUSED])).calls, 4);
});

Deno.test("a topic that is gone is left, once and at once", async () => {
  for (const description of GONE) {
    const refusal = { ok: false, error_code: 400, description };
    const { seen, slept, result } = await make("sendPhoto", [refusal, refusal]);
    deepEqual(seen, [PAYLOAD, { ...PAYLOAD, message_thread_id: undefined }]);
    deepEqual(slept, []);
    equal(result, refusal);
  }
});
