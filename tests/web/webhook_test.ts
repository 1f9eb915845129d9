import { deepEqual, equal, match } from "../assert.ts";
import { webhookAddress } from "../../lib/web/webhook.ts";
import { bench, STRANGER } from "./fake.ts";

const SECRET = "s3cret-S3CRET";
const PATH = "/telegram/hook";

function hooked(up = true) {
  const taken: unknown[] = [];
  const take = (update: unknown) => {
    if (up) taken.push(update);
    return up;
  };
  const { get } = bench({
    apiToken: "correct-horse",
    webhook: { path: PATH, secret: SECRET, take },
  });
  const post = async (
    body: string,
    secret: string | null = SECRET,
    path = PATH,
    more: RequestInit = {},
  ) => {
    const headers = new Headers({ "content-type": "application/json" });
    if (secret !== null) headers.set("X-Telegram-Bot-Api-Secret-Token", secret);
    const reply = await get(path, { method: "POST", headers, body, ...more }, STRANGER);
    await reply.body?.cancel();
    return reply.status;
  };
  return { get, post, taken };
}

Deno.test("an update with the secret is taken, from anywhere and without the API's token", async () => {
  const { post, taken } = hooked();
  equal(await post('{"update_id":1}'), 200);
  deepEqual(taken, [{ update_id: 1 }]);
});

Deno.test("without the secret, or with nearly it, nothing is read", async () => {
  const { post, taken, get } = hooked();
  for (const secret of [null, "", `${SECRET}x`, SECRET.slice(1), SECRET.toUpperCase()]) {
    equal(await post("{", secret), 401, String(secret));
  }
  equal((await get(PATH, {}, STRANGER)).status, 401);
  equal(await post('{"update_id":1}', SECRET, `${PATH}/`), 401);
  deepEqual(taken, []);
});

Deno.test("an update that is too large, or none, is refused; one that comes too early is wanted again", async () => {
  const { post, taken } = hooked();
  equal(await post(JSON.stringify("x".repeat(300_000))), 413);
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode(" ".repeat(65_536))),
  });
  equal(await post("", SECRET, PATH, { body: endless }), 413);
  equal(await post("{"), 400);
  deepEqual(taken, []);
  equal(await hooked(false).post('{"update_id":1}'), 503);
});

Deno.test("a webhook's path is its URL's; a bare host gets one that nobody guesses", async () => {
  deepEqual(await webhookAddress({ url: "https://a.example/x/y", secret: SECRET }), {
    url: "https://a.example/x/y",
    path: "/x/y",
  });
  const { url, path } = await webhookAddress({ url: "https://a.example", secret: SECRET });
  match(path, /^\/telegram\/[0-9a-f]{32}$/);
  equal(url, `https://a.example${path}`);
  equal(url.includes(SECRET), false);
});
