import { equal } from "../assert.ts";
import { trustLine } from "../../lib/reply/trust_line.ts";

const WHOLE = {
  minutesComplete: 60,
  minutesAsked: 60,
  missing: [],
  repaired: 0,
  candle: 0,
  ageMs: 2000,
};

Deno.test("the trust line reads as on the metrics page", () => {
  equal(trustLine(WHOLE), "60/60 min · 2 s old");
  const missing = [{ venue: "bybit-perp", minutes: 1 }];
  equal(
    trustLine({ ...WHOLE, minutesComplete: 59, missing }),
    "59/60 min · bybit-perp −1 · 2 s old",
  );
});

Deno.test("the trust line says what was repaired and where there is nothing", () => {
  equal(
    trustLine({ ...WHOLE, repaired: 2, candle: 3 }),
    "60/60 min · 2 repaired · 3 from candles · 2 s old",
  );
  equal(trustLine({ ...WHOLE, minutesComplete: 0, ageMs: null }), "0/60 min · no data yet");
});
