import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { compareTrees } from "../../src/base/files/compare.ts";
import type { BackupReport } from "../../src/operations/backup/report.ts";
import type { RestoreReport } from "../../src/operations/restore/report.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { examine, expectNothingLeft, goodOf, recordsOf } from "./aftermath.ts";
import { manyFiles, sparseFile } from "./large-sources.ts";
import { password, restic, snapshotsIn } from "./restic.ts";
import { withoutPrivileges } from "./without-privileges.ts";

const env = { REPOSITORY: password };

function labOf(paths: (folder: string) => string[], keep: object = { last: 1 }) {
  const lab = homelab();
  const repository = join(lab.folder, "repository");
  lab.declare({
    destinations: { near: { type: "local", path: repository, password: { env: "REPOSITORY" } } },
    policies: { default: { keep } },
    apps: { app: { paths: paths(lab.folder) } },
  });
  return { lab, repository, data: join(lab.folder, "srv") };
}

async function read(lab: Homelab, args: string[], exit: number, program?: string): Promise<string> {
  const { code, stdout, stderr } = await lab.run(args, { env, ...(program === undefined ? {} : { program }) });
  const text = (stdout + stderr).replaceAll(/\s+/g, " ");
  expect(code, text).toBe(exit);
  return text;
}

function codesOf(report: BackupReport): string[] {
  return report.apps.flatMap((app) => app.problems.map(({ code }) => code));
}

it("a file that cannot be read is a warning; the rest is stored, and not called whole", async () => {
  const { lab, repository, data } = labOf((folder) => [join(folder, "srv")]);
  mkdirSync(data);
  writeFileSync(join(data, "open"), "open");
  writeFileSync(join(data, "secret"), "secret");
  chmodSync(join(data, "secret"), 0o000);
  const program = withoutPrivileges(lab.folder);
  const text = await read(lab, ["backup"], 3, program);
  expect(text).toMatch(/1 file\(s\) could not be read, among them .*srv\/secret: .*permission denied/);
  expect(text).toContain("The rest is stored");
  expect(recordsOf(lab).map(({ status, verdict }) => [status, verdict])).toEqual([["success", "partial"]]);
  const [stored] = snapshotsIn(repository);
  expect(restic(repository, ["dump", "--no-lock", stored?.id ?? "", join(data, "open")])).toBe("open");
  expectNothingLeft(lab, [repository]);
  chmodSync(join(data, "secret"), 0o600);
  await read(lab, ["backup"], 0, program);
  expect(goodOf(lab).length).toBe(1);
  expectNothingLeft(lab, [repository]);
});

it("a path that is missing fails the run by name; the rest is stored as partial", async () => {
  const { lab, repository, data } = labOf((folder) => [join(folder, "srv"), join(folder, "unplugged")]);
  mkdirSync(data);
  writeFileSync(join(data, "file"), "here");
  const text = await read(lab, ["backup"], 1);
  expect(text).toMatch(/unplugged of app does not exist\. .*disk not mounted/);
  expect(recordsOf(lab).map(({ status, verdict }) => [status, verdict])).toEqual([["success", "partial"]]);
  expect(snapshotsIn(repository)[0]?.tags).toContain("partial");
  expectNothingLeft(lab, [repository]);
  mkdirSync(join(lab.folder, "unplugged"));
  await read(lab, ["backup"], 0);
  const [good] = goodOf(lab);
  await examine(lab, repository, good ?? { restic_id: null });
});

it("when everything is missing nothing is stored, and what was stored stays", async () => {
  const { lab, repository, data } = labOf((folder) => [join(folder, "srv")]);
  mkdirSync(data);
  writeFileSync(join(data, "file"), "here");
  await read(lab, ["backup"], 0);
  rmSync(data, { recursive: true });
  const text = await read(lab, ["backup"], 1);
  expect(text).toContain("app has nothing to back up");
  expect(snapshotsIn(repository).length).toBe(1);
  await lab.json<RestoreReport>(["restore", "app", "--in-place", "--yes"], 0, { env });
  expect(readFileSync(join(data, "file"), "utf8")).toBe("here");
  await read(lab, ["backup"], 0);
  expectNothingLeft(lab, [repository]);
});

it("a source that collapsed is stored as suspect, costs no good snapshot, and counts once it is accepted", async () => {
  const { lab, repository, data } = labOf((folder) => [join(folder, "srv")]);
  mkdirSync(data);
  for (let file = 0; file < 10; file += 1) writeFileSync(join(data, `${file}`), "x".repeat(1000));
  await read(lab, ["backup"], 0);
  const [good] = goodOf(lab);
  for (let file = 0; file < 8; file += 1) rmSync(join(data, `${file}`));
  for (let night = 0; night < 3; night += 1) {
    const text = await read(lab, ["backup"], 3);
    expect(text).toMatch(/app has shrunk from 10 files.* to 2 files/);
    expect(text).toContain("list --accept");
  }
  expect(snapshotsIn(repository).length).toBe(4);
  expect(snapshotsIn(repository).filter(({ tags }) => tags.includes("suspect")).length).toBe(3);
  expect(goodOf(lab)).toEqual([good]);
  // A restore takes the newest good one, not the newest.
  const target = join(lab.folder, "restored");
  const restored = await lab.json<RestoreReport>(["restore", "app", "--target", target], 0, { env });
  expect(restored.snapshotId).toBe(good?.restic_id);

  const newest = recordsOf(lab).at(-1)?.restic_id ?? "";
  await read(lab, ["list", "--accept", newest.slice(0, 8)], 0);
  await read(lab, ["backup"], 0);
  expect(snapshotsIn(repository).map(({ id }) => id)).not.toContain(good?.restic_id);
  expectNothingLeft(lab, [repository]);
});

it("keeps names with newlines, quotes, leading dashes, patterns and invalid UTF-8", async () => {
  const { lab, repository, data } = labOf((folder) => [join(folder, "srv")]);
  mkdirSync(data);
  const names = [
    "line\nend",
    "tab\there",
    `'single' "double"`,
    "-rf",
    "--exclude=x",
    "*",
    "[a-z]?",
    "back\\slash",
    "$HOME",
  ];
  const bytes = [
    ...[" leading", "trailing ", "emoji 🦊", "#hash", "!not", "{a,b}", "%s"].map((name) => Buffer.from(name)),
  ];
  const odd = [...names.map((name) => Buffer.from(name)), ...bytes, Buffer.from([0x62, 0xff, 0xfe, 0x0a, 0x80])];
  for (const name of odd) {
    writeFileSync(Buffer.concat([Buffer.from(`${data}/`), name]), name);
    const folder = Buffer.concat([Buffer.from(`${data}/folder `), name]);
    mkdirSync(folder);
    writeFileSync(Buffer.concat([folder, Buffer.from("/"), name]), "deep");
  }
  const report = await lab.json<BackupReport>(["backup"], 0, { env });
  expect(codesOf(report)).toEqual([]);
  expect(report.apps[0]?.files.count).toBe(odd.length * 2);
  const target = join(lab.folder, "restored");
  const restored = await lab.json<RestoreReport>(["restore", "app", "--target", target], 0, { env });
  expect(restored.outcome).toBe("success");
  expect((await compareTrees(data, join(target, data))).differences).toEqual([]);
  await lab.json<RestoreReport>(["restore", "app", "--in-place", "--yes"], 0, { env });
  expect((await compareTrees(join(target, data), data)).differences).toEqual([]);
  expectNothingLeft(lab, [repository]);
});

it("a sparse file comes back sparse", async () => {
  expect.hasAssertions();
  await sparseFile(1);
});

it("many small files come back", async () => {
  expect.hasAssertions();
  await manyFiles(5000);
});
