import { deepEqual, equal, match } from "../assert.ts";
import { bench, json, refusal } from "./fake.ts";

function post(body: BodyInit, type = "application/json"): RequestInit {
  return { method: "POST", body, headers: { "Content-Type": type } };
}

Deno.test("a command is answered with html, text and data", async () => {
  const { get } = bench();
  for (const type of ["application/json", "Application/JSON; charset=utf-8"]) {
    const reply = get("/api/v1/ask", post('{"text":"/cvd BTC 15m"}', type));
    deepEqual(await json(reply), {
      html: "<b>/cvd BTC 15m</b>",
      text: "/cvd BTC 15m",
      data: { asked: "/cvd BTC 15m" },
    });
  }
});

Deno.test("a body that is not JSON, or not the right JSON, is 400 with the fix", async () => {
  const { get } = bench();
  const cases: Record<string, RegExp> = {
    "": /^The body is not JSON/,
    "{": /^The body is not JSON: send \{"text"/,
    "[]": /^The body wants a JSON object/,
    "null": /^The body wants a JSON object/,
    "{}": /^text is missing: it wants a command/,
    '{"text":5}': /^text wants a command, .* not 5/,
    '{"text":""}': /^text wants a command/,
    '{"text":"/top","user":1}': /^user is not known here/,
  };
  for (const [body, expected] of Object.entries(cases)) {
    const [status, , message] = await refusal(get("/api/v1/ask", post(body)));
    equal(status, 400, body);
    match(message, expected);
  }
});

Deno.test("another content type is 415 and a large body 413, also without a length", async () => {
  const { get } = bench();
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"]) {
    const [status, code] = await refusal(get("/api/v1/ask", post('{"text":"/top"}', type)));
    deepEqual([status, code], [415, "unsupported_media_type"]);
  }
  const large = JSON.stringify({ text: "x".repeat(9000) });
  equal((await refusal(get("/api/v1/ask", post(large))))[0], 413);
  const streamed = ReadableStream.from([new TextEncoder().encode(large)]);
  equal((await refusal(get("/api/v1/ask", post(streamed))))[0], 413);
  const honest = {
    ...post(large),
    headers: { "Content-Type": "application/json", "Content-Length": "9011" },
  };
  equal((await refusal(get("/api/v1/ask", honest)))[0], 413);
});

Deno.test("a command that fails is 500", async () => {
  const { get } = bench({ answer: () => Promise.reject(new Error("no")) });
  equal((await refusal(get("/api/v1/ask", post('{"text":"/top"}'))))[0], 500);
});
