import {
  chmodSync,
  lchownSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { execute } from "../process/execute.ts";
import { compareTrees, type CompareOptions, type DifferenceKind } from "./compare.ts";
import { systemPath } from "./names.ts";

const old = new Date("2020-01-01T00:00:00Z");

describe("compareTrees", () => {
  let folder: string;
  let source: string;
  let copy: string;

  const settle = (root: string): void => {
    for (const name of ["big", "small", "odd\udcff", "dir/inner", "dir", "."])
      utimesSync(systemPath(`${root}/${name}`), old, old);
    lutimesSync(join(root, "link"), old, old);
  };
  const differences = async (options?: CompareOptions): Promise<[string, DifferenceKind][]> =>
    (await compareTrees(source, copy, options)).differences.map(({ path, kind }) => [path.slice(source.length), kind]);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "holdfast-compare-"));
    source = join(folder, "source");
    copy = join(folder, "copy");
    mkdirSync(join(source, "dir"), { recursive: true });
    writeFileSync(join(source, "small"), "abc");
    writeFileSync(join(source, "big"), Buffer.alloc(3_000_000, "x"));
    writeFileSync(systemPath(join(source, "odd\udcff")), "odd");
    writeFileSync(join(source, "dir", "inner"), "");
    symlinkSync("small", join(source, "link"));
    settle(source);
    await execute({ argv: ["cp", "-a", source, copy], env: { PATH: process.env["PATH"] ?? "" } });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("finds nothing between a tree and its copy, and counts what it read", async () => {
    const result = await compareTrees(source, copy);
    expect(result).toEqual({ differences: [], changedSince: [], files: 4, bytes: 3_000_006 });
  });

  it("finds one changed byte at the end of a large file", async () => {
    const file = await open(join(copy, "big"), "r+");
    await file.write("y", 2_999_999);
    await file.close();
    settle(copy);
    expect(await differences()).toEqual([["/big", "content"]]);
  });

  it.each<[string, DifferenceKind, (root: string) => void]>([
    ["/small", "content", (root) => writeFileSync(join(root, "small"), "abd")],
    ["/small", "size", (root) => writeFileSync(join(root, "small"), "abcd")],
    ["/small", "mode", (root) => chmodSync(join(root, "small"), 0o711)],
    ["/dir", "mode", (root) => chmodSync(join(root, "dir"), 0o1777)],
    ["/link", "link target", (root) => (rmSync(join(root, "link")), symlinkSync("big", join(root, "link")))],
    ["/extra", "extra", (root) => writeFileSync(join(root, "extra"), "")],
  ])("finds %s: %s", async (path, kind, change) => {
    change(copy);
    settle(copy);
    expect(await differences()).toEqual([[path, kind]]);
  });

  it("finds a time that differs", async () => {
    utimesSync(join(copy, "small"), old, new Date(old.getTime() + 1));
    lutimesSync(join(copy, "link"), old, new Date(old.getTime() + 1));
    expect(await differences()).toEqual([
      ["/link", "mtime"],
      ["/small", "mtime"],
    ]);
  });

  it("finds a file that is missing, and one whose name differs in a byte that is no UTF-8", async () => {
    renameSync(systemPath(join(copy, "odd\udcff")), systemPath(join(copy, "odd\udcfe")));
    utimesSync(copy, old, old);
    expect(await differences()).toEqual([
      ["/odd\udcfe", "extra"],
      ["/odd\udcff", "missing"],
    ]);
  });

  it("finds another type", async () => {
    rmSync(join(copy, "dir", "inner"));
    symlinkSync("../small", join(copy, "dir", "inner"));
    utimesSync(join(copy, "dir"), old, old);
    expect(await differences()).toEqual([["/dir/inner", "type"]]);
  });

  it.runIf(process.getuid?.() === 0)("finds another owner, unless told not to look", async () => {
    lchownSync(join(copy, "link"), 1234, 1234);
    expect(await differences()).toEqual([["/link", "owner"]]);
    expect(await differences({ owners: false })).toEqual([]);
  });

  it("reports what changed on the expected side after the copy apart", async () => {
    const since = new Date();
    // Within the same tick of the kernel's clock nothing could be told apart.
    await expect
      .poll(() => {
        writeFileSync(join(folder, "tick"), "");
        return Date.now();
      })
      .toBeGreaterThan(since.getTime() + 20);
    writeFileSync(join(source, "small"), "new content");
    writeFileSync(join(source, "born"), "");
    rmSync(join(source, "dir", "inner"));
    writeFileSync(join(copy, "big"), "broken");
    const result = await compareTrees(source, copy, { since });
    expect(result.differences.map(({ path, kind }) => [path.slice(source.length), kind])).toEqual([
      ["/big", "size"],
      ["/big", "mtime"],
    ]);
    expect(result.changedSince.map((path) => path.slice(source.length))).toEqual([
      "/born",
      "/dir/inner",
      "/dir",
      "/small",
      "",
    ]);
  });

  it("leaves out what is excluded, and minds when it is there after all", async () => {
    const options: CompareOptions = { excluded: (path) => path === join(source, "dir") };
    expect(await differences(options)).toEqual([["/dir", "extra"]]);
    rmSync(join(copy, "dir"), { recursive: true });
    utimesSync(copy, old, old);
    expect(await differences(options)).toEqual([]);
  });

  it("reports a tree that is not there", async () => {
    expect((await compareTrees(source, join(folder, "nowhere"))).differences).toEqual([
      { path: source, kind: "missing" },
    ]);
    expect((await compareTrees(join(folder, "nowhere"), copy)).differences).toHaveLength(1);
  });

  it("compares a sparse file with a full one by what they hold", async () => {
    writeFileSync(join(source, "big"), "");
    truncateSync(join(source, "big"), 3_000_000);
    writeFileSync(join(copy, "big"), Buffer.alloc(3_000_000));
    settle(source);
    settle(copy);
    expect(await differences()).toEqual([]);
  });
});
