import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { swapIn } from "./swap.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-swap-"));
  for (const name of ["a.db", "a.db-wal", "a.db-shm", "fresh"]) await writeFile(join(folder, name), name);
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);

test("the fresh file takes the place of the old one and its companions", async () => {
  await swapIn(at("fresh"), at("a.db"), at("aside"));
  expect(await readdir(folder)).toEqual(["a.db"]);
  expect(await readFile(at("a.db"), "utf8")).toBe("fresh");
});

test("the old files are back when a companion cannot be moved", async () => {
  await mkdir(at("aside-wal"));
  await expect(swapIn(at("fresh"), at("a.db"), at("aside"))).rejects.toThrow("EISDIR");
  expect((await readdir(folder)).sort()).toEqual(["a.db", "a.db-shm", "a.db-wal", "aside-wal", "fresh"]);
  expect(await readFile(at("a.db"), "utf8")).toBe("a.db");
});

test("the old files are back when the fresh one is gone", async () => {
  await rm(at("fresh"));
  await expect(swapIn(at("fresh"), at("a.db"), at("aside"))).rejects.toThrow("ENOENT");
  expect((await readdir(folder)).sort()).toEqual(["a.db", "a.db-shm", "a.db-wal"]);
});
