/**
 * A server leaves its address to another one, and a crowd of listeners disperses; prints what
 * became of their clients. A program of its own: sharing an address wants a flag.
 */
import { Crowd } from "../../../lib/web/beside/crowd.ts";
import { serveWeb } from "../../../lib/web/server.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
const HOST = "127.0.0.1";
const { signal } = new AbortController();

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Clients who have connected and not yet asked when the listeners go. */
async function dispersed(): Promise<{ told: string[]; own: string[]; isFree: boolean }> {
  using reserved = Deno.listen({ hostname: HOST, port: 0, reusePort: true });
  const { port } = reserved.addr;
  reserved.close();
  const crowd = new Crowd(
    { hostname: HOST, port },
    (_, { remoteAddr }) => new Response(`for ${remoteAddr.port}`),
  );
  const sockets: Deno.TcpConn[] = [];
  for (let i = 0; i < 30; i++) sockets.push(await Deno.connect({ hostname: HOST, port }));
  await sleep(200);
  await crowd.disperse();
  const told = await Promise.all(sockets.map(async (socket) => {
    await socket.write(new TextEncoder().encode(REQUEST));
    const text = await new Response(socket.readable).text();
    return /^HTTP\/1\.1 200[\s\S]*connection: close[\s\S]*\r\n\r\n(.*)$/i.exec(text)?.[1] ?? text;
  }));
  await crowd.finished;
  const isFree = await Deno.connect({ hostname: HOST, port }).then(() => false, () => true);
  return { told, own: sockets.map(({ localAddr }) => `for ${localAddr.port}`), isFree };
}

/** Most listeners that `run` closes in one turn of the loop. */
async function closesATurn(run: () => Promise<void>): Promise<number> {
  const listen = Deno.listen;
  let [now, most] = [0, 0];
  Deno.listen = ((options: Deno.ListenOptions) => {
    const listener = listen(options);
    const close = listener.close.bind(listener);
    return Object.assign(listener, {
      close() {
        most = Math.max(most, ++now);
        setTimeout(() => now = 0, 0);
        close();
      },
    });
  }) as typeof Deno.listen;
  await run();
  Deno.listen = listen;
  return most;
}

/** One client after the other comes while the listeners go, until there is none. */
async function dispersing(): Promise<{ served: number; cut: number }> {
  using reserved = Deno.listen({ hostname: HOST, port: 0, reusePort: true });
  const { port } = reserved.addr;
  reserved.close();
  const crowd = new Crowd({ hostname: HOST, port }, () => new Response("here"));
  const gone = crowd.disperse();
  let [served, cut] = [0, 0];
  for (;;) {
    let socket: Deno.TcpConn;
    try {
      socket = await Deno.connect({ hostname: HOST, port });
    } catch {
      break;
    }
    try {
      await socket.write(new TextEncoder().encode(REQUEST));
      const text = await new Response(socket.readable).text();
      if (text.endsWith("here")) served++;
      else cut++;
    } catch {
      cut++;
    }
  }
  await gone;
  await crowd.finished;
  return { served, cut };
}

/** One client after the other, while a server leaves and another one has come. */
async function left(): Promise<{ answers: Record<string, number>; refusal: string; last: string }> {
  const appOf = (name: string) => ({
    fetch: () => Promise.resolve(new Response(name)),
    close() {},
  });
  const old = serveWeb(appOf("old"), { hostname: HOST, port: 0, signal });
  const { port } = old;
  let refusal = "";
  try {
    serveWeb(appOf("mistaken"), { hostname: HOST, port, signal });
  } catch (error) {
    refusal = String(error);
  }
  const next = serveWeb(appOf("next"), { hostname: HOST, port, signal, beside: true });
  const answers: Record<string, number> = {};
  let isOver = false;
  let last = "";
  const asking = (async () => {
    while (!isOver) {
      const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
      last = await (await fetch(`http://${HOST}:${port}/`, { client })).text();
      client.close();
      answers[last] = (answers[last] ?? 0) + 1;
    }
  })();
  await sleep(300);
  await old.leave(100);
  await old.finished;
  await sleep(100);
  isOver = true;
  await asking;
  await next[Symbol.asyncDispose]();
  return { answers, refusal, last };
}

let met: Awaited<ReturnType<typeof dispersing>> | undefined;
const most = await closesATurn(async () => {
  met = await dispersing();
});
const report = { ...await dispersed(), ...met, most, ...await left() };
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(report)));
Deno.exit(0);
