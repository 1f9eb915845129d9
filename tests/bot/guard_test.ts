import { deepEqual, equal } from "node:assert/strict";
import { Guard } from "../../lib/bot/guard.ts";

const DAY_MS = 86_400_000;

Deno.test("an empty list allows nobody", () => {
  equal(new Guard([]).judge(1, 0), "refuse");
  equal(new Guard([]).judge(undefined, 0), "ignore");
});

Deno.test("a stranger hears one refusal a UTC day", () => {
  const guard = new Guard([42]);
  const verdicts = [0, 1, DAY_MS - 1, DAY_MS, DAY_MS + 1].map((nowMs) => guard.judge(1, nowMs));
  deepEqual(verdicts, ["refuse", "ignore", "ignore", "refuse", "ignore"]);
  equal(guard.judge(42, 5), "allow");
});

Deno.test("a crowd of strangers is remembered up to a bound and then ignored", () => {
  const guard = new Guard([]);
  let told = 0;
  for (let id = 1; id <= 5000; id++) if (guard.judge(id, 0) === "refuse") told++;
  equal(told, 1000);
});
