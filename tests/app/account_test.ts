import { deepEqual, equal, match, ok } from "../assert.ts";
import { COLLECTORS } from "../../collectors/mod.ts";
import { checkKeys, openAccounts } from "../../lib/app/account.ts";
import { Alarms } from "../../lib/app/alarms.ts";
import { readConfig } from "../../lib/config.ts";
import { createLog } from "../../lib/log.ts";
import { BINANCE } from "../account/bench.ts";
import { fakeSource } from "../market/fake_source.ts";
import { startAccounts } from "../sim/account.ts";

function configOf(env: Record<string, string>) {
  const read = readConfig(env, COLLECTORS.map(({ venue }) => venue), {
    read: () => "",
    mode: () => null,
  });
  if ("faults" in read) throw new Error(read.faults.join());
  return read.config;
}

Deno.test("without keys there is no account", () => {
  const log = createLog({ level: "error" });
  const config = configOf({});
  equal(
    openAccounts({ config, collectors: COLLECTORS, venues: [], source: fakeSource(), log }),
    null,
  );
});

Deno.test("an account on a venue that is not collected is asked all the same, by its own clock", async () => {
  await using sim = startAccounts({ binance: BINANCE });
  sim.skewMs = 60_000;
  sim.books.spotBalances = [{ asset: "BTC", free: 1, locked: 0 }];
  const lines: string[] = [];
  const log = createLog({ level: "debug", write: (line) => lines.push(line) });
  const { key, secret } = BINANCE;
  const config = configOf({ ...sim.env, BINANCE_API_KEY: key, BINANCE_API_SECRET: secret });
  const source = fakeSource({ series: [{ venue: "a-spot", latest: { price: 70_000 } }] });
  const account = openAccounts({ config, collectors: COLLECTORS, venues: [], source, log });
  ok(account);
  const [spot] = await account.balances();
  deepEqual([spot?.account, spot?.fault, spot?.value?.equityUsd], ["binance-spot", null, 70_000]);

  sim.books.binanceRights.enableWithdrawals = true;
  sim.books.binanceRights.ipRestrict = false;
  const alarms = new Alarms(log);
  const raised: string[] = [];
  alarms.attach((text) => raised.push(text));
  // The venue is down at the start: it is asked again until it answers.
  sim.fail({ path: "apiRestrictions", code: -2015, status: 401, count: 1 });
  const pauses: number[] = [];
  const { signal } = new AbortController();
  const sleep = (ms: number) => Promise.resolve(void pauses.push(ms));
  await checkKeys({ account, log, alarms, signal, sleep });
  deepEqual(pauses, [600_000]);
  equal(raised.length, 1);
  match(raised[0] ?? "", /BINANCE_API_KEY can withdraw/);
  match(lines.join(), /works from any address/);
  ok(!lines.join().includes(key) && !lines.join().includes(secret));
});
