/** The end-to-end tests of the built file: what a user downloads, and nothing beside it. */
import { deepEqual, equal, match, ok } from "../assert.ts";
import { fileURLToPath } from "node:url";
import { fixedFlags } from "../../.ci/compile.ts";
import { COLLECTORS } from "../../collectors/mod.ts";
import { startExchange } from "../sim/exchange.ts";
import { Built } from "./built.ts";

// `sh` and `setpriv` are what the self-extracting file and these tests stand on.
const onLinux = Deno.build.os === "linux";

Deno.test({
  name: "the built file, alone in an empty folder and run by another user, serves",
  ignore: !onLinux,
  async fn(test) {
    using built = new Built();
    ok(Deno.statSync(built.path).size < 120e6, "it is no larger than 120 MB");

    await test.step("it says its version and its help", async () => {
      const alone = built.alone();
      const version = await alone.run(["version"]);
      equal(version.err, "");
      match(version.out, /^\d+\.\d+\.\d+\n$/);
      match((await alone.run(["--help"])).out, /tapewatch \[serve\]/);
      match((await alone.run(["systemd-unit"])).out, /^MemoryHigh=80M$/m);
    });

    await test.step("it collects, answers and ends", async () => {
      const alone = built.alone();
      await using exchange = await startExchange({ symbols: 2, tradesPerSecond: 40, seed: 3 });
      const address = `127.0.0.1:${alone.port}`;
      const env = { ...exchange.env, HTTP_ADDR: address, SYMBOLS: "BTC" };
      equal((await alone.run(["healthcheck"], env)).code, 1, "nothing answers yet");
      const service = alone.start(["serve"], env);
      try {
        await until(`http://${address}/readyz`);
        equal((await alone.run(["healthcheck"], env)).code, 0);
        const asked = await alone.run(["ask", "/price", "BTC"], env);
        match(asked.out, /^BTC [\d,.]+ · binance-perp/);
        // Free space is read after the start, when all files but the data are shut.
        match(
          (await alone.run(["ask", "/status"], env)).out,
          /^Disk: [\d.]+ .B used, [\d.]+ .B( of [\d.]+ MB)? in reserve$/m,
        );
      } finally {
        service.kill("SIGTERM");
      }
      const { code, stderr } = await service.output();
      const log = new TextDecoder().decode(stderr);
      equal(code, 0, log);
      ok(!/NotCapable|"level":"error"/.test(log), log);
    });

    await test.step("a host that was not named when building is refused in so many words", async () => {
      const env = { BYBIT_WS: "wss://proxy.example/v5", HTTP_ADDR: "192.0.2.1:80" };
      const { code, err } = await built.alone().run(["serve"], {
        ...env,
        API_TOKEN: "x".repeat(16),
      });
      equal(code, 2);
      match(err, /BYBIT_WS names proxy\.example.*deno task compile --net=proxy\.example/);
      match(err, /HTTP_ADDR names 192\.0\.2\.1.*0\.0\.0\.0:80/);
    });

    if (!built.packed) return;

    await test.step("a file that was changed on the way is not unpacked", async () => {
      const alone = built.alone();
      {
        using file = Deno.openSync(`${alone.folder}/tapewatch`, { read: true, write: true });
        file.seekSync(-5_000_000, Deno.SeekMode.End);
        file.writeSync(new Uint8Array(16));
      }
      // The other places to unpack to are no folders.
      const env = { TMPDIR: "/dev/null", DATA_DIR: "/dev/null", XDG_CACHE_HOME: alone.folder };
      await alone.run(["version"], env);
      const [cache] = [...Deno.readDirSync(alone.folder)].filter((entry) => entry.isDirectory);
      equal([...Deno.readDirSync(`${alone.folder}/${cache?.name}`)].length, 0);
    });

    await test.step("a folder that others may write to is passed over", async () => {
      const alone = built.alone();
      const uid = Deno.uid() === 0 ? 65_534 : Deno.uid();
      const open = `${alone.folder}/tapewatch-${uid}`;
      Deno.mkdirSync(open);
      Deno.chmodSync(open, 0o777);
      const cache = { XDG_CACHE_HOME: alone.folder, TMPDIR: `${alone.folder}/tmp` };
      equal((await alone.run(["version"], cache)).code, 0);
      equal([...Deno.readDirSync(open)].length, 0);
    });

    await test.step("the data folder of the .env file is the one that stays open", async () => {
      const alone = built.alone();
      Deno.writeTextFileSync(`${alone.folder}/.env`, "export DATA_DIR = 'my data' # here\n");
      delete alone.env.DATA_DIR;
      const env = { HTTP_ADDR: `127.0.0.1:${alone.port}`, ...NOWHERE };
      const service = alone.start(["serve"], env);
      await until(`http://127.0.0.1:${alone.port}/healthz`);
      match(
        (await alone.run(["ask", "/status"], env)).out,
        /^Disk: [\d.]+ .B used, [\d.]+ .B( of [\d.]+ MB)? in reserve$/m,
      );
      service.kill("SIGTERM");
      await service.output();
      ok(Deno.statSync(`${alone.folder}/my data/tapewatch.kv`).isFile);
    });
  },
});

Deno.test("a build reaches the venues, Telegram, loopback and what was named, and no more", () => {
  const net = fixedFlags(["proxy.example"]).find((flag) => flag.startsWith("--allow-net="));
  const hosts = new Set(net?.slice("--allow-net=".length).split(","));
  for (const { ws, rest } of COLLECTORS) {
    ok(hosts.has(new URL(ws).hostname) && hosts.has(new URL(rest).hostname), ws);
  }
  ok(hosts.has("api.telegram.org") && hosts.has("proxy.example"));
  ok(![...hosts].includes(""), "an empty name would allow every host");
  for (const flag of fixedFlags([])) {
    ok(!/^--allow-(all|run|ffi|import|read|write)|^-A/.test(flag), flag);
    ok(!/^--allow-[a-z]+$/.test(flag), `${flag} allows all of its kind`);
  }
});

Deno.test("deno compile takes the flags, and bakes in just these permissions", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", ".ci/compile.ts", "--as=compiled", `--out=${folder}/tapewatch`],
      cwd: fileURLToPath(new URL("../../", import.meta.url)),
      // Deno is not the runtime for compiled files, so the file cannot run; but it is made.
      env: { DENORT_BIN: Deno.execPath(), NO_COLOR: "1" },
    }).output();
    equal(code, 0, new TextDecoder().decode(stdout));
    const tail = Deno.readFileSync(`${folder}/tapewatch`).subarray(-2_000_000);
    const [, baked = ""] = /"permissions":(\{.*?\}),"/.exec(new TextDecoder().decode(tail)) ?? [];
    const permissions = JSON.parse(baked);
    // Deno's default for imports is baked too, but a compiled file cannot load foreign code.
    const allowed = Object.keys(permissions).filter((name) =>
      name.startsWith("allow_") && name !== "allow_import" && permissions[name] !== null
    );
    deepEqual(allowed.sort(), ["allow_env", "allow_net", "allow_read", "allow_sys", "allow_write"]);
    ok(allowed.every((name) => permissions[name].length > 0), "an empty list would allow all");
    deepEqual(permissions.allow_sys, ["statfs"]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

/** A service that runs without an exchange. */
const NOWHERE = {
  VENUES: "bybit-spot",
  SYMBOLS: "BTC",
  BYBIT_WS: "ws://127.0.0.1:9",
  BYBIT_REST: "http://127.0.0.1:9",
};

async function until(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const response = await fetch(url).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} did not come`);
}
