import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { PassThrough } from "node:stream";
import { beforeAll, expect, test, vi } from "vitest";
import { Secret } from "../../src/base/secrets/secret.ts";
import type { SnapshotId } from "../../src/domain/names.ts";
import type { Repository, StoreRequest } from "../../src/domain/repository.ts";
import { runContext } from "../support/database-context.ts";
import { suiteFolder } from "../support/folders.ts";
import { describeNeeding } from "../support/needs.ts";
import { open, password } from "./context.ts";
import { places, type Place } from "./places.ts";
import { contentOf, plantTree } from "./trees.ts";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Command lines and environments of all processes that work on this repository. */
function processesOf(mark: string): { pid: number; argv: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
        const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return environment.includes(mark) ? [{ pid: Number(pid), argv }] : [];
      } catch {
        return [];
      }
    });
}

for (const { kind, needs, make } of places) {
  describeNeeding(...needs)(`a ${kind} repository`, () => {
    const folder = suiteFolder();
    const run = runContext();
    let place: Place;
    let repository: Repository;
    let source: string;
    let request: StoreRequest;
    let first: SnapshotId;

    beforeAll(async () => {
      source = join(folder(), "source");
      mkdirSync(source);
      plantTree(source);
      place = make(folder());
      repository = await open(folder(), place);
      request = {
        paths: [source],
        exclude: ["**/*.skipped"],
        host: "homeserver",
        tags: ["holdfast", "app:shop", "run:1"],
      };
    });

    test("is absent before it is created, and created once", async () => {
      expect(await repository.probe(run)).toBeUndefined();
      const made = await repository.init(run);
      expect(made).toMatchObject({ version: 2, repositoryId: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(await repository.probe(run)).toEqual(made);
      await expect(repository.init(run)).rejects.toMatchObject({ code: "HF_REPOSITORY_EXISTS" });
      expect(await all(repository.snapshots(run))).toEqual([]);
    });

    test("stores a tree and finds its parent again", async () => {
      writeFileSync(join(source, "left.skipped"), "");
      const dry = await repository.store({ ...request, dryRun: true }, run);
      expect(dry.id).toBeUndefined();
      const stored = await repository.store(request, run);
      first = expectId(stored.id);
      expect(stored).toMatchObject({ unreadable: [], summary: { filesUnmodified: 0 } });
      expect(dry.summary.filesNew).toBe(stored.summary.filesNew);
      const again = await repository.store({ ...request, parent: first }, run);
      expect(again.summary).toMatchObject({ filesNew: 0, filesChanged: 0, filesUnmodified: stored.summary.filesNew });
    });

    test("lists snapshots with host, tags, paths and time, also by tag", async () => {
      const other = await repository.store({ ...request, tags: ["holdfast", "app:other"] }, run);
      const listed = await all(repository.snapshots(run, { tags: ["holdfast", "app:shop"] }));
      expect(listed).toHaveLength(2);
      expect(listed[0]).toMatchObject({ id: first, host: "homeserver", tags: request.tags, paths: [source] });
      expect(listed[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/);
      expect(listed[1]).toMatchObject({ parent: first, summary: { filesNew: 0 } });
      await repository.forget([expectId(other.id)], run);
      expect(await all(repository.snapshots(run))).toEqual(listed);
    });

    test("lists entries, and reads one file", async () => {
      const found = await all(repository.entries(first, undefined, run));
      expect(found.find(({ path }) => path === join(source, "large.bin"))).toMatchObject({
        type: "file",
        sizeBytes: 3_000_000,
        mode: 0o644,
      });
      const below = await all(repository.entries(first, join(source, "deep"), run));
      expect(below.map(({ path }) => path).sort()).toEqual(
        ["", "/er [and] *odd?", "/er [and] *odd?/file \\ here", "/er [and] *odd?/other"].map(
          (end) => `${source}/deep${end}`,
        ),
      );
      const into = new PassThrough();
      const [content] = await Promise.all([buffer(into), repository.read(first, join(source, "large.bin"), into, run)]);
      expect(content.equals(readFileSync(join(source, "large.bin")))).toBe(true);
      await expect(
        repository.read(first, join(source, "nowhere"), new PassThrough().resume(), run),
      ).rejects.toMatchObject({ code: "HF_RESTORE_NO_MATCH" });
    });

    test("restores every byte, or only what is asked for", async () => {
      const target = join(folder(), "restored");
      await repository.restore({ id: first, target, include: [] }, run);
      const expected = contentOf(source);
      expected.delete("/left.skipped");
      expect(contentOf(join(target, source))).toEqual(expected);
      const part = join(folder(), "part");
      const wanted = join(source, "deep/er [and] *odd?/file \\ here");
      await repository.restore({ id: first, target: part, include: [wanted] }, run);
      expect([...contentOf(join(part, source)).keys()]).toEqual([
        "/deep",
        "/deep/er [and] *odd?",
        "/deep/er [and] *odd?/file \\ here",
      ]);
      const nowhere = { id: first, target: join(folder(), "none"), include: [join(source, "nowhere")] };
      await expect(repository.restore(nowhere, run)).rejects.toMatchObject({ code: "HF_RESTORE_NO_MATCH" });
    });

    test("waits for a lock and then names who holds it; a cancelled backup leaves neither lock nor process", async () => {
      const endless = join(folder(), "endless");
      mkdirSync(endless);
      writeFileSync(join(endless, "sparse"), "");
      truncateSync(join(endless, "sparse"), 400 * 1024 ** 3);
      const stopping = new AbortController();
      const storing = reasonOf(repository.store({ ...request, paths: [endless] }, runContext(stopping.signal)));
      const [lock] = await vi.waitUntil(
        async () => {
          const locks = await locksOf(repository);
          return locks.length === 1 ? locks : undefined;
        },
        { timeout: 30_000, interval: 50 },
      );
      const mark = `RESTIC_PASSWORD=${password}`;
      const working = processesOf(mark).filter(({ argv }) => !argv.includes("vitest"));
      expect(working.map(({ pid }) => pid)).toContain(lock?.pid);
      for (const secret of [password, ...place.secrets]) {
        expect(working.map(({ argv }) => argv).join("\n")).not.toContain(secret);
      }
      const waiting = await open(folder(), place, { lockWaitMs: 1500 });
      const started = performance.now();
      await expect(waiting.check("structure", run)).rejects.toMatchObject({
        code: "HF_REPOSITORY_LOCKED",
        problem: { params: { holder: expect.stringMatching(new RegExp(`^process ${lock?.pid} on .*, since .* ago`)) } },
      });
      expect(performance.now() - started).toBeGreaterThan(1400);
      await repository.locking?.unlock(run);
      expect(await locksOf(repository)).toHaveLength(1);
      stopping.abort(new Error("enough"));
      expect(await storing).toMatchObject({ message: "enough" });
      expect(await locksOf(repository)).toEqual([]);
      await vi.waitUntil(() => processesOf(mark).length === 0, { timeout: 10_000 });
    });

    test("a dead one's lock stands in the way until a plain unlock removes it", async () => {
      const storing = reasonOf(repository.store({ ...request, paths: [join(folder(), "endless")] }, run));
      const [lock] = await vi.waitUntil(
        async () => {
          const locks = await locksOf(repository);
          return locks.length === 1 ? locks : undefined;
        },
        { timeout: 30_000, interval: 50 },
      );
      process.kill(lock?.pid ?? 0, "SIGKILL");
      expect(await storing).toMatchObject({ code: "HF_RESTIC_FAILED" });
      expect(await locksOf(repository)).toEqual([lock]);
      await expect(repository.check("structure", run)).rejects.toMatchObject({ code: "HF_REPOSITORY_LOCKED" });
      await repository.locking?.unlock(run);
      expect(await locksOf(repository)).toEqual([]);
    });

    test("forgets, checks, prunes and counts", async () => {
      await repository.forget([first], run);
      const left = await all(repository.snapshots(run));
      expect(left).toHaveLength(1);
      expect(await repository.check("structure", run)).toMatchObject({ problems: [] });
      expect(await repository.check({ part: 1, of: 2 }, run)).toMatchObject({ problems: [] });
      expect((await repository.pruning?.prune(run))?.text).toMatch(/remaining/);
      expect(await repository.check("all", run)).toMatchObject({ problems: [] });
      const stats = await repository.stats(run);
      expect(stats.snapshots).toBe(1);
      expect(stats.sizeBytes).toBeGreaterThan(3_000_000);
    });

    test("tells a wrong password from a missing repository", async () => {
      const wrong = await open(folder(), place, { password: new Secret("not this one") });
      await expect(wrong.probe(run)).rejects.toMatchObject({ code: "HF_REPOSITORY_PASSWORD" });
      const elsewhere = await open(folder(), make(join(folder(), "elsewhere")));
      await expect(elsewhere.store(request, run)).rejects.toMatchObject({ code: "HF_REPOSITORY_MISSING" });
    });
  });
}

/** What a promise is rejected with. */
function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "nothing went wrong",
    (reason: unknown) => reason,
  );
}

async function locksOf(repository: Repository) {
  return (await repository.locking?.locks(runContext())) ?? [];
}

function expectId(id: SnapshotId | undefined): SnapshotId {
  if (id === undefined) throw new Error("expected a snapshot id");
  return id;
}
