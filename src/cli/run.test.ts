import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { registry } from "./registry.ts";
import { widthOf } from "./render/text.ts";
import { runCommandLine, toTold } from "./run.ts";
import { memoryTerminal } from "../../tests/support/memory-terminal.ts";

const errorSchema = z.strictObject({
  error: z.strictObject({
    code: z.string().startsWith("HF_"),
    message: z.string().min(1),
    hint: z.string(),
    params: z.record(z.string(), z.string()),
  }),
});

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "holdfast-cli-"));
});
afterAll(async () => {
  await rm(home, { recursive: true });
});

async function holdfast(...argv: string[]) {
  const terminal = memoryTerminal();
  const environment = { HOLDFAST_HOME: join(home, "home"), XDG_CONFIG_HOME: home, HOLDFAST_CONFIG: "" };
  const exit = await runCommandLine(argv, { terminal, environment, cwd: home });
  return { exit, out: terminal.outText(), err: terminal.errText() };
}

describe("help", () => {
  it("lists every command", async () => {
    const { exit, out } = await holdfast("--help");
    expect(exit).toBe(0);
    for (const { name } of registry) expect(out).toContain(`  ${name} `);
  });

  it.each(registry)("of $name shows an example, and fits 80 columns", async ({ name }) => {
    const { exit, out } = await holdfast(...name.split(" "), "--help");
    const lines = out.split("\n");
    expect(exit).toBe(0);
    expect(out).toContain("Examples\n  holdfast");
    expect(out).toContain("--json");
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
  });

  it("can be asked for as a word", async () => {
    expect(await holdfast("help", "backup")).toEqual(await holdfast("backup", "--help"));
  });

  it("of a group lists what is in it", async () => {
    const { out } = await holdfast("config");
    expect(out).toContain("config check");
    expect(out).not.toContain("  restore ");
  });
});

describe("a mistake on the command line", () => {
  it("names the nearest command and exits 2", async () => {
    const { exit, out, err } = await holdfast("bakcup");
    expect({ exit, out }).toEqual({ exit: 2, out: "" });
    expect(err).toBe("✖ There is no command bakcup. Did you mean backup?\n  See `holdfast --help`.\n");
  });

  it("names the nearest option", async () => {
    const { exit, err } = await holdfast("backup", "--dry-rum");
    expect(exit).toBe(2);
    expect(err).toContain("Unknown option --dry-rum. Did you mean --dry-run?");
    expect(err).toContain("`holdfast backup --help`");
  });

  it.each([
    [["restore"], "Missing required argument"],
    [["status", "immich"], "Too many arguments"],
    [["list", "--pin"], "--pin <SNAPSHOT> needs a value"],
    [["config", "chekc"], "Did you mean check?"],
    [["restore", "immich", "--into", "password=hunter22", "--databases"], "could be read by others"],
    [["restore", "immich", "--in-place", "--target", "/tmp/x"], "exclude each other"],
  ])("%j exits 2 and says so", async (argv, text) => {
    const { exit, err } = await holdfast(...argv);
    expect(exit).toBe(2);
    expect(err.replaceAll(/\s+/g, " ")).toContain(text);
  });
});

describe("--json", () => {
  it.each([[["bakcup"]], [["backup", "--nope"]], [["backup"]], [["restore", "nobody"]], [["list", "--pin", "abc"]]])(
    "makes one document of the error of %j, on standard output",
    async (argv) => {
      const { exit, out, err } = await holdfast(...argv, "--json");
      expect(exit).not.toBe(0);
      expect(err).toBe("");
      errorSchema.parse(JSON.parse(out));
    },
  );

  it("is understood before the command too", async () => {
    const { exit, out } = await holdfast("--json", "status");
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ apps: [], destinations: [{ name: "local" }] });
  });
});

it("exits 5 when nothing matches", async () => {
  const { exit } = await holdfast("backup");
  expect(exit).toBe(5);
});

it("asks nobody where there is no terminal, and replaces nothing", async () => {
  const { exit, err } = await holdfast("restore", "immich", "--in-place");
  expect(exit).toBe(2);
  expect(err).toContain("--yes");
});

it("prints its version", async () => {
  expect((await holdfast("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe("a bug", () => {
  it("is called one, without its stack", () => {
    const { code, params } = toTold(new TypeError("x is undefined"), {});
    expect(code).toBe("HF_INTERNAL");
    expect(params["detail"]).toContain("x is undefined");
    expect(params["detail"]).not.toMatch(/run\.test\.ts/);
  });

  it("shows its stack to who asks for it", () => {
    expect(toTold(new TypeError("x is undefined"), { HOLDFAST_DEBUG: "1" }).params["detail"]).toMatch(/run\.test\.ts/);
  });

  it("is not what a cancelled command is called", () => {
    expect(toTold(new DOMException("stop", "AbortError"), {}).code).toBe("HF_CANCELLED");
  });
});
