import { deepEqual, ok } from "./assert.ts";
import { HELP, readArguments } from "../lib/cli.ts";

Deno.test("without a subcommand it serves", () => {
  deepEqual(readArguments([]), { verb: "serve", takeover: false });
  deepEqual(readArguments(["serve"]), { verb: "serve", takeover: false });
  deepEqual(readArguments(["serve", "--takeover"]), { verb: "serve", takeover: true });
});

Deno.test("help and version are understood in their usual spellings", () => {
  for (const args of [["--help"], ["-h"], ["help"], ["replay", "--help"]]) {
    deepEqual(readArguments(args), { verb: "help" });
  }
  for (const args of [["version"], ["--version"]]) {
    deepEqual(readArguments(args), { verb: "version" });
  }
});

Deno.test("the subcommands that take nothing are known, and take nothing", () => {
  for (const verb of ["check", "healthcheck", "systemd-unit"]) {
    deepEqual(readArguments([verb]), { verb });
    ok("fault" in readArguments([verb, "more"]), verb);
  }
});

Deno.test("a question is the rest of the line, quoted or not", () => {
  deepEqual(readArguments(["ask", "/cvd BTC 15m"]), { verb: "ask", text: "/cvd BTC 15m" });
  deepEqual(readArguments(["ask", "/cvd", "BTC"]), { verb: "ask", text: "/cvd BTC" });
});

Deno.test("a replay has files, a speed and a venue", () => {
  deepEqual(readArguments(["replay", "a.gz", "b.zst", "--speed", "10", "--venue", "okx-spot"]), {
    verb: "replay",
    files: ["a.gz", "b.zst"],
    speed: 10,
    venue: "okx-spot",
  });
});

Deno.test("a backup goes to a file, to standard output or under a name of its own", () => {
  deepEqual(readArguments(["export"]), { verb: "export", file: null });
  deepEqual(readArguments(["export", "-"]), { verb: "export", file: "-" });
  deepEqual(readArguments(["export", "a.gz"]), { verb: "export", file: "a.gz" });
  deepEqual(readArguments(["import", "a.gz"]), { verb: "import", file: "a.gz" });
});

Deno.test("what cannot be read is said, and nothing runs", () => {
  const wrong = [
    ["dance"],
    ["ask"],
    ["ask", " "],
    ["replay"],
    ["replay", "a", "--speed", "0"],
    ["replay", "a", "--speed", "fast"],
    ["serve", "now"],
    ["export", "a", "b"],
    ["import"],
    ["import", "-"],
    ["import", "a", "b"],
    ["serve", "--speed", "2"],
    ["--nonsense"],
  ];
  for (const args of wrong) ok("fault" in readArguments(args), args.join(" "));
});

Deno.test("options stand anywhere, with their value behind = or in the next word", () => {
  const replay = { verb: "replay", files: ["a"], speed: 10, venue: "okx-spot" };
  for (
    const args of [
      ["replay", "a", "--speed=10", "--venue=okx-spot"],
      ["--speed", "10", "replay", "--venue", "okx-spot", "a"],
      ["replay", "--speed=1", "--speed=10", "--venue=okx-spot", "--", "a"],
    ]
  ) {
    deepEqual(readArguments(args), replay);
  }
  deepEqual(readArguments(["--takeover"]), { verb: "serve", takeover: true });
  const negative = readArguments(["replay", "a", "--speed=-1"]);
  ok("fault" in negative && negative.fault.includes("-1"));
});

Deno.test("behind two dashes nothing is an option", () => {
  deepEqual(readArguments(["ask", "--", "--help"]), { verb: "ask", text: "--help" });
  deepEqual(readArguments(["replay", "--", "-odd"]), {
    ...{ verb: "replay", files: ["-odd"], speed: null, venue: null },
  });
});

Deno.test("what is wrong with an option is named", () => {
  for (
    const [args, words] of [
      [["--nonsense"], "--nonsense"],
      [["--nonsense=1"], "--nonsense"],
      [["-x"], "-x"],
      [["--", "-x"], '"-x"'],
      [["--=1"], "--=1"],
      [["--constructor"], "--constructor"],
      [["--takeover=yes"], "--takeover takes no value"],
      [["replay", "a", "--speed"], "--speed"],
      [["replay", "a", "--venue", "--speed", "2"], "--venue"],
    ] as const
  ) {
    const read = readArguments(args);
    ok("fault" in read && read.fault.includes(words), JSON.stringify(read));
  }
});

Deno.test("every subcommand stands in the help", () => {
  const verbs = [
    ...["serve", "replay", "ask", "export", "import"],
    ...["check", "healthcheck", "systemd-unit", "version"],
  ];
  for (const verb of verbs) {
    ok(HELP.includes(`tapewatch ${verb}`) || HELP.includes(`[${verb}]`), verb);
  }
});
