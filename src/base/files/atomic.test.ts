import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isFailure } from "../errors/error.ts";
import { freeBytes, privateFolder, writeAtomically } from "./atomic.ts";

const modeOf = (path: string): number => lstatSync(path).mode & 0o777;

describe("files written for keeps", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "holdfast-atomic-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("replaces the content with the mode asked for, and leaves nothing beside it", async () => {
    const path = join(folder, "state");
    writeFileSync(path, "old");
    chmodSync(path, 0o644);
    await writeAtomically(path, "new", { mode: 0o600 });
    expect([readFileSync(path, "utf8"), modeOf(path), readdirSync(folder)]).toEqual(["new", 0o600, ["state"]]);
  });

  it("leaves the old one and no remains when it cannot be replaced", async () => {
    const path = join(folder, "state");
    mkdirSync(join(path, "occupied"), { recursive: true });
    await expect(writeAtomically(path, "new", { mode: 0o600 })).rejects.toThrow(/EISDIR|ENOTEMPTY/);
    expect(readdirSync(folder)).toEqual(["state"]);
  });

  it("makes a private folder, and narrows one that is open to others", async () => {
    const path = join(folder, "deep", "home");
    await privateFolder(path);
    expect(modeOf(path)).toBe(0o700);
    chmodSync(path, 0o755);
    await privateFolder(path);
    expect(modeOf(path)).toBe(0o700);
  });

  it("refuses a private folder that is a link or a file", async () => {
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync("elsewhere", join(folder, "link"));
    writeFileSync(join(folder, "file"), "");
    for (const name of ["link", "file"]) {
      const error: unknown = await privateFolder(join(folder, name)).catch((thrown: unknown) => thrown);
      expect(isFailure(error, "HF_HOME_UNUSABLE")).toBe(true);
    }
  });

  it("knows the free space", async () => {
    expect(await freeBytes(folder)).toBeGreaterThan(0);
  });
});
