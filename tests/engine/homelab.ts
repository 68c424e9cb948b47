import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { expect } from "vitest";
import { holdfast, type HoldfastOptions, type Outcome } from "../support/holdfast.ts";
import { testFolder } from "../support/folders.ts";

/** A homelab of the running test: a home, a holdfast.yaml, and the command line. */
export interface Homelab {
  folder: string;
  home: string;
  /** Writes holdfast.yaml. */
  declare(config: object): void;
  /** Runs a command as a person does. */
  run(args: string[], options?: Partial<HoldfastOptions>): Promise<Outcome>;
  /** Runs a command with --json; fails the test unless it exits as expected. */
  json<T>(args: string[], exit?: number, options?: Partial<HoldfastOptions>): Promise<T>;
}

export function homelab(): Homelab {
  const folder = testFolder();
  const home = join(folder, "home");
  const lab: Homelab = {
    folder,
    home,
    declare: (config) => writeFileSync(join(folder, "holdfast.yaml"), stringify(config)),
    run: (args, options = {}) => holdfast(args, { home, cwd: folder, ...options }),
    async json<T>(args: string[], exit = 0, options: Partial<HoldfastOptions> = {}) {
      const outcome = await lab.run([...args, "--json"], options);
      expect(outcome.code, `holdfast ${args.join(" ")}\n${outcome.stdout}\n${outcome.stderr}`).toBe(exit);
      return JSON.parse(outcome.stdout) as T;
    },
  };
  return lab;
}
