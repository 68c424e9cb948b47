import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../base/clock.ts";
import type { Command, Exit } from "../../base/process/command.ts";
import { Secret } from "../../base/secrets/secret.ts";
import type { DestinationContext } from "../../domain/destination.ts";
import { destinationName, runId } from "../../domain/names.ts";
import { openDestination } from "./registry.ts";

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "holdfast test-"));
});
afterEach(() => rmSync(scratch, { recursive: true }));

/** The command line and environment that a kind makes of its spec: nothing is run. */
async function commandOf(type: string, spec: unknown, more: Partial<DestinationContext> = {}): Promise<Command> {
  const commands: Command[] = [];
  const exit: Exit = { code: 10, signal: null, stdout: "", stderr: "", durationMs: 1 };
  const context: DestinationContext = {
    name: destinationName("nas"),
    executor: {
      wrap: (command) => ({ argv: command.argv, env: {} }),
      run: async (command) => {
        commands.push(command);
        return exit;
      },
    },
    restic: { path: "/usr/bin/restic", version: "0.19.1" },
    cacheFolder: "/cache",
    scratch,
    password: new Secret("repository password"),
    lockWaitMs: 300_000,
    resolveSecret: async (ref) => (ref.from === "plain" ? ref.value : new Secret(`from ${ref.from}`)),
    ...more,
  };
  const repository = await openDestination({ type, spec }, context);
  const signal = new AbortController().signal;
  expect(
    await repository.probe({ runId: runId("r"), signal, clock: systemClock, emit: () => undefined }),
  ).toBeUndefined();
  const [command] = commands;
  if (command === undefined) throw new Error("expected a command");
  for (const secret of ["repository password", "b2 key", "PRIVATE"])
    expect(command.argv.join(" ")).not.toContain(secret);
  return command;
}

test("the password goes through the environment, the settings through argv", async () => {
  const { argv, env } = await commandOf("local", { path: "/mnt/nas" }, { uploadKibPerSecond: 100 });
  expect(argv.slice(0, -3)).toEqual(
    "/usr/bin/restic --cache-dir /cache --cleanup-cache --retry-lock 300000ms --limit-upload 100".split(" "),
  );
  expect(env).toMatchObject({ RESTIC_REPOSITORY: "local:/mnt/nas", RESTIC_PROGRESS_FPS: "1" });
});

test("B2 gets its keys as restic wants them", async () => {
  const spec = { bucket: "homelab", prefix: "/all/", account_id: { env: "ID" }, account_key: "b2 key", connections: 8 };
  const { argv, env } = await commandOf("b2", spec);
  expect(env).toMatchObject({ RESTIC_REPOSITORY: "b2:homelab:all" });
  expect([env?.["B2_ACCOUNT_ID"], env?.["B2_ACCOUNT_KEY"]].map((value) => value instanceof Secret)).toEqual([
    true,
    true,
  ]);
  expect(argv).toContain("b2.connections=8");
});

test("SFTP gets a private ssh configuration that trusts the pinned key alone", async () => {
  const key = "-----BEGIN PRIVATE KEY-----\nabc\n-----END";
  const spec = {
    host: "nas",
    port: 2222,
    user: "me",
    path: "/a b",
    key,
    known_host: "nas,10.0.0.1 ssh-ed25519 AAAA= me@nas",
  };
  const { argv, env } = await commandOf("sftp", spec);
  expect(env?.["RESTIC_REPOSITORY"]).toBe("sftp://me@nas:2222//a%20b");
  const option = argv.find((word) => word.includes("sftp.args=")) ?? "";
  // What a reader of comma-separated values, and then restic's own splitting, make of it.
  const words = option.slice(1, -1).replaceAll('""', '"');
  const config = /"-F" "([^"]+)" "-E"/.exec(words)?.[1] ?? "";
  expect(statSync(config).mode & 0o777).toBe(0o600);
  const text = readFileSync(config, "utf8");
  expect(text).toMatch(/^Host \*\nBatchMode yes\nStrictHostKeyChecking yes\n/);
  const known = /^UserKnownHostsFile "(.+)"$/m.exec(text)?.[1] ?? "";
  expect(readFileSync(known, "utf8")).toBe("* ssh-ed25519 AAAA=\n");
  const identity = /^IdentityFile "(.+)"$/m.exec(text)?.[1] ?? "";
  expect(statSync(identity).mode & 0o777).toBe(0o600);
  expect(readFileSync(identity, "utf8")).toBe(`${key}\n`);
});

test("a host, a user or an address that could be an option or hide a password is refused", async () => {
  const sftp = { host: "nas", path: "/a" };
  await expect(commandOf("sftp", { ...sftp, host: "-oProxyCommand=x" })).rejects.toThrow(/a host name or address/);
  await expect(commandOf("sftp", { ...sftp, user: "-x" })).rejects.toThrow(/a user name/);
  await expect(commandOf("rest", { url: "https://me:hidden@nas/" })).rejects.toThrow(/fields of their own/);
});

test("a kind that nobody knows is named with those that are", async () => {
  await expect(commandOf("ftp", {})).rejects.toMatchObject({
    code: "HF_UNKNOWN_NAME",
    problem: { params: { suggestion: "Known are local, s3, b2, sftp, rest, rclone." } },
  });
});
