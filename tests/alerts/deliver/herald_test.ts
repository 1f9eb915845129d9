import { deepEqual, equal } from "../../assert.ts";
import { Herald } from "../../../lib/alerts/deliver/herald.ts";
import type { Item } from "../../../lib/alerts/deliver/firing.ts";
import { Book } from "../../../lib/alerts/run/book.ts";
import { ViewReader } from "../../../lib/alerts/run/reader.ts";
import { createLog } from "../../../lib/log.ts";
import { fakeSource } from "../../market/fake_source.ts";
import { FakeRecords } from "../fake_records.ts";
import { ruleOf } from "../ruling.ts";

Deno.test("a firing whose surroundings cannot be read is told without them", async () => {
  const source = fakeSource({ series: [{ venue: "binance-perp" }] });
  source.buckets = () => Promise.reject(new Error("database is locked"));
  const book = new Book(new FakeRecords(), "test");
  await book.load();
  const armed = await book.add("tg:1", ruleOf("btc price > 5"), 0);
  if (!armed) throw new Error("not armed");
  const told: Item[] = [];
  const logged: string[] = [];
  const herald = new Herald({
    ...{ source, book, reader: () => new ViewReader(source) },
    outbox: { changesFor: () => [], accept: (items: Item[]) => void told.push(...items) } as never,
    log: createLog({ level: "warn", write: (line) => void logged.push(line) }),
  });
  const fired = { armed, asset: "BTC", value: 6, atMs: source.nowMs(), isLast: false };
  herald.take([{ ...fired, step: null }]);
  herald.take([{ ...fired, step: null }]);
  await herald.idle();
  deepEqual(told.map((item) => item.kind === "firing" ? [item.hit, item.spark] : null), [
    [1, ""],
    [2, ""],
  ]);
  equal(logged.length, 1);
});
