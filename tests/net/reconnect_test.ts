import { deepEqual, equal, ok } from "../assert.ts";
import { fileURLToPath } from "node:url";
import { FakeTiming, until } from "./fake_timing.ts";
import { LoopbackVenue, rig } from "./loopback.ts";

const CHILD = fileURLToPath(new URL("./reconnect_child.ts", import.meta.url));

/** As the service is run, and a collector that can be called. */
const V8_FLAGS = "--expose-gc,--max-semi-space-size=1,--min-semi-space-size=1,--optimize-for-size";

Deno.test("200 reconnects leave neither timers nor memory behind", async () => {
  await using venue = new LoopbackVenue(new FakeTiming());
  venue.answer = (_verb, id, _topics, peer) => {
    if (id === 5) queueMicrotask(() => peer.socket.send("trade"));
    return `ack ${id}`;
  };
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `--v8-flags=${V8_FLAGS}`, CHILD, venue.url],
    stderr: "inherit",
  });
  const { stdout } = await child.output();
  const text = new TextDecoder().decode(stdout);
  await Deno.stderr.write(new TextEncoder().encode(`${text}\n`));
  const { connects, rssMb, heapMb, timersBefore, timersAfter, timersAtEnd } = JSON.parse(text);
  equal(connects, 401);
  deepEqual([timersAfter, timersAtEnd], [timersBefore, 0]);
  ok(heapMb < 0.5, `${heapMb} MB of heap`);
  ok(rssMb < 3, `${rssMb} MB resident`);
});

Deno.test("a venue that never confirms the close does not hold up the end", async () => {
  const timing = new FakeTiming();
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  await using venue = new LoopbackVenue(timing);
  const one = rig(venue, [], { url: `ws://127.0.0.1:${listener.addr.port}` });
  using conn = await listener.accept();
  await conn.write(await handshake(conn));
  await until(() => one.seen.calls.includes("up 1"), "the connection");
  let stopped = false;
  const stopping = one.stop().then(() => stopped = true);
  timing.advance(2_999);
  await until(() => one.seen.calls.at(-1) === "down 1: Stopped", "the end of the frames");
  equal(stopped, false);
  timing.advance(1);
  await stopping;
  deepEqual(one.seen.troubles, [{ what: "close", detail: "Close not confirmed in 3 s" }]);
  // Deno keeps such a socket until its peer is gone; the sanitizers want it gone now.
  conn.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
});

/** The answer to the upgrade request on this connection (RFC 6455, 4.2.2). */
async function handshake(conn: Deno.Conn): Promise<Uint8Array<ArrayBuffer>> {
  const buffer = new Uint8Array(4_096);
  const size = await conn.read(buffer);
  const request = new TextDecoder().decode(buffer.subarray(0, size ?? 0));
  const key = /sec-websocket-key: (\S+)/i.exec(request)?.[1] ?? "";
  const text = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", text));
  return new TextEncoder().encode(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${digest.toBase64()}\r\n\r\n`,
  );
}
