import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import type { BackupReport } from "../../src/operations/backup/report.ts";
import type { RestoreReport } from "../../src/operations/restore/report.ts";
import type { RetainReport } from "../../src/operations/retain/report.ts";
import type { SnapshotRecord } from "../../src/domain/snapshot.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { binaries } from "../support/binaries.ts";
import { smallFileSystem } from "../support/folders.ts";
import { freePort } from "../support/free-port.ts";
import { describeNeeding } from "../support/needs.ts";
import { examine, expectNothingLeft, goodOf, recordsOf } from "./aftermath.ts";
import { locksIn, password, restic, snapshotsIn } from "./restic.ts";

const env = { REPOSITORY: password };

/** An app of one file. `far` is a second destination. */
function oneFile(far?: Record<string, unknown>) {
  const lab = homelab();
  const data = join(lab.folder, "srv");
  mkdirSync(data);
  writeFileSync(join(data, "file"), "first");
  const repository = join(lab.folder, "repository");
  const secret = { password: { env: "REPOSITORY" }, lock_wait: "2s" };
  lab.declare({
    destinations: {
      near: { type: "local", path: repository, ...secret },
      ...(far === undefined ? {} : { far: { ...far, ...secret } }),
    },
    policies: { default: { keep: { last: 1 } } },
    apps: { app: { paths: [data] } },
  });
  const change = (): void => writeFileSync(join(data, "file"), randomBytes(100));
  return { lab, data, repository, change };
}

function codesOf(report: BackupReport): string[] {
  return report.apps.flatMap((app) => app.problems.map(({ code }) => code));
}

/** What a person reads, without the line breaks of the terminal. */
async function read(lab: Homelab, args: string[], exit: number, vars: Record<string, string> = env): Promise<string> {
  const { code, stdout, stderr } = await lab.run(args, { env: vars });
  const text = (stdout + stderr).replaceAll(/\s+/g, " ");
  expect(code, text).toBe(exit);
  return text;
}

it("a wrong repository password fails the run, changes nothing there, and is not told", async () => {
  const { lab, repository, change } = oneFile();
  await lab.json(["backup"], 0, { env });
  change();
  const wrong = { REPOSITORY: "not-the-password-4711" };
  const text = await read(lab, ["backup"], 1, wrong);
  expect(text).toContain(`The password for near (${repository}) is wrong`);
  expect(text).not.toContain("4711");
  expect(recordsOf(lab).map(({ status }) => status)).toEqual(["success", "failed"]);
  expect(snapshotsIn(repository).length).toBe(1);
  expectNothingLeft(lab, [repository]);
  await lab.json(["backup"], 0, { env });
  expectNothingLeft(lab, [repository]);
});

it("a destination that cannot be reached fails by name; the other has the whole app", async () => {
  const { lab, repository, data } = oneFile({
    type: "sftp",
    host: "127.0.0.1",
    port: await freePort(),
    path: "/backups",
  });
  const text = await read(lab, ["backup"], 1);
  expect(text).toMatch(/The destination far .* cannot be reached: ssh: connect to host .*Connection refused/);
  expect(recordsOf(lab).map(({ destination, status, verdict }) => [destination, status, verdict])).toEqual(
    expect.arrayContaining([
      ["near", "success", "good"],
      ["far", "failed", null],
    ]),
  );
  const [good] = goodOf(lab);
  await examine(lab, repository, good ?? { restic_id: null }, (folder) => {
    expect(readFileSync(join(folder, data, "file"), "utf8")).toBe("first");
  });
  expectNothingLeft(lab, [repository]);
  await lab.json(["backup", "--destination", "near"], 0, { env });
});

it("a repository that vanished is not created anew", async () => {
  const { lab, repository } = oneFile();
  await lab.json(["backup"], 0, { env });
  execFileSync("mv", [repository, `${repository}-unplugged`]);
  const text = await read(lab, ["backup"], 1);
  expect(text).toContain("There is no repository at near");
  expect(text).toContain("mount or reconnect it");
  expect(existsSync(repository)).toBe(false);
  execFileSync("mv", [`${repository}-unplugged`, repository]);
  await lab.json(["backup"], 0, { env });
  expectNothingLeft(lab, [repository]);
});

it("waits for another program's lock, then says whose it is, with exit 4; its lock is left alone", async () => {
  const { lab, repository, change } = oneFile();
  await lab.json(["backup"], 0, { env });
  change();
  await lab.json(["backup", "--no-retain"], 0, { env });
  const foreign = await holdLock(repository);
  const held = locksIn(repository);
  const began = performance.now();
  const text = await read(lab, ["retain"], 4);
  expect(performance.now() - began).toBeGreaterThan(2000);
  expect(text).toContain(`The repository near is locked by process ${foreign.pid} on `);
  expect(locksIn(repository)).toEqual(held);
  expect(snapshotsIn(repository).length).toBe(2);
  // A backup needs no lock of its own: it goes on beside the other program.
  change();
  await lab.json(["backup", "--no-retain"], 0, { env });
  foreign.stdin?.end();
  await once(foreign, "close");
  await lab.json(["retain"], 0, { env });
  expectNothingLeft(lab, [repository]);
});

it("removes the lock of a restic that was killed on this machine, and goes on", async () => {
  const { lab, repository, change } = oneFile();
  await lab.json(["backup"], 0, { env });
  change();
  await lab.json(["backup", "--no-retain"], 0, { env });
  const killed = await holdLock(repository);
  killed.kill("SIGKILL");
  await once(killed, "close");
  expect(locksIn(repository).length).toBe(1);
  const { reports } = await lab.json<{ reports: RetainReport[] }>(["retain"], 0, { env });
  expect(reports[0]?.forgotten).toBe(1);
  expectNothingLeft(lab, [repository]);
});

/** A restic that is at work in a repository until its input ends. */
async function holdLock(repository: string): Promise<ChildProcess> {
  const child = spawn(binaries.restic.sid, ["-r", repository, "backup", "--stdin", "--quiet"], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], RESTIC_PASSWORD: password },
    stdio: ["pipe", "ignore", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.on("error", () => undefined);
  child.stdin.write("a first line");
  await vi.waitFor(() => expect(locksIn(repository).length).toBe(1), { timeout: 30_000 });
  return child;
}

it("learns of snapshots that were forgotten by hand, and restores what is there", async () => {
  const { lab, data, repository, change } = oneFile();
  await lab.json(["backup"], 0, { env });
  change();
  await lab.json(["backup", "--no-retain"], 0, { env });
  change();
  await lab.json(["backup", "--no-retain"], 0, { env });
  const content = readFileSync(join(data, "file"));
  const [first] = recordsOf(lab);
  restic(repository, ["forget", first?.restic_id ?? ""]);
  const { reports } = await lab.json<{ reports: RetainReport[] }>(["retain"], 0, { env });
  expect(reports[0]?.forgotten).toBe(1);
  const { snapshots } = await lab.json<{ snapshots: SnapshotRecord[] }>(["list", "app"], 0, { env });
  expect(snapshots.length).toBe(1);
  const target = join(lab.folder, "restored");
  await lab.json<RestoreReport>(["restore", "app", "--target", target], 0, { env });
  expect(readFileSync(join(target, data, "file")).equals(content)).toBe(true);
});

it("never forgets a pinned snapshot, and forgets it once it is unpinned", async () => {
  const { lab, repository, change } = oneFile();
  const first = await lab.json<BackupReport>(["backup"], 0, { env });
  const id = first.apps[0]?.stores[0]?.snapshotId ?? "";
  // A run that stores nothing points to the same snapshot.
  const same = await lab.json<BackupReport>(["backup", "--scheduled"], 0, { env });
  expect(same.apps[0]?.unchanged).toBe(true);
  await lab.json(["list", "--pin", id.slice(0, 8)]);
  for (let night = 0; night < 2; night += 1) {
    change();
    await lab.json(["backup"], 0, { env });
  }
  expect(snapshotsIn(repository).map((snapshot) => snapshot.id)).toContain(id);
  expect(snapshotsIn(repository).length).toBe(2);
  await lab.json(["list", "--unpin", id.slice(0, 8)]);
  await lab.json(["retain"], 0, { env });
  expect(snapshotsIn(repository).map((snapshot) => snapshot.id)).not.toContain(id);
});

describeNeeding("mounts")("a repository on a full file system", () => {
  it("fails the run and says so; the other destination has it all; with room again the next run is fine", async () => {
    const small = smallFileSystem(6 * 1024 * 1024);
    const { lab, data, repository } = oneFile({ type: "local", path: join(small, "repository") });
    await lab.json(["backup"], 0, { env });
    writeFileSync(join(data, "large"), randomBytes(20 * 1024 * 1024));
    const report = await lab.json<BackupReport>(["backup"], 1, { env });
    expect(codesOf(report)).toEqual(["HF_REPOSITORY_FULL"]);
    expect(
      recordsOf(lab)
        .map(({ status }) => status)
        .sort(),
    ).toEqual(["failed", "success", "success", "success"]);
    const text = await read(lab, ["backup"], 1);
    expect(text).toMatch(/The destination far .* is full: .*no space left on device/);
    execFileSync("mount", ["-o", "remount,size=200m", small]);
    const next = await lab.json<BackupReport>(["backup"], 0, { env });
    expect(next.outcome).toBe("success");
    for (const good of goodOf(lab).filter(({ destination }) => destination === "far")) {
      await examine(lab, join(small, "repository"), good);
    }
    expectNothingLeft(lab, [repository, join(small, "repository")]);
    expect(restic(join(small, "repository"), ["check"])).not.toContain("error");
  });
});
