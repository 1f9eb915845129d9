import { deepEqual, equal, match, ok } from "../../assert.ts";
import { LINES, message } from "../../../lib/alerts/deliver/card.ts";
import type { Firing } from "../../../lib/alerts/deliver/firing.ts";
import { plain } from "../../../lib/reply/html.ts";
import { UTC } from "../../../lib/reply/zone.ts";
import { firing } from "../firings.ts";

const one: Firing = {
  ...firing(7),
  ...{ text: "BTC liq 5m > 2M", value: 2_310_000, price: 91_234.5, spark: "▁▂▇" },
  trust: "59/60 min · bybit-perp −1 · 2 s old",
};

Deno.test("a card says what, where, how much against how much, and what it stands on", () => {
  const { html, buttons } = message([one], UTC, false);
  equal(
    plain(html),
    [
      "🔔 BTC liquidations 2.31M",
      "BTC liq 5m > 2M · a7#1 · 10:00:00 UTC",
      "price 91,234.5 ▁▂▇",
      "59/60 min · bybit-perp −1 · 2 s old",
    ].join("\n"),
  );
  deepEqual(buttons.flat().map(({ label }) => label), [
    ...["Mute 1 h", "+25 %", "Chart", "Why", "Delete"],
  ]);
});

Deno.test("harder is further away, whichever side a rule is about, and never of words", () => {
  const label = (text: string) =>
    message([{ ...one, text }], UTC, false).buttons.flat().find((button) =>
      button.ask.startsWith("/alert harder")
    )?.label ?? null;
  equal(label("ETH price < 2900"), "−25 %");
  equal(label("BTC cvd 5m < -2M"), "+25 %");
  equal(label("BTC cascade is any"), null);
  equal(label("BTC funding flips"), null);
});

Deno.test("what the price did since is told as it becomes known", () => {
  const after = [
    { minutes: 15, changes: { [one.id]: 0.0042 } },
    { minutes: 60, changes: { [one.id]: -0.011 } },
  ];
  match(message([one], UTC, false, after).html, /since: \+0\.42% in 15 min · −1\.10% in 60 min/);
  const unknown = [{ minutes: 15, changes: { [one.id]: null } }];
  ok(!message([one], UTC, false, unknown).html.includes("since"));
});

Deno.test("a repeat says so", () => {
  match(message([one], UTC, true).html, /^\(repeat\)/);
  match(message([one, one], UTC, true).html, /^\(repeat\)/);
});

Deno.test("as many as fit into a message are a line each, and stay under Telegram's limit", () => {
  const text = `watch quadrant 60m is long-liquidation`;
  const many = Array.from({ length: LINES }, (_, nth) => ({
    ...firing(nth),
    ...{ text, metric: "quadrant", value: 4, asset: "1000000MOG" },
  }));
  const after = [15, 60].map((minutes) => ({
    minutes,
    changes: Object.fromEntries(many.map(({ id }) => [id, -0.1234])),
  }));
  const { html } = message(many, UTC, true, after);
  ok(html.length <= 4096, `${html.length}`);
  equal(html.match(/^•/gm)?.length, LINES);
  match(html, /1000000MOG · watch quadrant/);
});

Deno.test("what a name might carry into the HTML is escaped", () => {
  const { html } = message([{ ...one, asset: "<b>X" }], UTC, false);
  ok(!html.includes("<b>X liq"));
});

Deno.test("the last one of a day says that it is", () => {
  const last = { ...one, lastOf: 10 };
  match(message([last], UTC, false).html, /the last of 10 today; silent until 00:00 UTC/);
  match(message([one, one, one, last], UTC, false).html, /the last of 10 today/);
  ok(!message([one], UTC, false).html.includes("the last"));
});
