// This module is pure.
/** A venue that refuses an address or a region. */

/** Nothing changes by asking: a venue that refuses us is asked again after so long. */
export const BARRED_MS = 600_000;

/** Whether an answer with this HTTP status is about who asks, and not about what. */
export function isBarring(status: number | null): boolean {
  return status === 451 || status === 403;
}

/** What to do about it, for whoever runs this; `setting` leads to another host, where there is one. */
export function elsewhere(setting: string | undefined): string {
  if (setting === undefined) {
    return "use another network, or another host of the venue if it has one (…_WS, …_REST)";
  }
  const other = setting.replace(/^.*\/\//, "");
  return `use another network, or set ${setting} ` +
    `(a built file wants \`deno task compile --net=${other}\` for that)`;
}
