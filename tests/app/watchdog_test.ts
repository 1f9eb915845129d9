import { deepEqual, equal, match } from "../assert.ts";

/** Both ends in one process: systemd's socket, and the service that tells it things. */
const SCRIPT = `
import { startWatchdog } from ${JSON.stringify(import.meta.resolve("../../lib/app/watchdog.ts"))};
const [folder, socket] = Deno.args;
const systemd = Deno.listenDatagram({ transport: "unixpacket", path: folder + "/systemd" });
const warnings = [];
const log = { warn: (message) => warnings.push(message) };
const heard = [];
{
  using _watchdog = startWatchdog({ socket, timeoutMs: 60, log, own: folder + "/own" });
  while (heard.length < 3 && warnings.length === 0) {
    const late = new Promise((resolve) => setTimeout(resolve, 200, null));
    const datagram = await Promise.race([systemd.receive(), late]);
    if (datagram) heard.push(new TextDecoder().decode(datagram[0]));
  }
}
console.log(JSON.stringify({ heard, warnings: [...new Set(warnings)] }));
Deno.exit(0);
`;

async function run(socket: string, flags: readonly string[]): Promise<unknown> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/script.js`, SCRIPT);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-lock", "--no-config", "-A", ...flags, `${folder}/script.js`],
        ...[folder, `${folder}/${socket}`],
      ],
      env: { NO_COLOR: "1" },
    }).output();
    equal(new TextDecoder().decode(stderr), "");
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("systemd hears that the service is ready, and then that it lives", async () => {
  deepEqual(await run("systemd", ["--unstable-net"]), {
    heard: ["READY=1", "WATCHDOG=1", "WATCHDOG=1"],
    warnings: [],
  });
});

Deno.test("where systemd does not listen, that is logged and nothing else happens", async () => {
  match(JSON.stringify(await run("nobody", ["--unstable-net"])), /systemd was not told/);
});
