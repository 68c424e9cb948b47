import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { newMasterKey } from "./cipher.ts";
import { parseRing, ringText, type KeyRing } from "./key-ring.ts";
import { findKeySource, liesOpen, readRing, writeRing, type KeyFile } from "./key-source.ts";
import { Secret } from "./secret.ts";
import { vaultOver } from "./vault.ts";

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "holdfast-keys-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};
const idsOf = (ring: KeyRing | undefined): string[] | undefined => ring?.map(({ id }) => id);

describe("a key ring", () => {
  it("comes back from its text, the current key first", () => {
    const ring: KeyRing = [newMasterKey(), newMasterKey()];
    expect(idsOf(parseRing(ringText(ring).reveal()))).toEqual(idsOf(ring));
  });

  it.each(["", "\n", "not a key", Buffer.alloc(31).toString("base64"), `${Buffer.alloc(32, 7).toString("base64")}x`])(
    "refuses %j",
    (text) => {
      expect(() => parseRing(text)).toThrow(/empty|32 bytes/);
    },
  );

  it("opens what any of its keys sealed, and seals with the first", () => {
    const [old, fresh] = [newMasterKey(), newMasterKey()];
    const sealed = vaultOver([old]).seal("name", new Secret("value"));
    const vault = vaultOver([fresh, old]);
    expect(vault.open("name", sealed).reveal()).toBe("value");
    expect(
      vaultOver([fresh])
        .open("name", vault.seal("name", new Secret("other")))
        .reveal(),
    ).toBe("other");
    expect(() => vaultOver([fresh]).open("name", sealed)).toThrow("cannot be opened");
  });

  it("opens no sealed text under another name, and none that was changed", () => {
    const vault = vaultOver([newMasterKey()]);
    const sealed = vault.seal("one", new Secret("value"));
    expect(() => vault.open("two", sealed)).toThrow("cannot be opened");
    const at = sealed.length - 6;
    const changed = `${sealed.slice(0, at)}${sealed[at] === "A" ? "B" : "A"}${sealed.slice(at + 1)}`;
    expect(() => vault.open("one", changed)).toThrow("cannot be opened");
  });
});

describe("the source of the master key", () => {
  it("is a file for this user alone, and the first ring that was written stays", async () => {
    const file: KeyFile = { kind: "file", path: join(folder(), "keys", "master.key") };
    expect(await readRing(file)).toBeUndefined();
    const ring: KeyRing = [newMasterKey()];
    await writeRing(file, ring, { exclusive: true });
    await writeRing(file, [newMasterKey()], { exclusive: true });
    expect(idsOf(await readRing(file))).toEqual(idsOf(ring));
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
  });

  it("lies sealed under a master password, which is needed to open it", async () => {
    const path = join(folder(), "master.key");
    const file: KeyFile = { kind: "file", path, password: new Secret("correct horse") };
    const ring: KeyRing = [newMasterKey(), newMasterKey()];
    await writeRing(file, ring);
    expect(idsOf(await readRing(file))).toEqual(idsOf(ring));
    for (const key of ring) expect(readFileSync(path, "utf8")).not.toContain(key.bytes.toString("base64"));
    await expect(readRing({ kind: "file", path })).rejects.toMatchObject({ code: "HF_MASTER_PASSWORD" });
    const wrong: KeyFile = { kind: "file", path, password: new Secret("wrong") };
    await expect(readRing(wrong)).rejects.toMatchObject({ code: "HF_MASTER_PASSWORD" });
    // What would let a wrong file eat all memory is refused unread.
    writeFileSync(path, readFileSync(path, "utf8").replace('"cost": 131072', '"cost": 1073741824'));
    await expect(readRing(file)).rejects.toMatchObject({ code: "HF_MASTER_KEY" });
  });

  it("is told to lie in the open where a master password is to protect it", async () => {
    const path = join(folder(), "master.key");
    await writeRing({ kind: "file", path }, [newMasterKey()]);
    expect(await liesOpen({ kind: "file", path, password: new Secret("password") })).toBe(true);
    expect(await liesOpen({ kind: "file", path })).toBe(false);
  });

  it("is a systemd credential before any file, the older one beside it", async () => {
    const credentials = folder();
    const [fresh, old] = [newMasterKey(), newMasterKey()];
    const environment = { CREDENTIALS_DIRECTORY: credentials, HOLDFAST_MASTER_KEY_FILE: "/elsewhere" };
    expect(await findKeySource(environment, "/usual")).toEqual({ kind: "file", path: "/elsewhere" });
    writeFileSync(join(credentials, "holdfast-master-key"), fresh.bytes.toString("base64"));
    const source = await findKeySource(environment, "/usual");
    expect(source).toEqual({ kind: "credential", path: join(credentials, "holdfast-master-key") });
    expect(idsOf(await readRing(source))).toEqual([fresh.id]);
    writeFileSync(join(credentials, "holdfast-master-key.old"), `${old.bytes.toString("base64")}\n`);
    expect(idsOf(await readRing(source))).toEqual([fresh.id, old.id]);
  });

  it("takes the master password from the variable or from a file, without its line end", async () => {
    const file = join(folder(), "password");
    writeFileSync(file, "from a file\n");
    const passwordOf = async (environment: NodeJS.ProcessEnv): Promise<string | undefined> => {
      const source = await findKeySource(environment, "/usual");
      return source.kind === "file" ? source.password?.reveal() : undefined;
    };
    expect(await passwordOf({})).toBeUndefined();
    expect(await passwordOf({ HOLDFAST_MASTER_PASSWORD_FILE: file })).toBe("from a file");
    expect(await passwordOf({ HOLDFAST_MASTER_PASSWORD: "given", HOLDFAST_MASTER_PASSWORD_FILE: file })).toBe("given");
    await expect(passwordOf({ HOLDFAST_MASTER_PASSWORD_FILE: "/not/there" })).rejects.toMatchObject({
      code: "HF_MASTER_KEY",
    });
  });
});
