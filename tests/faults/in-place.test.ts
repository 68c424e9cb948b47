import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import type { RestoreReport } from "../../src/operations/restore/report.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { smallFileSystem } from "../support/folders.ts";
import { startHoldfast } from "../support/holdfast.ts";
import { describeNeeding } from "../support/needs.ts";
import { duties, expectNothingLeft } from "./aftermath.ts";
import { interruptRestores } from "./interrupted-restore.ts";
import { password } from "./restic.ts";

const env = { REPOSITORY: password };
const inPlace = ["restore", "app", "--in-place", "--yes"];

function labWith(app: Record<string, unknown>): { lab: Homelab; repository: string } {
  const lab = homelab();
  const repository = join(lab.folder, "repository");
  lab.declare({
    destinations: { near: { type: "local", path: repository, password: { env: "REPOSITORY" } } },
    apps: { app },
  });
  return { lab, repository };
}

it("a restore in place that is killed leaves the old or the new, whole, after the next command", async () => {
  expect.hasAssertions();
  await interruptRestores(6);
});

it("a restore in place keeps what was left out of the backup", async () => {
  const lab = homelab();
  const data = join(lab.folder, "srv");
  mkdirSync(join(data, "thumbs", "deep"), { recursive: true });
  mkdirSync(join(data, "cache"));
  writeFileSync(join(data, "photo"), "photo");
  writeFileSync(join(data, "thumbs", "deep", "a.tmp"), "never captured");
  writeFileSync(join(data, "thumbs", "kept"), "kept");
  writeFileSync(join(data, "cache", "b"), "never captured either");
  lab.declare({ apps: { app: { paths: [data], exclude: ["**/cache", "*.tmp"] } } });
  await lab.json(["backup"]);
  writeFileSync(join(data, "photo"), "spoilt");
  writeFileSync(join(data, "later"), "came later");
  writeFileSync(join(data, "thumbs", "deep", "a.tmp"), "changed since");

  const report = await lab.json<RestoreReport>(inPlace);
  expect(report.outcome).toBe("success");
  expect(readFileSync(join(data, "photo"), "utf8")).toBe("photo");
  expect(readFileSync(join(data, "thumbs", "kept"), "utf8")).toBe("kept");
  expect(readFileSync(join(data, "thumbs", "deep", "a.tmp"), "utf8")).toBe("changed since");
  expect(readFileSync(join(data, "cache", "b"), "utf8")).toBe("never captured either");
  expect(existsSync(join(data, "later"))).toBe(false);
  expectNothingLeft(lab, []);
});

it("a restore in place that fails leaves everything as it was", async () => {
  const lab = homelab();
  const data = join(lab.folder, "srv");
  mkdirSync(data);
  writeFileSync(join(data, "photo"), "photo");
  lab.declare({ apps: { app: { paths: [data] } } });
  await lab.json(["backup"]);
  writeFileSync(join(data, "photo"), "newer");
  // The data of the snapshot is gone, its metadata is there.
  execFileSync("find", [join(lab.home, "repository", "data"), "-type", "f", "-size", "-1k", "-delete"]);
  rmSync(join(lab.home, "repository", "data"), { recursive: true });
  const { code } = await lab.run(inPlace);
  expect(code).toBe(1);
  expect(readFileSync(join(data, "photo"), "utf8")).toBe("newer");
  expectNothingLeft(lab, []);
});

describeNeeding("mounts")("a restore in place, where file systems are mounted", () => {
  /** So many renames that one can be killed in the middle of them. */
  const many = 12_000;

  it("exchanges what is in a mount point, and undoes half an exchange after kill -9", async () => {
    const data = smallFileSystem(128 * 1024 * 1024);
    for (let file = 0; file < many; file += 1) writeFileSync(join(data, `file ${file}`), `stored ${file}`);
    const { lab, repository } = labWith({ paths: [data] });
    await lab.json(["backup"], 0, { env });
    for (let file = 0; file < many; file += 1) writeFileSync(join(data, `file ${file}`), `live ${file}`);
    writeFileSync(join(data, "later"), "came later");

    const running = startHoldfast(inPlace, { home: lab.home, cwd: lab.folder, env });
    await vi.waitFor(() => expect(moved(data)).toBeGreaterThan(500), { timeout: 60_000, interval: 2 });
    running.kill("SIGKILL");
    expect((await running.ended).signal).toBe("SIGKILL");
    expect(duties(lab)).toContain("put-back");
    expect(moved(data)).toBeLessThan(many);

    await lab.json(["settle"], 0, { env });
    expect(readdirSync(data).length).toBe(many + 1);
    expect(wrong(data, "live")).toEqual([]);
    expect(readFileSync(join(data, "later"), "utf8")).toBe("came later");
    expectNothingLeft(lab, [repository]);

    await lab.json(inPlace, 0, { env });
    expect(readdirSync(data).length).toBe(many);
    expect(wrong(data, "stored")).toEqual([]);
    expectNothingLeft(lab, [repository]);
  });

  function moved(data: string): number {
    const work = readdirSync(data).find((name) => name.startsWith(".holdfast-restore-"));
    return work === undefined ? 0 : readdirSync(join(data, work, "old")).length;
  }

  function wrong(data: string, word: string): number[] {
    return Array.from({ length: many }, (_, file) => file).filter(
      (file) => readFileSync(join(data, `file ${file}`), "utf8") !== `${word} ${file}`,
    );
  }

  it("refuses when something is mounted below the app's path", async () => {
    const lab = homelab();
    const data = join(lab.folder, "srv");
    mkdirSync(join(data, "disk"), { recursive: true });
    writeFileSync(join(data, "photo"), "photo");
    lab.declare({ apps: { app: { paths: [data] } } });
    await lab.json(["backup"]);
    writeFileSync(join(data, "photo"), "newer");
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "holdfast-test", join(data, "disk")]);
    // Not there any more when the test went well.
    onTestFinished(() => void spawnSync("umount", [join(data, "disk")]));
    writeFileSync(join(data, "disk", "precious"), "precious");
    const { code, stdout, stderr } = await lab.run(inPlace);
    expect(code).toBe(1);
    expect((stdout + stderr).replaceAll(/\s+/g, " ")).toContain("another file system is mounted at");
    expect(readFileSync(join(data, "disk", "precious"), "utf8")).toBe("precious");
    expect(readFileSync(join(data, "photo"), "utf8")).toBe("newer");
    execFileSync("umount", [join(data, "disk")]);
    await lab.json(inPlace);
    expect(readFileSync(join(data, "photo"), "utf8")).toBe("photo");
    expectNothingLeft(lab, []);
  });
});
