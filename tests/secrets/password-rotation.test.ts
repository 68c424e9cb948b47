import { randomBytes } from "node:crypto";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { describe, expect, it } from "vitest";
import type { Holdfast } from "../../src/operations/context/holdfast.ts";
import { passwordSecret, repositoriesOf } from "../../src/operations/context/repositories.ts";
import { backup } from "../../src/operations/backup/backup.ts";
import {
  addNext,
  makeCurrent,
  proveNext,
  rotateRepositoryPassword,
  sealNext,
  type PasswordRotation,
  type Rotation,
} from "../../src/operations/keys/rotate-password.ts";
import { runId } from "../../src/domain/names.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { seededRandom } from "../faults/random.ts";
import { startHoldfast } from "../support/holdfast.ts";
import { describeNeeding } from "../support/needs.ts";
import { servers } from "../support/servers.ts";
import { caller, declareOne, keysIn, opened, opens, passwordIn } from "./keys.ts";

describe("a rotation of a repository's password", () => {
  it("leaves one password, a new one, and life goes on", async () => {
    const { lab, repository } = await nearby();
    const old = await passwordIn(lab, "near");
    const rotation = await lab.json<PasswordRotation>(["password", "rotate", "near"]);
    expect(rotation).toEqual({ destination: "near", finished: false, removed: 1, problems: [] });
    const fresh = await passwordIn(lab, "near");
    expect(fresh).not.toBe(old);
    expect([opens(lab, repository, fresh), opens(lab, repository, old)]).toEqual([true, false]);
    expect(keysIn(lab, repository, fresh)).toHaveLength(1);
    await lab.json(["backup"]);
    await lab.json(["check"]);
  });

  it.each([1, 2, 3])("that was killed after its step %i opens, and goes on where it stopped", async (steps) => {
    const { lab, repository } = await nearby();
    const old = await passwordIn(lab, "near");
    await takeSteps(await opened(lab), steps);
    await backedUp(await opened(lab));
    const rotation = await rotateRepositoryPassword(await opened(lab), "near", caller);
    expect(rotation).toMatchObject({ finished: true, removed: 1, problems: [] });
    const fresh = await passwordIn(lab, "near");
    expect(keysIn(lab, repository, fresh)).toHaveLength(1);
    expect(opens(lab, repository, old)).toBe(false);
    expect(leftIn(lab)).toEqual([]);
    await backedUp(await opened(lab));
  });

  it("killed at random moments never locks anyone out", async () => {
    const { lab, repository } = await nearby();
    const random = seededRandom("kills of password rotations");
    const began = performance.now();
    await lab.json(["password", "rotate", "near"]);
    const wholeMs = performance.now() - began;
    for (let round = 0; round < 4; round += 1) {
      const running = startHoldfast(["password", "rotate", "near"], { home: lab.home, cwd: lab.folder });
      const timer = setTimeout(() => running.kill("SIGKILL"), random() * wholeMs);
      await running.ended;
      clearTimeout(timer);
      expect(opens(lab, repository, await passwordIn(lab, "near")), `round ${round}`).toBe(true);
    }
    await lab.json(["backup"]);
    await lab.json(["password", "rotate", "near"]);
    await lab.json(["password", "rotate", "near"]);
    expect(keysIn(lab, repository, await passwordIn(lab, "near"))).toHaveLength(1);
    expect(leftIn(lab)).toEqual([]);
    // Each call of restic derives a key, and there are sixty of them.
  }, 400_000);

  it("does not disturb a backup that waits for it with the old password in its hands", async () => {
    const { lab } = await nearby();
    const [one, other] = [await opened(lab), await opened(lab)];
    await Promise.all([rotateRepositoryPassword(one, "near", caller), backedUp(other)]);
  });

  it("is not Holdfast's to do where the password is declared", async () => {
    const lab = homelab();
    declareOne(lab, { near: { type: "local", path: join(lab.folder, "repository"), password: "declared" } });
    await lab.json(["backup"]);
    const refused = await lab.run(["password", "rotate", "near"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("holdfast.yaml");
    expect(refused.stderr).toContain("restic key add");
    expect(opens(lab, join(lab.folder, "repository"), "declared")).toBe(true);
  });

  it("of a destination that was never used says that there is no repository", async () => {
    const lab = homelab();
    declareOne(lab, { near: { type: "local", path: join(lab.folder, "repository") } });
    const refused = await lab.run(["password", "rotate", "near"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("There is no repository at near");
  });
});

describeNeeding("restServer")("a rotation over a REST server", () => {
  it("works as it does on a disk", async () => {
    const { lab, far, env } = await served("url");
    const old = await passwordIn(lab, "far");
    await lab.json(["password", "rotate", "far"]);
    const fresh = await passwordIn(lab, "far");
    expect(keysIn(lab, far, fresh, env)).toHaveLength(1);
    expect(opens(lab, far, old, env)).toBe(false);
    await lab.json(["backup"]);
  });

  it("that only adds keeps the old password too, and says so", async () => {
    const { lab, far, env } = await served("appendOnlyUrl");
    const old = await passwordIn(lab, "far");
    const rotation = await lab.json<PasswordRotation>(["password", "rotate", "far"], 3);
    expect(rotation.problems.map(({ code }) => code)).toEqual(["HF_PASSWORD_OLD_KEPT"]);
    const fresh = await passwordIn(lab, "far");
    expect(fresh).not.toBe(old);
    expect([opens(lab, far, fresh, env), opens(lab, far, old, env)]).toEqual([true, true]);
    await lab.json(["backup"]);
    // It can be rotated again all the same, and what remains is told of each time.
    const again = await lab.json<PasswordRotation>(["password", "rotate", "far"], 3);
    expect(again.problems).toHaveLength(2);
    expect(await passwordIn(lab, "far")).not.toBe(fresh);
    // Where the restriction is gone, both old ones go.
    const { restServer } = servers();
    const path = far.slice(`rest:${restServer.appendOnlyUrl}`.length);
    declareServed(lab, `${restServer.url}${path}`);
    await lab.json(["recover"]);
    expect(await lab.json<PasswordRotation>(["password", "rotate", "far"])).toMatchObject({ removed: 3, problems: [] });
  });
});

async function nearby(): Promise<{ lab: Homelab; repository: string }> {
  const lab = homelab();
  const repository = join(lab.folder, "repository");
  declareOne(lab, { near: { type: "local", path: repository } });
  await lab.json(["backup"]);
  return { lab, repository };
}

async function served(which: "url" | "appendOnlyUrl") {
  const lab = homelab();
  const { restServer } = servers();
  const url = `${restServer[which]}/rotation-${randomBytes(5).toString("hex")}`;
  declareServed(lab, url, which === "appendOnlyUrl");
  await lab.json(["backup"]);
  const { username, password } = restServer;
  return { lab, far: `rest:${url}`, env: { RESTIC_REST_USERNAME: username, RESTIC_REST_PASSWORD: password } };
}

function declareServed(lab: Homelab, url: string, appendOnly = false): void {
  const { username, password } = servers().restServer;
  declareOne(lab, { far: { type: "rest", url, username, server_password: password, append_only: appendOnly } });
}

async function takeSteps(holdfast: Holdfast, steps: number): Promise<void> {
  const declared = repositoriesOf(holdfast).declaration("near");
  const current = passwordSecret(declared) ?? "";
  const run = { runId: runId("test"), signal: caller.signal, clock: holdfast.clock, emit: () => undefined };
  const rotation: Rotation = { holdfast, declared, current, next: `next:${current}`, run };
  await sealNext(rotation);
  if (steps > 1) await addNext(rotation);
  if (steps > 2) await makeCurrent(rotation, await proveNext(rotation));
}

async function backedUp(holdfast: Holdfast): Promise<void> {
  const report = await backup(
    holdfast,
    { apps: ["app"], requestedBy: "person", dryRun: false, wait: true, retain: false, initialise: false },
    caller,
  );
  expect(report.apps.flatMap(({ problems }) => problems)).toEqual([]);
  expect(report.outcome).toBe("success");
}

/** Secrets and notes that only an unfinished rotation has. */
function leftIn(lab: Homelab): unknown[] {
  const db = new Sqlite(join(lab.home, "state.db"), { readonly: true });
  try {
    return [
      ...db.prepare("SELECT name FROM secrets WHERE name LIKE 'next:%'").all(),
      ...db.prepare("SELECT key FROM notes WHERE key LIKE 'old passwords%'").all(),
    ];
  } finally {
    db.close();
  }
}
