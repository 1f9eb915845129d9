import { deepEqual } from "../assert.ts";
import { cursorOf } from "../../lib/account/bybit/bybit.ts";
import { pathOf } from "../../lib/market/path.ts";

Deno.test("a cursor of Bybit's goes back as it was given; an empty page or its own cursor ends", () => {
  const nextPageCursor = "621%3A1%2C621%3A1";
  const cursor = cursorOf({ list: [{}], nextPageCursor }, null);
  deepEqual(pathOf("/log", { cursor }), `/log?cursor=${nextPageCursor}`);
  deepEqual(cursorOf({ list: [{}], nextPageCursor }, cursor), null);
  deepEqual(cursorOf({ list: [], nextPageCursor }, null), null);
  deepEqual(cursorOf({ list: [{}], nextPageCursor: "" }, null), null);
  deepEqual(cursorOf({ list: [{}], nextPageCursor: "100%" }, null), "100%");
});
