import { randomBytes } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Secret } from "../../src/base/secrets/secret.ts";
import type { KeyRotation } from "../../src/operations/keys/rotate-master-key.ts";
import { allSealed, keepSealed } from "../../src/state/queries/secrets.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { seededRandom } from "../faults/random.ts";
import { startHoldfast } from "../support/holdfast.ts";
import { describeNeeding } from "../support/needs.ts";
import { psql } from "../support/psql.ts";
import { servers } from "../support/servers.ts";
import { declareOne, opened } from "./keys.ts";

const secrets = 300;

describe("the master key", () => {
  it("killed at random moments of its rotation, leaves every secret open", async () => {
    const lab = homelab();
    await keepMany(lab);
    const rotate = ["keys", "rotate"];
    const began = performance.now();
    await lab.json(rotate);
    const wholeMs = performance.now() - began;
    const random = seededRandom("kills of key rotations");
    for (let round = 0; round < 8; round += 1) {
      const running = startHoldfast(rotate, { home: lab.home, cwd: lab.folder });
      // The first half is Node's own start.
      const timer = setTimeout(() => running.kill("SIGKILL"), wholeMs * (0.4 + random() * 0.6));
      await running.ended;
      clearTimeout(timer);
      await expectAllOpen(lab);
    }
    await lab.json(rotate);
    expect(keyLines(lab)).toHaveLength(1);
    await expectAllOpen(lab);
  });

  it("serves a process that had opened it before it was rotated", async () => {
    const lab = homelab();
    await keepMany(lab);
    const running = await opened(lab);
    await running.vault();
    const rotation = await lab.json<KeyRotation>(["keys", "rotate"]);
    expect(rotation).toMatchObject({ secrets, finished: false });
    const vault = await running.vault();
    for (const { name, sealed } of await allSealed(running.state)) expect(vault.open(name, sealed).reveal()).toBe(name);
    await keepSealed(running.state, "later", vault.seal("later", new Secret("later")), new Date().toISOString());
  });

  it("lies in a file for this user alone, or sealed under a master password", async () => {
    const lab = homelab();
    declareOne(lab, { near: { type: "local", path: join(lab.folder, "repository") } });
    const env = { HOLDFAST_MASTER_PASSWORD: "correct horse battery staple" };
    await lab.json(["backup"], 0, { env });
    const path = join(lab.home, "keys", "master.key");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ ring: 1 });
    const without = await lab.run(["backup"]);
    expect([without.code, without.stdout.includes("HOLDFAST_MASTER_PASSWORD")]).toEqual([1, true]);
    const wrong = await lab.run(["backup"], { env: { HOLDFAST_MASTER_PASSWORD: "wrong" } });
    expect([wrong.code, wrong.stdout.includes("does not open it")]).toEqual([1, true]);
    // What needs no secret needs no password.
    expect((await lab.run(["status"])).code).toBe(0);
    await lab.json(["keys", "rotate", "--without-password"], 0, { env });
    await lab.json(["backup"]);
    expect(keyLines(lab)).toHaveLength(1);
  });

  it("that belongs to another home is told, and nothing is changed", async () => {
    const [one, other] = [homelab(), homelab()];
    await keepMany(one);
    await keepMany(other);
    const path = join(one.home, "keys", "master.key");
    const own = readFileSync(path);
    writeFileSync(path, readFileSync(join(other.home, "keys", "master.key")));
    const told = await one.run(["keys", "rotate"]);
    expect([told.code, told.stderr.includes("is not the one that sealed the secrets of this state")]).toEqual([
      1,
      true,
    ]);
    writeFileSync(path, own);
    await expectAllOpen(one);
  });
});

describeNeeding("postgres")("two homes on one PostgreSQL", () => {
  it("share the key file, also when it is rotated; one with a key of its own is told", async () => {
    const [one, other] = [homelab(), homelab()];
    const { postgres } = servers();
    const database = `keys_${randomBytes(5).toString("hex")}`;
    await psql(postgres, "postgres", `CREATE DATABASE ${database}`);
    onTestFinished(async () => void (await psql(postgres, "postgres", `DROP DATABASE ${database} WITH (FORCE)`)));
    const user = `${postgres.superuser}:${encodeURIComponent(postgres.password)}`;
    const own = { DATABASE_URL: `postgresql://${user}@${postgres.host}:${postgres.port}/${database}` };
    const shared = { ...own, HOLDFAST_MASTER_KEY_FILE: join(one.folder, "shared", "master.key") };
    await keepMany(one, shared);
    const waiting = await opened(other, shared);
    await waiting.vault();
    await expectAllOpen(other, shared);
    await one.json(["keys", "rotate"], 0, { env: shared });
    await expectAllOpen(other, shared);
    const vault = await waiting.vault();
    await keepSealed(waiting.state, "later", vault.seal("later", new Secret("later")), new Date().toISOString());
    const lonely = await opened(other, own);
    await expect(lonely.vault()).rejects.toMatchObject({ code: "HF_MASTER_KEY" });
    for (const { state } of [waiting, lonely]) expect(await allSealed(state)).toHaveLength(secrets + 1);
  });
});

async function keepMany(lab: Homelab, environment: NodeJS.ProcessEnv = {}): Promise<void> {
  const holdfast = await opened(lab, environment);
  const vault = await holdfast.vault();
  for (let one = 0; one < secrets; one += 1) {
    const name = `secret ${one}`;
    await keepSealed(holdfast.state, name, vault.seal(name, new Secret(name)), new Date().toISOString());
  }
}

async function expectAllOpen(lab: Homelab, environment: NodeJS.ProcessEnv = {}): Promise<void> {
  const holdfast = await opened(lab, environment);
  const vault = await holdfast.vault();
  const found = await allSealed(holdfast.state);
  expect(found).toHaveLength(secrets);
  for (const { name, sealed } of found) expect(vault.open(name, sealed).reveal()).toBe(name);
}

function keyLines(lab: Homelab): string[] {
  return readFileSync(join(lab.home, "keys", "master.key"), "utf8")
    .trim()
    .split("\n");
}
