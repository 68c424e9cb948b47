import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { execute } from "../process/execute.ts";
import { systemPath } from "./names.ts";
import { fingerprintOf, walk, type Leave } from "./walk.ts";

const nothing: Leave = () => false;

describe("walk", () => {
  let folder: string;
  const at = (...parts: string[]): string => join(folder, ...parts);
  const print = async (roots = [folder], excluded = nothing): Promise<string> =>
    (await walk(roots, excluded)).fingerprint;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "holdfast-walk-"));
    mkdirSync(at("sub"));
    writeFileSync(at("a"), "four");
    writeFileSync(at("sub", "b"), "sixsix");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("counts files, their bytes and folders; each hard link by itself, links and other things not at all", async () => {
    linkSync(at("a"), at("hard"));
    symlinkSync("a", at("link"));
    await execute({ argv: ["mkfifo", at("fifo")], env: { PATH: process.env["PATH"] ?? "" } });
    expect(await walk([folder], nothing)).toMatchObject({ files: 3, bytes: 14, folders: 2, unreadable: [] });
  });

  it("gives the same fingerprint for the same tree, and another after every kind of change", async () => {
    const seen = new Set([await print()]);
    expect(seen.has(await print())).toBe(true);
    const changes = [
      () => writeFileSync(at("a"), "FOUR"),
      () => chmodSync(at("a"), 0o600),
      () => utimesSync(at("a"), 1, 1),
      () => writeFileSync(at("sub", "new"), ""),
      () => rmSync(at("sub", "new")),
      () => symlinkSync("a", at("link")),
      () => mkdirSync(at("sub", "empty")),
    ];
    for (const change of changes) {
      change();
      const fingerprint = await print();
      expect(seen.has(fingerprint)).toBe(false);
      seen.add(fingerprint);
    }
  });

  it("does not look at what is excluded, nor below it", async () => {
    const before = await print([folder], (path) => path === at("sub"));
    const asked: string[] = [];
    writeFileSync(at("sub", "more"), "x");
    const after = await print([folder], (path, isFolder) => {
      asked.push(`${path.slice(folder.length)} ${isFolder}`);
      return path === at("sub");
    });
    expect(after).toBe(before);
    expect(asked).toEqual(["/a false", "/sub true"]);
  });

  it("passes over sockets as restic does", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at("sub", "socket"), resolve));
    try {
      expect(await print()).toBe(await print([folder], (path) => path === at("sub", "socket")));
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("reports a root that is not there, and goes on", async () => {
    const found = await walk([at("gone"), at("sub")], nothing);
    expect(found).toMatchObject({
      files: 1,
      unreadable: [{ path: at("gone"), detail: expect.stringContaining("ENOENT") }],
    });
    expect(found.fingerprint).not.toBe(await print([at("sub")]));
  });

  it("visits a root below another one once, but also where an exclude hides it there", async () => {
    expect(await walk([folder, at("sub"), `${folder}/`], nothing)).toMatchObject({ files: 2, folders: 2 });
    expect(await walk([folder, at("sub")], (path) => path === at("sub"))).toMatchObject({ files: 2, folders: 2 });
  });

  it("keeps names apart that are not UTF-8", async () => {
    writeFileSync(systemPath(at("x\udcff")), "1");
    writeFileSync(systemPath(at("x\udcfe")), "2");
    writeFileSync(at("x\ufffd"), "3");
    const asked: string[] = [];
    const found = await walk([folder], (path) => {
      asked.push(path.slice(folder.length + 1));
      return false;
    });
    expect(found).toMatchObject({ files: 5, unreadable: [] });
    expect(asked).toEqual(["a", "sub", "sub/b", "x\ufffd", "x\udcfe", "x\udcff"]);
  });

  it("ends when it is cancelled", async () => {
    await expect(walk([folder], nothing, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });

  it("names the newest change", async () => {
    const begun = Date.now();
    writeFileSync(at("sub", "late"), "");
    const { newestChangeMs } = await walk([folder], nothing);
    // The kernel's clock for files ticks a few milliseconds behind.
    expect(newestChangeMs).toBeGreaterThanOrEqual(begun - 20);
  });
});

describe("fingerprintOf", () => {
  const base = { roots: ["/a", "/b"], excludes: ["*.log", "!x.log"], tags: ["t", "u"], walked: { fingerprint: "f" } };

  it("changes with paths, excludes, tags and files", () => {
    const all = [
      base,
      { ...base, roots: ["/a"] },
      { ...base, excludes: ["*.log"] },
      { ...base, excludes: base.excludes.toReversed() },
      { ...base, tags: ["t"] },
      { ...base, walked: { fingerprint: "g" } },
      { ...base, roots: ["/a"], excludes: ["/b", ...base.excludes] },
    ];
    expect(new Set(all.map(fingerprintOf)).size).toBe(all.length);
  });

  it("does not mind the order of paths and tags", () => {
    const turned = { ...base, roots: base.roots.toReversed(), tags: base.tags.toReversed() };
    expect(fingerprintOf(turned)).toBe(fingerprintOf(base));
  });
});
