import { deepEqual, equal, throws } from "../../assert.ts";
import fc from "fast-check";
import { packRow, pickEntry, RowKind, unpackRow } from "../../../lib/store/rows/row.ts";

const entries = fc.array(
  fc.tuple(fc.nat(3000), fc.uint8Array({ maxLength: 240 })),
  { maxLength: 100 },
).map((pairs) => new Map(pairs));

Deno.test("a row gives back its entries in ascending order, together and one by one", () => {
  fc.assert(fc.property(entries, (given) => {
    const row = packRow(RowKind.minute, given);
    const unpacked = unpackRow(RowKind.minute, row) ?? new Map();
    const plain = [...unpacked].map(([number, bytes]) => [number, [...bytes]]);
    const sorted = [...given].sort((a, b) => a[0] - b[0]).map(([n, bytes]) => [n, [...bytes]]);
    deepEqual(plain, sorted);
    for (const [number, bytes] of given) {
      deepEqual([...pickEntry(RowKind.minute, row, number) ?? []], [...bytes]);
    }
    equal(pickEntry(RowKind.minute, row, 5000), undefined);
  }));
});

Deno.test("a row is read wherever it lies in its buffer", () => {
  const row = packRow(RowKind.hour, new Map([[3, Uint8Array.of(1, 2, 3)]]));
  for (let offset = 0; offset < 4; offset++) {
    const shifted = new Uint8Array(row.length + offset);
    shifted.set(row, offset);
    deepEqual(unpackRow(RowKind.hour, shifted.subarray(offset))?.size, 1);
  }
});

Deno.test("a row with any one byte changed, cut short or grown fails its check", () => {
  const given = new Map([[0, new Uint8Array(37).fill(9)], [300, new Uint8Array(64)]]);
  const row = packRow(RowKind.minute, given);
  for (let at = 0; at < row.length; at++) {
    const changed = row.slice();
    changed[at] = (row[at] ?? 0) ^ 0x10;
    equal(unpackRow(RowKind.minute, changed), null, `byte ${at}`);
    equal(unpackRow(RowKind.minute, row.subarray(0, at)), null, `cut at ${at}`);
  }
  equal(unpackRow(RowKind.minute, Uint8Array.of(...row, 0, 0, 0, 0)), null);
});

Deno.test("a row of another kind, or a value that is no row, fails its check", () => {
  const row = packRow(RowKind.minute, new Map());
  equal(unpackRow(RowKind.hour, row), null);
  for (const value of [null, undefined, 7, "row", { rows: [] }, new Uint8Array(0)]) {
    equal(unpackRow(RowKind.minute, value), null);
    equal(pickEntry(RowKind.minute, value, 0), null);
  }
});

Deno.test("an entry number that is not a small whole one is refused", () => {
  for (const number of [-1, 0.5, 2 ** 21, NaN]) {
    throws(() => packRow(RowKind.minute, new Map([[number, new Uint8Array(1)]])), RangeError);
  }
});
