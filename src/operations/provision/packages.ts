import { isFailure } from "../../base/errors/error.ts";
import type { Command, Executor, Exit } from "../../base/process/command.ts";

/** A system's package manager: how to ask it for a version and how to have it install. */
export interface PackageManager {
  program: string;
  /** Run when it does not know the package at all: on a fresh machine its lists are empty. */
  refresh: Command["argv"];
  ask(name: string): Command["argv"];
  /** The version that `install` would bring, out of what `ask` printed. */
  candidate(output: string, name: string): string | undefined;
  install(name: string): Command["argv"];
}

export const packageManagers: readonly PackageManager[] = [
  {
    program: "apt-get",
    refresh: ["apt-get", "-q", "update"],
    ask: (name) => ["apt-cache", "policy", name],
    candidate: (output) => /^\s*Candidate: (?:\d+:)?(\d\S*)/m.exec(output)?.[1],
    install: (name) => ["apt-get", "-q", "-y", "--no-install-recommends", "install", name],
  },
  {
    program: "apk",
    refresh: ["apk", "update"],
    ask: (name) => ["apk", "search", "--exact", name],
    candidate: (output, name) =>
      output
        .split("\n")
        .find((line) => line.startsWith(`${name}-`))
        ?.slice(name.length + 1),
    install: (name) => ["apk", "add", name],
  },
  {
    program: "dnf",
    refresh: ["dnf", "-q", "makecache"],
    ask: (name) => ["dnf", "-q", "repoquery", "--latest-limit", "1", "--queryformat", "%{version}\n", name],
    candidate: (output) => /^(\d\S*)/m.exec(output)?.[1],
    install: (name) => ["dnf", "-q", "-y", "install", name],
  },
  {
    program: "pacman",
    refresh: ["pacman", "-Sy"],
    ask: (name) => ["pacman", "-Si", name],
    candidate: (output) => /^Version\s*: (?:\d+:)?(\d\S*)/m.exec(output)?.[1],
    install: (name) => ["pacman", "-S", "--noconfirm", name],
  },
];

/**
 * Installs `name` with the system's package manager when the version that it would bring suits; asks first, so that
 * nothing unsuitable is installed. Gives whether it was installed. Needs root.
 */
export async function installSystemPackage(
  name: string,
  suits: (version: string) => boolean,
  device: Executor,
  signal?: AbortSignal,
): Promise<boolean> {
  const run = (argv: Command["argv"]): Promise<Exit> =>
    device.run(
      { argv, env: { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" } },
      signal === undefined ? {} : { signal },
    );
  for (const system of packageManagers) {
    const version = await candidateOf(system, name, run);
    if (version === "no such manager") continue;
    if (version === undefined || !suits(version)) return false;
    return (await run(system.install(name))).code === 0;
  }
  return false;
}

async function candidateOf(
  system: PackageManager,
  name: string,
  run: (argv: Command["argv"]) => Promise<Exit>,
): Promise<string | undefined> {
  try {
    const known = system.candidate((await run(system.ask(name))).stdout, name);
    if (known !== undefined) return known;
    const refreshed = await run(system.refresh);
    return refreshed.code === 0 ? system.candidate((await run(system.ask(name))).stdout, name) : undefined;
  } catch (error) {
    if (isFailure(error, "HF_PROGRAM_MISSING")) return "no such manager";
    throw error;
  }
}
