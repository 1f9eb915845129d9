/** Texts and requests as somebody would write them who wishes us ill; the same for a seed. */
import { commands } from "../../commands/mod.ts";
import type { Dice } from "../dice.ts";

/** Zero-width, direction, lone surrogates, combining marks, emoji, other scripts, controls. */
const ODD = [
  ...["\u200b", "\u202e", "\u2066", "\ufeff", "\u0000", "\u001b[31m", "\ud800", "\udfff", "\u00ad"],
  ...["a\u0301\u0302\u0303\u0304", "👩‍👩‍👧", "币安人生", "ش", "½", "İ", "ß", "ﬁ", "\r\n", "\t"],
] as const;

const MARKUP = [
  ...["<b>", "</b>", "<script>alert(1)</script>", "<a href='x'>", "</pre>", "<", ">", "&", "&lt;"],
  ...["&#0;", "&amp;amp;", "<tg-spoiler>", "*_`[", "${x}", "%s%n", "' OR 1=1", "../../etc/passwd"],
] as const;

const WORDS = [
  ...[
    "BTC",
    "btc",
    "ETHUSDT",
    "4h",
    "15m",
    "60m",
    "chart",
    "add",
    "remove",
    "invite",
    "allow",
    "all",
  ],
  ...[
    "0",
    "-1",
    "1e999",
    "NaN",
    "null",
    "undefined",
    "__proto__",
    "constructor",
    "toString",
    "@bot",
  ],
  ...["today", "7d", "off", "9007199254740993", "Europe/Berlin", "UTC", "07:00", ">", "1%"],
] as const;

export const HOSTILE_ASSET = "<b>&\u202eX";

export function hostileWord(dice: Dice): string {
  switch (dice.below(6)) {
    case 0:
      return dice.pick(ODD);
    case 1:
      return dice.pick(MARKUP);
    case 2:
      return dice.pick(WORDS);
    case 3:
      return HOSTILE_ASSET;
    case 4:
      return String.fromCodePoint(...Array.from({ length: 1 + dice.below(6) }, () => {
        const point = dice.below(0x2fff);
        return point >= 0xd800 && point <= 0xdfff ? 0x41 : point;
      }));
    default:
      return dice.pick(MARKUP) + dice.pick(ODD) + dice.pick(WORDS);
  }
}

/** A question: half of them begin like a command, one in forty has 4 KB. */
export function hostileText(dice: Dice): string {
  const count = dice.below(5);
  const words = Array.from({ length: count }, () => hostileWord(dice));
  if (dice.below(40) === 0) words.push(hostileWord(dice).repeat(4096).slice(0, 4096));
  if (dice.below(8) > 0) {
    const { name } = commands[dice.below(commands.length)] ?? { name: "help" };
    const suffix = dice.below(6) === 0 ? "@tape_bot" : "";
    words.unshift(`${dice.below(8) === 0 ? "" : "/"}${name}${suffix}`);
  }
  return words.join(dice.below(10) === 0 ? "\n" : " ");
}
