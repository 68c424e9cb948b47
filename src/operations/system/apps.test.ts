import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { postgresSpec } from "../../adapters/databases/postgres/spec.ts";
import { Secret } from "../../base/secrets/secret.ts";
import { addressOf } from "../../state/beside.ts";
import { declareSystem } from "./apps.ts";
import { stateDatabase } from "./state-database.ts";

function folderWith(...names: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-system-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of names) writeFileSync(join(folder, name), "");
  return folder;
}

describe("Holdfast's own apps", () => {
  it("are the state, and the files that were read", async () => {
    const cwd = folderWith("holdfast.yaml", ".env", "backup-sets.json", "other.json");
    const config = join(cwd, "holdfast.yaml");
    const [database, configuration] = await declareSystem({ state: "/home/state.db", config, cwd, variables: {} });
    expect(database).toMatchObject({
      name: "holdfast-database",
      system: "database",
      databases: [{ name: "state", type: "sqlite", spec: { path: "/home/state.db" } }],
    });
    const paths = ["holdfast.yaml", ".env", "backup-sets.json"].map((name) => join(cwd, name));
    expect(configuration).toMatchObject({ name: "holdfast-config", system: "platform_config", paths });
  });

  it("follow what the variables name, and never take a key along", async () => {
    const cwd = folderWith(".env", "sets.json", "backup-sets.json");
    const pathsWith = async (variables: Record<string, string>): Promise<string[] | undefined> =>
      (await declareSystem({ state: "/state.db", config: undefined, cwd, variables }))[1]?.paths;
    expect(await pathsWith({ BACKUP_SETS_FILE: "sets.json" })).toEqual([join(cwd, ".env"), join(cwd, "sets.json")]);
    expect(await pathsWith({ BACKUP_SETS_JSON: "[]" })).toEqual([join(cwd, ".env")]);
    expect(
      await pathsWith({ BACKUP_SETS_JSON: "[]", HOLDFAST_MASTER_PASSWORD_FILE: join(cwd, ".env") }),
    ).toBeUndefined();
  });

  it("hold no configuration where none was read", async () => {
    const apps = await declareSystem({ state: "/s", config: undefined, cwd: folderWith(), variables: {} });
    expect(apps.map(({ name }) => name)).toEqual(["holdfast-database"]);
  });

  it.each([
    ["postgresql://anna:p%40ss@db.lan:5433/holdfast?sslmode=require", "db.lan", 5433, "anna", "holdfast", "require"],
    ["postgresql://anna@/?host=/run/postgresql", "/run/postgresql", undefined, "anna", "anna", undefined],
  ])("reach the PostgreSQL database of %s", (address, host, port, username, database, sslmode) => {
    const { type, spec } = stateDatabase(new Secret(address));
    expect(type).toBe("postgres");
    expect(postgresSpec.parse(spec)).toMatchObject({
      host,
      username,
      database,
      ...(port === undefined ? {} : { port }),
      ...(sslmode === undefined ? {} : { sslmode }),
    });
    const beside = stateDatabase(addressOf(new Secret(address), "other"));
    expect(beside.spec).toEqual({ ...spec, database: "other" });
  });
});
