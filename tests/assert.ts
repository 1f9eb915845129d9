/**
 * The assertions of all tests, strict ones. Taken by their names from `node:assert/strict`, Deno
 * 2.9.6 gives the loose `equal` and `deepEqual`, to which `null` is `undefined` and 1 is "1".
 */
export {
  deepStrictEqual as deepEqual,
  doesNotMatch,
  fail,
  match,
  notDeepStrictEqual as notDeepEqual,
  notStrictEqual as notEqual,
  ok,
  rejects,
  strictEqual as equal,
  throws,
} from "node:assert";
