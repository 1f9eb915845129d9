import { deepEqual, equal, throws } from "../assert.ts";
import { type Server, SteadyServer } from "../../lib/web/steady_server.ts";

interface Opened extends Server {
  fail(error: Error): void;
  calls: string[];
}

function opened(port: number): Opened {
  const { promise: finished, reject } = Promise.withResolvers<void>();
  const calls: string[] = [];
  return {
    addr: { transport: "tcp", hostname: "127.0.0.1", port },
    finished,
    fail: reject,
    calls,
    shutdown: () => Promise.resolve(void calls.push("shutdown")),
    unref: () => void calls.push("unref"),
  };
}

function setting(cannot: (number | null)[] = []) {
  const servers: Opened[] = [];
  const ports: (number | null)[] = [];
  const faults: string[] = [];
  const waiting: (() => void)[] = [];
  const options = {
    open(port: number | null) {
      ports.push(port);
      if (cannot.includes(ports.length)) throw new Error(`no listening ${ports.length}`);
      const server = opened(4711);
      servers.push(server);
      return server;
    },
    failed: (error: unknown) => void faults.push(error instanceof Error ? error.message : ""),
    after(_: number, run: () => void) {
      waiting.push(run);
      return () => void waiting.splice(waiting.indexOf(run) >>> 0, 1);
    },
  };
  return { servers, ports, faults, waiting, options };
}

async function microtasks(): Promise<void> {
  for (let times = 0; times < 5; times++) await Promise.resolve();
}

Deno.test("a server that cannot accept listens again on its port, as often as it takes", async () => {
  const { servers, ports, faults, waiting, options } = setting([2]);
  const server = new SteadyServer(options);
  servers[0]?.fail(new Error("Too many open files"));
  await microtasks();
  deepEqual(faults, ["Too many open files"]);
  waiting.shift()?.();
  deepEqual(faults, ["Too many open files", "no listening 2"]);
  waiting.shift()?.();
  deepEqual(ports, [null, 4711, 4711]);
  equal(server.addr.port, 4711);
  await server.shutdown();
  deepEqual(servers.map(({ calls }) => calls), [[], ["shutdown"]]);
});

Deno.test("a server that was stopped does not come back", async () => {
  const { servers, ports, faults, waiting, options } = setting();
  const server = new SteadyServer(options);
  servers[0]?.fail(new Error("Too many open files"));
  await microtasks();
  server.unref();
  deepEqual(waiting, []);
  const other = new SteadyServer(options);
  await other.shutdown();
  servers[1]?.fail(new Error("closed"));
  await microtasks();
  deepEqual([ports.length, faults.length, waiting.length], [2, 1, 0]);
});

Deno.test("an address that cannot be had at the start is the caller's fault to tell", () => {
  throws(() => new SteadyServer(setting([1]).options), /no listening 1/);
});
