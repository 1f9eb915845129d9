import { ok } from "../assert.ts";
import { firstStart } from "./first_start.ts";

Deno.test("72 h of 20 symbols on 4 venues are filled in minutes, under 70 % of every limit", async () => {
  const report = await firstStart(20, 4_320, 150_000);
  const { filledMs, repaired, peakShare, requests } = report;
  const text = `first start: ${repaired} minutes in ${(filledMs / 1000).toFixed(1)} s`;
  await Deno.stdout.write(new TextEncoder().encode([text, ...requests].join("\n") + "\n"));
  // 77 series of 72 h; HYPE and its like trade on two venues only.
  ok(repaired > 77 * 4_200, `only ${repaired} minutes`);
  ok(peakShare <= 0.7, `${peakShare} of a limit`);
});
