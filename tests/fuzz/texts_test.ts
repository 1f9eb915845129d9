/** Ten thousand hostile questions: an answer to each that Telegram takes. */
import { ok } from "../assert.ts";
import { commands } from "../../commands/mod.ts";
import type { Position } from "../../lib/account/types.ts";
import { withKeyboard } from "../../lib/bot/send.ts";
import { answer } from "../../lib/reply/answer.ts";
import type { Asker } from "../../lib/reply/command.ts";
import { split } from "../../lib/reply/html.ts";
import { failed, fakeAccounts, told } from "../commands/accounts.ts";
import { closed, ticker, TRADED } from "../commands/perps.ts";
import { ASKER, fakeDesk, setting } from "../commands/setting.ts";
import { fakeSource } from "../market/fake_source.ts";
import { parseHtml } from "../sim/bot/html.ts";
import { Dice } from "../dice.ts";
import { HOSTILE_ASSET, hostileText } from "./hostile.ts";

/** Nothing of these is ever shown: they reorder or hide what stands around them. */
const UNSHOWN = /(?!\n)\p{Cc}|\p{Cf}/u;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** A market in which even the names are hostile. */
function hostileSource() {
  const buckets = closed(
    40,
    (ago) => ({ oiBase: 1000 - ago, liqLongQuote: ago * 1000, liqLongs: 3 }),
  );
  return fakeSource({
    series: ["binance-spot", "binance-perp", "bybit-perp"].flatMap((venue) =>
      [HOSTILE_ASSET, "BTC"].map((base) => ({ venue, base, buckets, latest: TRADED }))
    ),
    listed: ["ETH", HOSTILE_ASSET, "<i>", "\u202eCBA"],
    tickers: [ticker("binance-perp", HOSTILE_ASSET), ticker("binance-spot", "BTC")],
    tickersMs: 0,
    venues: [
      { venue: "binance-perp", market: "perp", live: false, reason: "HTTP 500: <html>&\u202e" },
      { venue: "binance-spot", market: "spot", live: true, reason: null },
    ],
  });
}

const POSITION: Position = {
  ...{ venue: "binance-perp", symbol: `${HOSTILE_ASSET}USDT`, base: HOSTILE_ASSET, side: "long" },
  ...{ sizeBase: 1e300, entryPrice: 1e-300, markPrice: 0, notionalUsd: 1e300, roe: -1e12 },
  ...{ unrealizedUsd: -0, leverage: 125, liquidationPrice: null, liquidationDistance: null },
  ...{ fundingRate: 1e-9, nextFundingMs: 0 },
};

const ACCOUNT = fakeAccounts({
  balances: [
    told("binance-spot", {
      ...{ equityUsd: 1, freeUsd: null, unrealizedUsd: null, remarks: ["<b>\u202e remark"] },
      assets: [{ asset: HOSTILE_ASSET, total: 1, free: null, valueUsd: null }],
    }),
    failed("bybit", "Bybit says 1: <script>\u202e"),
  ],
  positions: [told("binance-perp", [POSITION])],
  pnl: [told("bybit", { realizedUsd: 1, fundingUsd: -1, feesUsd: null, remarks: ["&"] })],
});

const ASKERS: readonly [Asker, ...Asker[]] = [
  ASKER,
  { id: "tg:42", owner: true, privateChat: true },
  { id: "tg:43", owner: false, privateChat: true },
  { id: "tg:42", owner: true, privateChat: false },
];

Deno.test("ten thousand hostile texts are each answered with what Telegram takes", async () => {
  const dice = new Dice(20261120);
  const source = hostileSource();
  const desk = fakeDesk(["BTC"]);
  for (let i = 0; i < 10_000; i++) {
    const text = hostileText(dice);
    const asker = dice.pick(ASKERS);
    const about = dice.below(3) === 0 ? hostileText(dice) : null;
    const where = `text ${i}: ${JSON.stringify(text).slice(0, 300)}`;
    const given = { ...setting({ commands, source, asker, desk, about }), account: ACCOUNT };
    const reply = await answer(text, given).catch((error) => {
      throw new Error(where, { cause: error });
    });
    for (const part of split(reply.html)) {
      const parsed = parseHtml(part);
      ok(parsed.ok, `${where}: ${parsed.ok ? "" : parsed.reason}\n${part}`);
      ok(part.length <= 4096 && parsed.text.trim() !== "", where);
      // Telegram lets these pass, but its document wants them escaped.
      ok(
        !/>|&(?!(?:lt|gt|amp|quot|#\d+);)/.test(part.replace(/<[^<>]*>/g, "")),
        `${where}\n${part}`,
      );
    }
    ok(!UNSHOWN.test(reply.html) && !LONE.test(reply.html), `${where}\n${reply.html}`);
    const keyboard = withKeyboard(reply).reply_markup?.inline_keyboard.flat() ?? [];
    for (const { text: label, callback_data: data } of keyboard) {
      ok(label !== "" && !UNSHOWN.test(label) && !LONE.test(label), `${where}: ${label}`);
      const bytes = new TextEncoder().encode(data).length;
      ok(data.startsWith("/") && bytes <= 64, `${where}: ${data}`);
    }
  }
});
