import { doesNotMatch, equal, match } from "../assert.ts";
import { systemdUnit } from "../../lib/app/systemd_unit.ts";

const UNIT = systemdUnit("1.2.3");

Deno.test("the unit holds the service small, shut in and alive", () => {
  match(UNIT, /^# Tapewatch 1\.2\.3,/);
  const lines = ["MemoryHigh=80M", "MemoryMax=256M", "Restart=always", "DynamicUser=yes"];
  for (const line of [...lines, "ProtectSystem=strict", "WatchdogSec=60", "Type=notify"]) {
    match(UNIT, new RegExp(`^${line}$`, "m"));
  }
  // V8 writes the code that it runs.
  doesNotMatch(UNIT, /^MemoryDenyWriteExecute/m);
});

const verifier = await new Deno.Command("systemd-analyze", { args: ["--version"] }).output()
  .then(({ success }) => success, () => false);

Deno.test({
  name: "systemd itself finds no fault with the unit",
  ignore: !verifier,
  async fn() {
    const folder = Deno.makeTempDirSync();
    try {
      const file = `${folder}/tapewatch.service`;
      // A program that is there: systemd looks for it.
      Deno.writeTextFileSync(file, UNIT.replace("/usr/local/bin/tapewatch", "/bin/true"));
      const { code, stderr } = await new Deno.Command("systemd-analyze", {
        args: ["verify", file],
      }).output();
      equal(new TextDecoder().decode(stderr), "");
      equal(code, 0);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
