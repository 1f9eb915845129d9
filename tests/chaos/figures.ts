/** Numbers read from a metrics page. */

/** The value of a series by its whole name with labels; `null` where the page lacks it. */
export function valueOf(page: string, name: string): number | null {
  const line = page.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
}

export const VENUES = ["binance-spot", "binance-perp", "bybit-spot", "bybit-perp"] as const;

/** What each venue was asked: `binance-spot 120 requests, weight 480, at most 12 % of its limit`. */
export function requestsOf(page: string): string[] {
  return VENUES.map((venue) => {
    const of = (what: string) => valueOf(page, `tapewatch_rest_${what}{venue="${venue}"}`) ?? 0;
    const [requests, weight] = [of("requests_total"), Math.round(of("weight_total"))];
    const percent = (of("peak_share") * 100).toFixed(0);
    return `${venue} ${requests} requests, weight ${weight}, at most ${percent} % of its limit`;
  });
}

/** The largest share of a venue's limit that was spent. */
export function peakShare(page: string): number {
  return Math.max(
    ...VENUES.map((venue) => valueOf(page, `tapewatch_rest_peak_share{venue="${venue}"}`) ?? 0),
  );
}
