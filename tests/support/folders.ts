import { spawnSync } from "node:child_process";
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, onTestFinished } from "vitest";

/** A folder for the running test; it is gone when the test has ended, also when it failed. */
export function testFolder(): string {
  const folder = temporaryFolder();
  onTestFinished(() => removeFolder(folder));
  return folder;
}

/** A folder for all tests of a file or a `describe`; call the result inside a test or hook to get its path. */
export function suiteFolder(): () => string {
  let folder: string | undefined;
  beforeAll(() => {
    folder = temporaryFolder();
  });
  afterAll(() => {
    if (folder !== undefined) removeFolder(folder);
  });
  return () => {
    if (folder === undefined) throw new Error("The folder of a suite exists only while its tests and hooks run.");
    return folder;
  };
}

/** A file system of its own with room for `sizeBytes`, mounted for the running test. Needs "mounts". */
export function smallFileSystem(sizeBytes: number): string {
  const folder = temporaryFolder();
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${sizeBytes}`, "holdfast-test", folder], {
    encoding: "utf8",
  });
  if (mounted.status !== 0) throw new Error(`mount failed: ${mounted.stderr}`);
  onTestFinished(() => {
    // Lazily: a process that a failed test left behind must not keep the mount.
    const unmounted = spawnSync("umount", ["--lazy", folder], { encoding: "utf8" });
    if (unmounted.status !== 0) throw new Error(`umount failed: ${unmounted.stderr}`);
    removeFolder(folder);
  });
  return folder;
}

/** For what is not a test: the caller removes it with `removeFolder`. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "holdfast-test-"));
}

export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    // A test may have left folders without the right to enter them.
    if (!(error instanceof Error && "code" in error && ["EACCES", "EPERM"].includes(String(error.code)))) throw error;
    openUp(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

function openUp(folder: string): void {
  chmodSync(folder, 0o700);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (lstatSync(path).isDirectory()) openUp(path);
  }
}
