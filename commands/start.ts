// This module is pure.
/** `/start`: what this is, what it hears now, and a first thing to press. */
import type { Command } from "../lib/reply/command.ts";
import { escape } from "../lib/reply/html.ts";
import { clock } from "../lib/reply/times.ts";
import { zoneOf } from "../lib/reply/zone.ts";

export const start: Command = {
  name: "start",
  usage: "",
  description: "What this bot is and what it hears now",
  async run({ source, asker, desk }) {
    const nowMs = source.nowMs();
    const zone = await zoneOf({ asker, desk });
    const venues = source.venues();
    const live = venues.filter((venue) => venue.live).length;
    const assets = desk.watched();
    const quiet = venues.filter((venue) => !venue.live).map((venue) =>
      `${escape(venue.venue)}: ${escape(venue.reason ?? "not live")}`
    );
    const lines = [
      "<b>Tapewatch</b> reads the tape of the exchanges and answers from it.",
      `Watching ${assets.length} symbols, ${live} of ${venues.length} venues live · ${
        clock(nowMs, zone)
      } ${escape(zone.label)}`,
      ...quiet,
      "Send a symbol for its price, /cvd BTC 15m for its flow, /help for everything.",
    ];
    return {
      html: lines.join("\n"),
      data: {
        nowMs,
        assets: [...assets],
        venues: venues.map(({ venue, market, live, reason }) => ({ venue, market, live, reason })),
      },
      buttons: [[
        { label: "Price", ask: "/price BTC" },
        { label: "CVD", ask: "/cvd BTC 15m" },
        { label: "Help", ask: "/help" },
      ]],
    };
  },
};
