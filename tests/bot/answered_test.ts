import { equal } from "../assert.ts";
import { Answered } from "../../lib/bot/answered.ts";

Deno.test("the command behind a message is remembered, the last one where it was edited", () => {
  const answered = new Answered();
  answered.remember(1, 10, "/cvd BTC");
  answered.remember(2, 10, "/price");
  answered.remember(1, 10, "/cvd BTC 5m");
  equal(answered.recall(1, 10), "/cvd BTC 5m");
  equal(answered.recall(2, 10), "/price");
  equal(answered.recall(1, 11), null);
});

Deno.test("five hundred messages are remembered, the oldest are forgotten first", () => {
  const answered = new Answered();
  for (let id = 0; id < 500; id++) answered.remember(1, id, "/cvd");
  answered.remember(1, 0, "/edited");
  answered.remember(1, 500, "/new");
  equal(answered.recall(1, 0), "/edited");
  equal(answered.recall(1, 1), null);
  equal(answered.recall(1, 2), "/cvd");
});
