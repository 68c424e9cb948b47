import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { systemEnvironment, timed } from "./measure.ts";

/** A Holdfast with a home of its own, run as a person runs it: `node bin/holdfast ARGS`. */
export interface BenchedHoldfast {
  home: string;
  /** The repository of the destination `nas`. */
  repository: string;
  /** Replaces its holdfast.yaml; destinations and the default policy are given. */
  configure(apps: Record<string, { paths: string[] }>): Promise<void>;
  /** Gives the wall time in milliseconds, from the start of Node to its end. */
  run(...args: string[]): Promise<number>;
  /** How many restic processes the last run started. */
  resticProcesses(): Promise<number>;
  /** The largest resident set of a run, in MB (10⁶ bytes). Measured apart from times: the probe costs a little. */
  peakMemory(...args: string[]): Promise<number>;
}

/** The retention of both sides, in the words of Holdfast and of restic. */
export const keep = { daily: 7, weekly: 4, monthly: 6 };
export const keepArguments = Object.entries(keep).flatMap(([unit, count]) => [`--keep-${unit}`, String(count)]);

/** `root` is the checkout, built; `restic` is found by Holdfast on its PATH, through a program that counts. */
export async function benchedHoldfast(folder: string, restic: string, root = process.cwd()): Promise<BenchedHoldfast> {
  const [home, programs, repository] = [join(folder, "home"), join(folder, "programs"), join(folder, "repository")];
  const [config, calls, memory] = [join(folder, "holdfast.yaml"), join(folder, "calls"), join(folder, "memory")];
  const probe = join(folder, "memory.cjs");
  await Promise.all([home, programs].map(async (path) => await mkdir(path, { recursive: true, mode: 0o700 })));
  await writeFile(join(programs, "restic"), `#!/bin/sh\necho "$*" >> '${calls}'\nexec '${restic}' "$@"\n`);
  await chmod(join(programs, "restic"), 0o755);
  await writeFile(
    probe,
    `process.once("exit", () => require("node:fs").writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS)));\n`,
  );
  const system = systemEnvironment();
  const path = [programs, dirname(process.execPath), system["PATH"]].join(delimiter);
  const env = { ...system, PATH: path, HOME: home, HOLDFAST_HOME: home };
  const run = async (args: string[], more: Record<string, string> = {}): Promise<number> => {
    await writeFile(calls, "");
    const argv = [process.execPath, join(root, "bin", "holdfast"), ...args, "--config", config] as const;
    return await timed({ argv, env: { ...env, ...more } });
  };
  return {
    home,
    repository,
    async configure(apps) {
      const destinations = { nas: { type: "local", path: repository, password: "bench" } };
      const policies = { default: { keep, destinations: ["nas"] } };
      // JSON is YAML.
      await writeFile(config, JSON.stringify({ destinations, policies, apps }), { mode: 0o600 });
    },
    run: async (...args) => await run(args),
    async resticProcesses() {
      return (await readFile(calls, "utf8")).split("\n").length - 1;
    },
    async peakMemory(...args) {
      await run(args, { NODE_OPTIONS: `--require=${probe}` });
      return (Number(await readFile(memory, "utf8")) * 1024) / 1e6;
    },
  };
}
