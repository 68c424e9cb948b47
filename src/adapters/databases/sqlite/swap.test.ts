import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DatabaseContext, FileExchange } from "../../../domain/database.ts";
import { swapIn } from "./swap.ts";

let folder: string;
beforeEach(async () => {
  owed = [];
  folder = await mkdtemp(join(tmpdir(), "holdfast-swap-"));
  for (const name of ["a.db", "a.db-wal", "a.db-shm", "fresh"]) await writeFile(join(folder, name), name);
});
afterEach(() => rm(folder, { recursive: true }));

/** What was owed, in order; settled ones are marked. */
let owed: { moves: FileExchange[]; settled: boolean }[] = [];
const owe: DatabaseContext["owe"] = async (moves) => {
  const one = { moves, settled: false };
  owed.push(one);
  return async () => {
    one.settled = true;
  };
};

const at = (name: string): string => join(folder, name);

test("the fresh file takes the place of the old one and its companions", async () => {
  await swapIn(at("fresh"), at("a.db"), at("aside"), owe);
  expect(await readdir(folder)).toEqual(["a.db"]);
  expect(await readFile(at("a.db"), "utf8")).toBe("fresh");
});

test("the old files are back when a companion cannot be moved", async () => {
  await mkdir(at("aside-wal"));
  await expect(swapIn(at("fresh"), at("a.db"), at("aside"), owe)).rejects.toThrow("EISDIR");
  expect((await readdir(folder)).sort()).toEqual(["a.db", "a.db-shm", "a.db-wal", "aside-wal", "fresh"]);
  expect(await readFile(at("a.db"), "utf8")).toBe("a.db");
});

test("the old files are back when the fresh one is gone", async () => {
  await rm(at("fresh"));
  await expect(swapIn(at("fresh"), at("a.db"), at("aside"), owe)).rejects.toThrow("ENOENT");
  expect((await readdir(folder)).sort()).toEqual(["a.db", "a.db-shm", "a.db-wal"]);
});

test("the way back is owed before anything moves, and settled at the end", async () => {
  const before: string[] = [];
  await swapIn(at("fresh"), at("a.db"), at("aside"), async (moves) => {
    before.push(...(await readdir(folder)));
    return await owe(moves);
  });
  expect(before.sort()).toEqual(["a.db", "a.db-shm", "a.db-wal", "fresh"]);
  expect(owed.map(({ settled }) => settled)).toEqual([true]);
  expect(owed[0]?.moves.map(({ path, replaces, brings }) => [path, replaces, brings])).toEqual([
    [at("a.db"), true, true],
    [at("a.db-wal"), true, false],
    [at("a.db-shm"), true, false],
  ]);
});
