import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import { homelab } from "../engine/homelab.ts";
import { startHoldfast } from "../support/holdfast.ts";
import { expectNothingLeft } from "./aftermath.ts";
import { seededRandom } from "./random.ts";
import { password, restic } from "./restic.ts";
import { postgresOf, temporaryDatabase } from "./whole-app.ts";
import { psql } from "../support/psql.ts";
import { servers } from "../support/servers.ts";

const env = { REPOSITORY: password };
const filesPerFolder = 100;

/**
 * Interrupts restores in place of an app of two folders and a database, by kill -9 and Ctrl-C in turn, at random moments.
 * After each, the files are those of the snapshot or those that were there before, never a mixture, and the database is
 * whole, one or the other.
 */
export async function interruptRestores(rounds: number): Promise<void> {
  const random = seededRandom("interrupted restores in place");
  const lab = homelab();
  const { postgres } = servers();
  const database = await temporaryDatabase("CREATE TABLE t (v text); INSERT INTO t VALUES ('stored')");
  const folders = ["one", "two"].map((name) => join(lab.folder, "srv", name));
  const repository = join(lab.folder, "repository");
  lab.declare({
    destinations: { near: { type: "local", path: repository, password: { env: "REPOSITORY" } } },
    apps: { app: { paths: folders, exclude: ["**/cache"], databases: [postgresOf(database)] } },
  });
  const all = { ...env, PG: postgres.password };
  for (const folder of folders) mkdirSync(join(folder, "cache"), { recursive: true });
  fill(folders, "stored");
  await lab.json(["backup"], 0, { env: all });
  const restore = ["restore", "app", "--in-place", "--yes", "--json"];
  const seen: Record<string, number> = {};
  let fullMs = 0;
  for (let round = 0; round <= rounds; round += 1) {
    fill(folders, "live");
    await psql(postgres, database, "UPDATE t SET v = 'live'");
    const began = performance.now();
    const running = startHoldfast(restore, { home: lab.home, cwd: lab.folder, env: all });
    // The first is not interrupted: it tells how long one takes.
    const afterMs = round === 0 ? 600_000 : Math.round(random() * fullMs);
    const signal = round % 2 === 0 ? "SIGINT" : "SIGKILL";
    const patience = new AbortController();
    await Promise.race([pause(afterMs, undefined, { signal: patience.signal }).catch(() => undefined), running.ended]);
    patience.abort();
    running.kill(signal);
    const { code, signal: by, stdout, stderr } = await running.ended;
    if (round === 0) fullMs = performance.now() - began;
    if (by === "SIGKILL") await lab.json(["settle"], 0, { env: all });
    expectNothingLeft(lab, [repository]);
    const told = `round ${round}, ${signal} after ${afterMs} ms: exit ${code}, ${by}\n${stdout}\n${stderr}`;
    const [word] = words(folders);
    expect(words(folders).length, told).toBe(1);
    const row = await psql(postgres, database, "SELECT v FROM t");
    expect(["live", "stored"], told).toContain(row);
    if (by === null) {
      expect(code, told).toBe(word === "stored" ? 0 : 130);
      if (code === 0) expect(row, told).toBe("stored");
    }
    const ending = `${by ?? `exit ${code}`}: files ${word}, rows ${row}`;
    seen[ending] = (seen[ending] ?? 0) + 1;
  }
  console.log(`${rounds} restores in place over ${Math.round(fullMs)} ms each: ${JSON.stringify(seen)}`);
  expect(restic(repository, ["check"])).not.toContain("error");
}

function fill(folders: string[], word: string): void {
  for (const folder of folders) {
    for (let file = 0; file < filesPerFolder; file += 1) writeFileSync(join(folder, `file ${file}`), `${word} ${file}`);
    // Never captured, and always there.
    writeFileSync(join(folder, "cache", "thumb"), "excluded");
  }
}

/** What kinds of files there are: one, unless old and new are mixed. */
function words(folders: string[]): string[] {
  const found = folders.flatMap((folder) => {
    expect(readFileSync(join(folder, "cache", "thumb"), "utf8")).toBe("excluded");
    const names = readdirSync(folder).filter((name) => name !== "cache");
    expect(names.length).toBe(filesPerFolder);
    return names.map((name) => readFileSync(join(folder, name), "utf8").split(" ")[0] ?? "");
  });
  return [...new Set(found)];
}
