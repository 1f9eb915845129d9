import { deepEqual, equal, match, ok } from "../assert.ts";
import { openApi } from "../../lib/web/openapi.ts";
import { bench, json } from "./fake.ts";

Deno.test("the document covers every route and no other", async () => {
  const { app, get } = bench();
  const document = await json(get("/openapi.json"));
  const documented = Object.entries(Object(document.paths)).flatMap(([path, operations]) =>
    Object.keys(Object(operations)).map((method) => `${method.toUpperCase()} ${path}`)
  );
  const routed = app.routes.map(({ method, path }) => `${method} ${path}`);
  deepEqual(documented.sort(), [...new Set(routed)].sort());
});

Deno.test("the parameters and their bounds are those that are checked", () => {
  const text = JSON.stringify(openApi("1"));
  match(text, /"name":"tf","in":"query","required":false/);
  match(text, /"minimum":1,"maximum":1440/);
  match(text, /"name":"venue","in":"query","required":true/);
  ok(!text.includes('"$schema"'));
  ok(text.includes('"nullable":true'), "unknown is null");
  equal(text.includes("undefined"), false);
});
