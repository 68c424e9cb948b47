import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { fetchBinaries } from "./binaries.ts";
import { removeFolder, temporaryFolder } from "./folders.ts";
import type { Server } from "./server.ts";
import { starters } from "./starters.ts";
import type { Started } from "./servers.ts";

/** Starts every server once, side by side, before the first test; stops them after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  compile();
  await fetchBinaries();
  const folder = temporaryFolder();
  // Some servers run as users of their own, who must get in.
  chmodSync(folder, 0o755);
  const running: Server<unknown>[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()));
    removeFolder(folder);
  };
  try {
    project.provide("servers", await startAll(folder, running));
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

async function startAll(folder: string, running: Server<unknown>[]): Promise<Started> {
  const entries: [string, (folder: string) => Promise<Server<unknown>>][] = Object.entries(starters);
  const outcomes = await Promise.allSettled(
    entries.map(async ([name, start]) => {
      const own = join(folder, name);
      await mkdir(own);
      const server = await start(own);
      running.push(server);
      return server.details;
    }),
  );
  const started: Record<string, unknown> = {};
  for (const [index, outcome] of outcomes.entries()) {
    const name = entries[index]?.[0] ?? "";
    started[name] = outcome.status === "fulfilled" ? outcome.value : unavailable(name, outcome.reason);
  }
  return started as Started;
}

/** Root installed everything beforehand, so there a server that does not start is a fault and not a circumstance. */
function unavailable(name: string, reason: unknown): { unavailable: string } {
  if (process.getuid?.() === 0) throw new Error(`The test server ${name} does not start.`, { cause: reason });
  const why = reason instanceof Error ? reason.message : String(reason);
  return { unavailable: `needs the server ${name}, which does not start here: ${why.split("\n")[0]}` };
}

/** The tests run the command line as it is built; whether the types are right is for `npm run check` to say. */
function compile(): void {
  const built = spawnSync(process.execPath, ["scripts/build.mjs"], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(`The build failed:\n${built.stdout}${built.stderr}`);
}
