// This module is pure.
/** Times of the day as they are typed and shown, in minutes after midnight. */

/** `8:00`, `08:00` or `8`; `null` for anything else. */
export function clockMinute(text: string): number | null {
  const match = /^(\d{1,2})(?::(\d{2}))?$/.exec(text);
  const [hour, minute] = [Number(match?.[1]), Number(match?.[2] ?? 0)];
  return match && hour <= 23 && minute <= 59 ? hour * 60 + minute : null;
}

/** `08:00` */
export function clockText(minute: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
