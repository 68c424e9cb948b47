import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { compareTrees } from "../../src/base/files/compare.ts";
import type { BackupReport } from "../../src/operations/backup/report.ts";
import type { RestoreReport } from "../../src/operations/restore/report.ts";
import { homelab } from "../engine/homelab.ts";
import { expectNothingLeft } from "./aftermath.ts";

const gigabyte = 1024 ** 3;

/** A file of so many gigabytes that holds next to nothing: backed up, restored both ways, and sparse again. */
export async function sparseFile(gigabytes: number): Promise<void> {
  const lab = homelab();
  const data = join(lab.folder, "srv");
  mkdirSync(data);
  const path = join(data, "disk.img");
  const size = gigabytes * gigabyte;
  const island = Buffer.from("an island of data");
  const at = Math.floor(size / 2);
  const file = openSync(path, "w");
  ftruncateSync(file, size);
  writeSync(file, island, 0, island.length, at);
  closeSync(file);
  lab.declare({ apps: { app: { paths: [data] } } });
  const backup = await lab.json<BackupReport>(["backup"]);
  expect(backup.apps[0]?.files.bytes).toBe(size);
  const target = join(lab.folder, "restored");
  const restored = await lab.json<RestoreReport>(["restore", "app", "--target", target]);
  expectSparse(join(target, path));
  const inPlace = await lab.json<RestoreReport>(["restore", "app", "--in-place", "--yes"]);
  expectSparse(path);
  expectNothingLeft(lab, []);
  const seconds = [backup, restored, inPlace].map(({ durationMs }) => (durationMs / 1000).toFixed(1));
  console.log(`sparse ${gigabytes} GB: backup ${seconds[0]} s, restore ${seconds[1]} s, in place ${seconds[2]} s`);

  function expectSparse(found: string): void {
    const stats = statSync(found);
    expect(stats.size).toBe(size);
    expect(stats.blocks * 512).toBeLessThan(16 * 1024 * 1024);
    const read = Buffer.alloc(island.length);
    const handle = openSync(found, "r");
    readSync(handle, read, 0, read.length, at);
    closeSync(handle);
    expect(read.equals(island)).toBe(true);
  }
}

/** So many small files: backed up, found unchanged, restored and compared. */
export async function manyFiles(count: number): Promise<void> {
  const lab = homelab();
  const data = join(lab.folder, "srv");
  for (let file = 0; file < count; file += 1) {
    const folder = join(data, `${file % 100}`, `${Math.floor(file / 100) % 10}`);
    if (file < 1000) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file ${file}`), `content of ${file}`);
  }
  lab.declare({ apps: { app: { paths: [data] } } });
  const backup = await lab.json<BackupReport>(["backup"]);
  expect(backup.apps[0]?.files.count).toBe(count);
  const again = await lab.json<BackupReport>(["backup", "--scheduled"]);
  expect(again.apps[0]?.unchanged).toBe(true);
  const target = join(lab.folder, "restored");
  const restored = await lab.json<RestoreReport>(["restore", "app", "--target", target]);
  expect((await compareTrees(data, join(target, data))).differences).toEqual([]);
  const seconds = [backup, again, restored].map(({ durationMs }) => (durationMs / 1000).toFixed(1));
  console.log(`${count} files: backup ${seconds[0]} s, nothing changed ${seconds[1]} s, restore ${seconds[2]} s`);
}
