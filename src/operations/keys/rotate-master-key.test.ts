import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { keyOfSealed, newMasterKey } from "../../base/secrets/cipher.ts";
import { findKeySource, readRing, writeRing, type KeyFile } from "../../base/secrets/key-source.ts";
import { Secret } from "../../base/secrets/secret.ts";
import { allSealed, keepSealed, readSealed, replaceSealed } from "../../state/queries/secrets.ts";
import { openHoldfast, type Holdfast } from "../context/holdfast.ts";
import type { Caller } from "../run/listener.ts";
import { reseal } from "./open-vault.ts";
import { addKey, dropOldKeys, resealState, rotateMasterKey } from "./rotate-master-key.ts";

const at = "2026-11-20T00:00:00.000Z";
const caller: Caller = { signal: new AbortController().signal, listen: () => undefined };
const names = ["repository:nas", "repository:b2", "notification:ntfy:token"];

interface Lab {
  home: string;
  /** A process of its own: nothing is remembered between two of them. */
  open(environment?: NodeJS.ProcessEnv): Promise<Holdfast>;
}

function lab(): Lab {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-rotation-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const home = join(folder, "home");
  return {
    home,
    open: async (environment = {}) => {
      const holdfast = await openHoldfast({
        environment: { HOLDFAST_HOME: home, ...environment },
        cwd: folder,
        acting: true,
      });
      onTestFinished(async () => await holdfast[Symbol.asyncDispose]());
      return holdfast;
    },
  };
}

async function keepSome(holdfast: Holdfast): Promise<void> {
  const vault = await holdfast.vault();
  for (const name of names)
    await keepSealed(holdfast.state, name, vault.seal(name, new Secret(`value of ${name}`)), at);
}

async function expectAllOpen(holdfast: Holdfast): Promise<void> {
  const vault = await holdfast.vault();
  for (const name of names) {
    expect(vault.open(name, (await readSealed(holdfast.state, name)) ?? "").reveal()).toBe(`value of ${name}`);
  }
}

async function fileOf(holdfast: Holdfast): Promise<KeyFile> {
  const source = await findKeySource(holdfast.environment, holdfast.home.masterKey);
  if (source.kind !== "file") throw new Error("a key file is expected");
  return source;
}

const keyText = ({ home }: Lab): string => readFileSync(join(home, "keys", "master.key"), "utf8");

describe("a rotation of the master key", () => {
  it("leaves one new key, with which everything opens, also for who had opened the vault before", async () => {
    const one = lab();
    const holdfast = await one.open();
    const running = await one.open();
    await keepSome(holdfast);
    await expectAllOpen(running);
    const before = keyText(one);
    const rotation = await rotateMasterKey(holdfast, {}, caller);
    expect(rotation).toMatchObject({ secrets: 3, finished: false, source: "file" });
    expect(keyText(one).trim().split("\n")).toHaveLength(1);
    expect(keyText(one)).not.toBe(before);
    await expectAllOpen(holdfast);
    await expectAllOpen(running);
    await expectAllOpen(await one.open());
  });

  it.each([
    ["after the new key was added", 1],
    ["after everything was sealed anew", 2],
  ])("that was killed %s leaves everything open, and is finished by running it again", async (_when, steps) => {
    const one = lab();
    const killed = await one.open();
    await keepSome(killed);
    const file = await fileOf(killed);
    const old = (await readRing(file)) ?? [newMasterKey()];
    const ring = await addKey(file, old);
    if (steps > 1) await resealState(killed.state, ring, file.path);
    // Whoever opens the vault next seals everything with the new key, so that the old one may go at any time.
    const next = await one.open();
    await expectAllOpen(next);
    for (const { sealed } of await allSealed(next.state)) expect(keyOfSealed(sealed)).toBe(ring[0].id);
    const again = await one.open();
    const rotation = await rotateMasterKey(again, {}, caller);
    expect(rotation).toMatchObject({ finished: true, key: ring[0].id, removed: [old[0].id], secrets: 3 });
    expect((await readRing(file))?.map(({ id }) => id)).toEqual([ring[0].id]);
    await expectAllOpen(await one.open());
  });

  it("that comes too late with an older ring changes nothing", async () => {
    const one = lab();
    const holdfast = await one.open();
    await keepSome(holdfast);
    const file = await fileOf(holdfast);
    const late = await addKey(file, (await readRing(file)) ?? [newMasterKey()]);
    await resealState(holdfast.state, late, file.path);
    await dropOldKeys(file, late);
    await rotateMasterKey(holdfast, {}, caller);
    expect(await reseal(holdfast.state, late, late[1]?.id ?? "")).toBeUndefined();
    await expect(resealState(holdfast.state, late, file.path)).rejects.toMatchObject({ code: "HF_MASTER_KEY_WRONG" });
    await expectAllOpen(await one.open());
  });

  it("keeps out what was sealed with the old key and arrives afterwards", async () => {
    const one = lab();
    const holdfast = await one.open();
    await keepSome(holdfast);
    const stale = (await holdfast.vault()).seal("late", new Secret("late"));
    await rotateMasterKey(holdfast, {}, caller);
    await expect(keepSealed(holdfast.state, "late", stale, at)).rejects.toMatchObject({ code: "HF_KEY_ROTATED" });
    await expect(replaceSealed(holdfast.state, "late", stale, at)).rejects.toMatchObject({ code: "HF_KEY_ROTATED" });
    const fresh = (await holdfast.vault()).seal("late", new Secret("late"));
    await keepSealed(holdfast.state, "late", fresh, at);
  });

  it("puts the key under a master password, changes the password, and takes it away again", async () => {
    const one = lab();
    await keepSome(await one.open());
    const [first, second] = [join(one.home, "first"), join(one.home, "second")];
    writeFileSync(first, "first password\n");
    writeFileSync(second, "second password\n");
    const plain = keyText(one);
    // A password alone does not protect what lies there in the open, and that is said.
    const exposed = await one.open({ HOLDFAST_MASTER_PASSWORD_FILE: first });
    await expect(exposed.vault()).rejects.toMatchObject({ code: "HF_MASTER_KEY" });
    await rotateMasterKey(exposed, {}, caller);
    await expectAllOpen(exposed);
    expect(keyText(one)).not.toContain(plain.trim());
    await expect((await one.open()).vault()).rejects.toMatchObject({ code: "HF_MASTER_PASSWORD" });

    await rotateMasterKey(await one.open({ HOLDFAST_MASTER_PASSWORD_FILE: first }), { passwordFile: second }, caller);
    const withFirst = await one.open({ HOLDFAST_MASTER_PASSWORD_FILE: first });
    await expect(withFirst.vault()).rejects.toMatchObject({ code: "HF_MASTER_PASSWORD" });
    const withSecond = await one.open({ HOLDFAST_MASTER_PASSWORD: "second password" });
    await expectAllOpen(withSecond);
    await rotateMasterKey(withSecond, { withoutPassword: true }, caller);
    await expectAllOpen(await one.open());
    // scrypt takes a while each time, and is meant to.
  }, 90_000);

  it("of a credential is the person's: the secrets are sealed anew, and the old one may go", async () => {
    const one = lab();
    const credentials = join(one.home, "credentials");
    mkdirSync(credentials, { recursive: true });
    const environment = { CREDENTIALS_DIRECTORY: credentials };
    const [old, fresh] = [newMasterKey(), newMasterKey()];
    const put = (name: string, key: typeof old): void =>
      writeFileSync(join(credentials, name), key.bytes.toString("base64"));
    put("holdfast-master-key", old);
    await keepSome(await one.open(environment));
    await expect(rotateMasterKey(await one.open(environment), {}, caller)).rejects.toMatchObject({
      code: "HF_KEY_READ_ONLY",
    });
    put("holdfast-master-key", fresh);
    await expect((await one.open(environment)).vault()).rejects.toMatchObject({ code: "HF_MASTER_KEY_WRONG" });
    put("holdfast-master-key.old", old);
    const rotation = await rotateMasterKey(await one.open(environment), {}, caller);
    expect(rotation).toMatchObject({ key: fresh.id, removed: [old.id], secrets: 3, source: "credential" });
    rmSync(join(credentials, "holdfast-master-key.old"));
    await expectAllOpen(await one.open(environment));
  });
});

describe("a master key that does not fit", () => {
  it("is told at once, and never replaced while secrets are sealed", async () => {
    const one = lab();
    const holdfast = await one.open();
    await keepSome(holdfast);
    const key = keyText(one);
    const { masterKey } = holdfast.home;
    rmSync(masterKey);
    await expect((await one.open()).vault()).rejects.toMatchObject({ code: "HF_MASTER_KEY" });
    await writeRing({ kind: "file", path: masterKey }, [newMasterKey()]);
    await expect((await one.open()).vault()).rejects.toMatchObject({ code: "HF_MASTER_KEY_WRONG" });
    await expect(rotateMasterKey(await one.open(), {}, caller)).rejects.toMatchObject({ code: "HF_MASTER_KEY_WRONG" });
    writeFileSync(masterKey, key);
    await expectAllOpen(await one.open());
  });

  it("is made anew where nothing is sealed", async () => {
    const one = lab();
    const holdfast = await one.open();
    await holdfast.vault();
    rmSync(holdfast.home.masterKey);
    const again = await one.open();
    await keepSome(again);
    await expectAllOpen(await one.open());
  });

  it("may lie elsewhere, where two homes share it", async () => {
    const one = lab();
    const shared = join(one.home, "..", "shared", "master.key");
    await keepSome(await one.open({ HOLDFAST_MASTER_KEY_FILE: shared }));
    expect(readFileSync(shared, "utf8")).not.toBe("");
    await expectAllOpen(await one.open({ HOLDFAST_MASTER_KEY_FILE: shared }));
    await expect((await one.open()).vault()).rejects.toMatchObject({ code: "HF_MASTER_KEY" });
  });
});
