import { hostname } from "node:os";
import { join } from "node:path";
import PQueue from "p-queue";
import { ratio, type Benchmark, type Times } from "../benchmark.ts";
import { changeOneFile, makeAppFiles } from "../support/app-files.ts";
import { benchedHoldfast, keepArguments } from "../support/holdfast.ts";
import { pair, wall } from "../support/measure.ts";
import { plainRestic, type PlainRestic } from "../support/restic.ts";

/** As many as Holdfast takes side by side. */
const atOnce = 4;

/** The nights of thirty small apps. */
export const fleet: Benchmark = {
  name: "fleet",
  summary: "a night of 30 apps of 12 MB in 400 files each, against a loop of restic backup and restic forget --prune",
  async run({ folder, rounds, quick, restic, say }) {
    const size = quick ? { files: 5, fileBytes: 2000 } : { files: 400, fileBytes: 30_000 };
    const names = Array.from({ length: quick ? 2 : 30 }, (_, index) => `app${String(index + 1).padStart(2, "0")}`);
    const apps = names.map((name) => ({ name, path: join(folder, "apps", name) }));
    say(`writing ${apps.length} apps and storing each for the first time, in three repositories`);
    for (const { path } of apps) await makeAppFiles(path, size);
    const change = async (): Promise<void> => {
      for (const { path } of apps) await changeOneFile(path, size);
    };

    const holdfast = await benchedHoldfast(join(folder, "holdfast"), restic);
    await holdfast.configure(Object.fromEntries(apps.map(({ name, path }) => [name, { paths: [path] }])));
    const [seed, plain] = [
      await plainRestic(join(folder, "seed"), restic),
      await plainRestic(join(folder, "plain"), restic),
    ];
    const night = async (): Promise<number> => await holdfast.run("backup", "--scheduled");
    const seedNight = async (): Promise<number> => await wall(async () => await backUpAsSeed(seed, apps));
    const storing = async (): Promise<number> => await holdfast.run("backup", "--scheduled", "--no-retain");
    const plainStoring = async (): Promise<number> => await wall(async () => await backUpSideBySide(plain, apps));
    await Promise.all([night(), plainStoring()]);
    await seedNight();

    const changed: Times = { ours: [], theirs: [] };
    const unchanged: Times = { ours: [], theirs: [] };
    const stored: Times = { ours: [], theirs: [] };
    const processes: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}: one file changed in each app`);
      await change();
      const counted = async (): Promise<number> => {
        const took = await night();
        processes.push(await holdfast.resticProcesses());
        return took;
      };
      add(changed, await pair(round, counted, seedNight));
      say(`round ${round + 1} of ${rounds}: nothing changed`);
      add(unchanged, await pair(round, night, seedNight));
      say(`round ${round + 1} of ${rounds}: one file changed, without retention`);
      await change();
      add(stored, await pair(round, storing, plainStoring));
    }
    return [
      ratio("a night, one file changed in each app", 0.28, changed),
      ratio("its backup part, against restic four at a time", 1.1, stored),
      { name: "its restic processes", unit: "processes", limit: apps.length + 3, samples: processes },
      ratio("a night, nothing changed", 0.06, unchanged),
    ];
  },
};

interface App {
  name: string;
  path: string;
}

function backupArguments({ name, path }: App): string[] {
  return ["backup", "--host", hostname(), "--tag", `backup-set:${name}`, path];
}

/** Set after set, and everything cleaned up after each: what people's scripts do. */
async function backUpAsSeed(restic: PlainRestic, apps: readonly App[]): Promise<void> {
  for (const app of apps) {
    await restic.run(...backupArguments(app));
    await restic.run("forget", "--tag", `backup-set:${app.name}`, ...keepArguments, "--prune");
  }
}

async function backUpSideBySide(restic: PlainRestic, apps: readonly App[]): Promise<void> {
  const queue = new PQueue({ concurrency: atOnce });
  await Promise.all(apps.map((app) => queue.add(async () => await restic.run(...backupArguments(app)))));
}

function add(times: Times, { ours, theirs }: { ours: number; theirs: number }): void {
  times.ours.push(ours);
  times.theirs.push(theirs);
}
