// This module is pure.
/**
 * All commands, in the order of /help and of Telegram's menu.
 *
 * To add one: write `commands/<name>.ts` that exports one `Command` under its name, put
 * it into the list below where it should stand, and its test into `tests/commands/`.
 * Files that begin with `_` are shared between commands and are none themselves.
 */
import type { Command } from "../lib/reply/command.ts";
import { alert } from "./alert.ts";
import { alerts } from "./alerts.ts";
import { analysis } from "./analysis.ts";
import { balance } from "./balance.ts";
import { brief } from "./brief.ts";
import { cvd } from "./cvd.ts";
import { flow } from "./flow.ts";
import { funding } from "./funding.ts";
import { help } from "./help.ts";
import { liquidations } from "./liquidations.ts";
import { momentum } from "./momentum.ts";
import { oi } from "./oi.ts";
import { pnl } from "./pnl.ts";
import { positions } from "./positions.ts";
import { price } from "./price.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { top10 } from "./top10.ts";
import { users } from "./users.ts";
import { volscan } from "./volscan.ts";
import { volume } from "./volume.ts";
import { watch } from "./watch.ts";
import { why } from "./why.ts";
import { zone } from "./zone.ts";

export const commands: readonly Command[] = [
  price,
  analysis,
  cvd,
  flow,
  volume,
  momentum,
  volscan,
  oi,
  funding,
  liquidations,
  top10,
  brief,
  balance,
  positions,
  pnl,
  alert,
  alerts,
  watch,
  why,
  status,
  zone,
  users,
  help,
  start,
];
