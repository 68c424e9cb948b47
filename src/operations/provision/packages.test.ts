import { describe, expect, test } from "vitest";
import type { Command, Executor, Exit } from "../../base/process/command.ts";
import { failure } from "../../base/errors/error.ts";
import { installSystemPackage, packageManagers } from "./packages.ts";

const policy = (version: string): string => `restic:\n  Installed: (none)\n  Candidate: ${version}\n  Version table:\n`;

test.each([
  ["apt-get", policy("0.18.0-1+b4"), "0.18.0-1+b4"],
  ["apt-get", policy("(none)"), undefined],
  ["apk", "restic-0.18.0-r2\n", "0.18.0-r2"],
  ["dnf", "0.17.3\n", "0.17.3"],
  ["pacman", "Repository      : extra\nName            : restic\nVersion         : 0.18.1-1\n", "0.18.1-1"],
])("the version that %s would install is read from what it prints", (program, output, version) => {
  const system = packageManagers.find((candidate) => candidate.program === program);
  expect(system?.candidate(output, "restic")).toBe(version);
});

describe("installing", () => {
  const suits = (version: string): boolean => version.startsWith("0.18");

  test("is left alone when the version on offer does not suit", async () => {
    const ran: string[] = [];
    const device = debianWith(ran, () => policy("0.14.0-1"));
    expect(await installSystemPackage("restic", suits, device)).toBe(false);
    expect(ran).toEqual(["apt-cache policy restic"]);
  });

  test("refreshes the lists first when the package is not known", async () => {
    const ran: string[] = [];
    const device = debianWith(ran, () => policy(ran.includes("apt-get -q update") ? "0.18.0-1" : "(none)"));
    expect(await installSystemPackage("restic", suits, device)).toBe(true);
    expect(ran.at(-1)).toBe("apt-get -q -y --no-install-recommends install restic");
  });

  test("goes on to the next package manager when one is not there", async () => {
    const ran: string[] = [];
    const device = deviceWith(ran, { apk: () => "restic-0.18.0-r2\n" });
    expect(await installSystemPackage("restic", suits, device)).toBe(true);
    expect(ran).toEqual(["apk search --exact restic", "apk add restic"]);
  });
});

function debianWith(ran: string[], answer: () => string): Executor {
  return deviceWith(ran, { "apt-cache": answer, "apt-get": () => "" });
}

function deviceWith(ran: string[], programs: Record<string, () => string>): Executor {
  return {
    wrap: (command: Command) => ({ argv: command.argv, env: {} }),
    run: ({ argv }: Command): Promise<Exit> => {
      const program = programs[argv[0]];
      if (program === undefined)
        return Promise.reject(failure("HF_PROGRAM_MISSING", { program: argv[0], package: argv[0] }));
      const stdout = program();
      ran.push(argv.join(" "));
      return Promise.resolve({ code: 0, signal: null, stdout, stderr: "", durationMs: 1 });
    },
  };
}
