import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { BackupReport } from "../../src/operations/backup/report.ts";
import type { RetainReport } from "../../src/operations/retain/report.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { startHoldfast } from "../support/holdfast.ts";
import { servers } from "../support/servers.ts";
import { duties, expectNothingLeft, goodOf, processesOf, recordsOf } from "./aftermath.ts";
import { password, snapshotsIn } from "./restic.ts";
import { postgresOf, temporaryDatabase } from "./whole-app.ts";

const env = { REPOSITORY: password };

/** An app of ten files in one repository, of which one snapshot is to stay. */
function tenFiles(more: Record<string, unknown> = {}) {
  const lab = homelab();
  const data = join(lab.folder, "srv");
  mkdirSync(data);
  for (let file = 0; file < 10; file += 1) writeFileSync(join(data, `${file}`), `${file}`.repeat(1000));
  const repository = join(lab.folder, "repository");
  lab.declare({
    destinations: { near: { type: "local", path: repository, password: { env: "REPOSITORY" } } },
    policies: { default: { keep: { last: 1 } } },
    apps: { app: { paths: [data], ...more } },
  });
  let changes = 0;
  const change = (): void => writeFileSync(join(data, "0"), `${(changes += 1)}`.repeat(1000));
  return { lab, data, repository, change };
}

/** Hooks that stop and start a pretended app; the one before waits until it is let go. */
function gate(folder: string) {
  const [stopped, go] = [join(folder, "stopped"), join(folder, "go")];
  return {
    hooks: {
      before: [`touch '${stopped}'; until [ -e '${go}' ]; do sleep 0.05; done`],
      after: [["rm", "-f", stopped]],
    },
    isStopped: () => existsSync(stopped),
    letGo: () => writeFileSync(go, ""),
    async reached() {
      await vi.waitFor(() => expect(existsSync(stopped)).toBe(true), { timeout: 30_000 });
    },
  };
}

function withGate() {
  const made = tenFiles();
  const held = gate(made.lab.folder);
  const { data, repository, lab } = made;
  lab.declare({
    destinations: { near: { type: "local", path: repository, password: { env: "REPOSITORY" } } },
    policies: { default: { keep: { last: 1 } } },
    apps: { app: { paths: [data], hooks: held.hooks } },
  });
  return { ...made, held };
}

function start(lab: Homelab, args: string[]) {
  return startHoldfast(args, { home: lab.home, cwd: lab.folder, env });
}

it("a second backup of an app follows the first, or says that it is busy; nobody meddles with the first", async () => {
  const { lab, repository, held } = withGate();
  const first = start(lab, ["backup", "--json"]);
  await held.reached();

  const busy = await lab.run(["backup", "--no-wait"], { env });
  expect(busy.code).toBe(4);
  expect((busy.stdout + busy.stderr).replaceAll(/\s+/g, " ")).toMatch(
    /app has a run already .*without --no-wait follows/,
  );
  await lab.json(["settle"], 0, { env });
  expect(held.isStopped()).toBe(true);

  const second = start(lab, ["backup", "--json", "--progress"]);
  // It tells the events of the run that it follows.
  await second.says(/"before"/);
  held.letGo();
  const [one, other] = await Promise.all([first.ended, second.ended]);
  expect([one.code, other.code], one.stdout + other.stdout).toEqual([0, 0]);
  const [leader, follower] = [one, other].map(({ stdout }) => {
    const report = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as BackupReport;
    return report.apps[0];
  });
  expect([leader?.followed, follower?.followed]).toEqual([false, true]);
  expect(follower?.runId).toBe(leader?.runId);
  expect(goodOf(lab).length).toBe(1);
  expectNothingLeft(lab, [repository]);
});

it("a backup that is killed while its app is stopped: reading commands tell, the next acting one starts the app", async () => {
  const { lab, repository, held } = withGate();
  const killed = start(lab, ["backup"]);
  await held.reached();
  killed.kill("SIGKILL");
  expect((await killed.ended).signal).toBe("SIGKILL");
  expect(duties(lab)).toContain("hooks");

  const status = await lab.run(["status"], { env });
  expect(status.stdout.replaceAll(/\s+/g, " ")).toContain("run the after-hooks of app");
  expect(held.isStopped()).toBe(true);

  await lab.json(["retain"], 0, { env });
  expect(held.isStopped()).toBe(false);
  held.letGo();
  await lab.json(["backup"], 0, { env });
  expect(recordsOf(lab).map(({ status }) => status)).toEqual(["failed", "success"]);
  expectNothingLeft(lab, [repository]);
});

it("a hook that is killed fails the run by name, and the app is started again", async () => {
  const { lab, repository, held } = withGate();
  const running = start(lab, ["backup"]);
  await held.reached();
  const pid = await vi.waitFor(() => pidOfHook(lab));
  process.kill(-pid, "SIGKILL");
  const { code, stdout, stderr } = await running.ended;
  expect(code).toBe(1);
  expect((stdout + stderr).replaceAll(/\s+/g, " ")).toMatch(/The hook .* of app failed \(SIGKILL\)/);
  expect(held.isStopped()).toBe(false);
  expect(goodOf(lab)).toEqual([]);
  held.letGo();
  await lab.json(["backup"], 0, { env });
  expectNothingLeft(lab, [repository]);
});

/** The hook is run by a shell that leads a process group of its own. */
function pidOfHook(lab: Homelab): number {
  const found = readdirSync("/proc").find((pid) => processesOf(lab, [pid])[0]?.startsWith("sh -c"));
  if (found === undefined) throw new Error("no hook yet");
  return Number(found);
}

it("bad nights cost no good snapshot, whatever goes wrong in them", async () => {
  const database = await temporaryDatabase("CREATE TABLE t (v int); INSERT INTO t VALUES (1)");
  const { lab, data, repository, change } = tenFiles({ databases: [postgresOf(database)] });
  const right = { ...env, PG: servers().postgres.password };
  const night = async (exit: number, vars = right): Promise<string[]> => {
    change();
    await lab.json(["backup"], exit, { env: vars });
    expectNothingLeft(lab, [repository]);
    return snapshotsIn(repository).map(({ id }) => id);
  };
  const [good = ""] = await night(0);
  // The database refuses us.
  expect(await night(1, { ...right, PG: "wrong" })).toContain(good);
  // Most of the files are gone.
  for (let file = 2; file < 10; file += 1) rmSync(join(data, `${file}`));
  expect(await night(3)).toContain(good);
  // The repository refuses us.
  await lab.json(["backup"], 1, { env: { ...right, REPOSITORY: "wrong" } });
  // A person thins by hand, on top of it all.
  const { reports } = await lab.json<{ reports: RetainReport[] }>(["retain"], 0, { env: right });
  expect(reports[0]?.forgotten).toBe(0);
  for (let file = 2; file < 10; file += 1) writeFileSync(join(data, `${file}`), `${file}`.repeat(1000));
  // Killed at its beginning.
  const killed = startHoldfast(["backup"], { home: lab.home, cwd: lab.folder, env: right });
  await vi.waitFor(() => expect(recordsOf(lab).some(({ status }) => status === "in_progress")).toBe(true), {
    timeout: 30_000,
    interval: 5,
  });
  killed.kill("SIGKILL");
  await killed.ended;
  await lab.json(["settle"], 0, { env: right });
  expect(snapshotsIn(repository).map(({ id }) => id)).toContain(good);
  expect(goodOf(lab).map((row) => row.restic_id)).toEqual([good]);
  // A good night at last: the old ones may go.
  const left = await night(0);
  expect(left).not.toContain(good);
  expect(left).toContain(goodOf(lab)[0]?.restic_id);
});

const faketime = readdirSync("/usr/lib")
  .map((folder) => join("/usr/lib", folder, "faketime", "libfaketime.so.1"))
  .find((path) => existsSync(path));
const lacks = faketime === undefined ? { skippedBecause: "needs libfaketime" } : {};

(faketime === undefined ? describe.skip : describe)("a clock that was set back", { meta: lacks }, () => {
  it("is told, and nothing is forgotten until it is right again", async () => {
    const { lab, repository, change } = tenFiles();
    await lab.json(["backup"], 0, { env });
    change();
    await lab.json(["backup", "--no-retain"], 0, { env });
    // restic keeps the true time: what is set back is the clock by which Holdfast decides.
    const back = {
      ...env,
      LD_PRELOAD: faketime ?? "",
      FAKETIME: "-3d",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
    };
    change();
    const report = await lab.json<BackupReport>(["backup"], 3, { env: back });
    expect(report.apps[0]?.problems.map(({ code }) => code)).toEqual(["HF_CLOCK_BACK"]);
    expect(snapshotsIn(repository).length).toBe(3);
    const { stdout, stderr } = await lab.run(["backup"], { env: back });
    expect((stdout + stderr).replaceAll(/\s+/g, " ")).toMatch(
      /clock is behind the newest snapshot of app by 43\d\d minutes/,
    );
    change();
    await lab.json(["backup"], 0, { env });
    expect(snapshotsIn(repository).length).toBe(1);
    expectNothingLeft(lab, [repository]);
  });
});
