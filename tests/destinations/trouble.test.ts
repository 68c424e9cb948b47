import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { beforeAll, describe, expect, test } from "vitest";
import { localDevice } from "../../src/adapters/devices/local.ts";
import { locateRestic } from "../../src/adapters/destinations/restic/binary.ts";
import type { Executor } from "../../src/base/process/command.ts";
import { snapshotId } from "../../src/domain/names.ts";
import { binaries } from "../support/binaries.ts";
import { runContext } from "../support/database-context.ts";
import { smallFileSystem, suiteFolder, testFolder } from "../support/folders.ts";
import { freePort } from "../support/free-port.ts";
import { describeNeeding } from "../support/needs.ts";
import { servers } from "../support/servers.ts";
import { open } from "./context.ts";
import { localPlace, restPlace, s3Place, sftpPlace } from "./places.ts";
import { contentOf, plantTree } from "./trees.ts";

const run = runContext();
const folder = suiteFolder();
let source: string;
const request = () => ({ paths: [source], exclude: [], host: "homeserver", tags: ["holdfast"] });

beforeAll(() => {
  source = join(folder(), "source");
  mkdirSync(source);
  plantTree(source);
});

test("restic 0.14.0 is refused by its version; 0.18.0 and 0.19.1 are taken", async () => {
  await expect(locateRestic([binaries.restic.bookworm], localDevice())).rejects.toMatchObject({
    code: "HF_RESTIC_TOO_OLD",
    problem: { params: { found: "0.14.0", path: binaries.restic.bookworm } },
  });
  expect(await locateRestic([binaries.restic.trixie], localDevice())).toMatchObject({ version: "0.18.0" });
  const both = [binaries.restic.bookworm, binaries.restic.sid];
  expect(await locateRestic(both, localDevice())).toMatchObject({ path: binaries.restic.sid });
});

test("restic 0.18.0 stores, lists, restores and checks like the newest", async () => {
  const base = testFolder();
  const repository = await open(base, localPlace(base), {
    restic: { path: binaries.restic.trixie, version: "0.18.0" },
  });
  expect(await repository.probe(run)).toBeUndefined();
  await repository.init(run);
  const { id = snapshotId("") } = await repository.store(request(), run);
  const again = await repository.store({ ...request(), parent: id }, run);
  expect(again.summary).toMatchObject({ filesNew: 0, filesChanged: 0 });
  await repository.restore({ id, target: join(base, "restored"), include: [] }, run);
  expect(contentOf(join(base, "restored", source))).toEqual(contentOf(source));
  await repository.forget([id], run);
  const left = [];
  for await (const snapshot of repository.snapshots(run)) left.push(snapshot.id);
  expect(left).toEqual([again.id]);
  expect(await repository.check("all", run)).toMatchObject({ problems: [] });
});

test("a local repository is created for its owner alone", async () => {
  const base = testFolder();
  await (await open(base, localPlace(base))).init(run);
  expect(statSync(join(base, "a folder", "repository")).mode & 0o777).toBe(0o700);
});

test("a parent that is gone is told of, and nothing is stored", async () => {
  const base = testFolder();
  const repository = await open(base, localPlace(base));
  await repository.init(run);
  const gone = repository.store({ ...request(), parent: snapshotId("0".repeat(64)) }, run);
  await expect(gone).rejects.toMatchObject({ code: "HF_SNAPSHOT_UNKNOWN" });
  const unknown = repository.read(snapshotId("1".repeat(64)), source, new PassThrough().resume(), run);
  await expect(unknown).rejects.toMatchObject({ code: "HF_SNAPSHOT_UNKNOWN" });
});

test("a list of paths that is too long for argv is stored whole", async () => {
  const base = testFolder();
  const many = join(base, `${"long".repeat(50)}\nline`);
  mkdirSync(many);
  const paths = Array.from({ length: 1000 }, (_, index) => join(many, `-f ${index}`));
  for (const path of paths) writeFileSync(path, path);
  const repository = await open(base, localPlace(base));
  await repository.init(run);
  const stored = await repository.store({ ...request(), paths }, run);
  expect(stored.summary.filesNew).toBe(1000);
  expect(readdirSync(join(base, "scratch of 100%"))).toEqual([]);
});

test("damage is reported by a check, and by a restore, which does not pass for whole", async () => {
  const base = testFolder();
  const place = localPlace(base);
  const repository = await open(base, place);
  await repository.init(run);
  const { id = snapshotId("") } = await repository.store(request(), run);
  for (const pack of packsOf(String(place.spec["path"])).filter(({ size }) => size > 1_000_000)) rmSync(pack.path);
  const report = await repository.check("structure", run);
  expect(report.problems.map(({ code }) => code)).toEqual(["HF_REPOSITORY_DAMAGED"]);
  const restoring = repository.restore({ id, target: join(base, "restored"), include: [] }, run);
  await expect(restoring).rejects.toMatchObject({ code: "HF_REPOSITORY_DAMAGED" });
});

test("a restored file that was changed under way fails the restore by its name", async () => {
  const base = testFolder();
  const repository = await open(base, localPlace(base));
  await repository.init(run);
  const { id = snapshotId("") } = await repository.store(request(), run);
  const target = join(base, "restored");
  // It is written piece by piece for seconds: whenever it is cut, an earlier piece is lost.
  const victim = join(target, source, "large.bin");
  const slow = await open(base, localPlace(base), { downloadKibPerSecond: 600 });
  const stopping = new AbortController();
  const tampering = tamper(victim, stopping.signal);
  const restoring = slow.restore({ id, target, include: [] }, run).finally(() => stopping.abort());
  await expect(restoring).rejects.toMatchObject({
    code: "HF_RESTORE_MISMATCH",
    problem: { params: { count: "1", path: expect.stringContaining("large.bin") } },
  });
  await tampering;
});

/** Cuts a file whenever it has content. */
async function tamper(path: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (existsSync(path) && statSync(path).size > 0) truncateSync(path, 3);
    await new Promise(setImmediate);
  }
}

function packsOf(repository: string): { path: string; size: number }[] {
  return readdirSync(join(repository, "data"), { recursive: true, encoding: "utf8" })
    .map((name) => join(repository, "data", name))
    .map((path) => ({ path, size: statSync(path).isFile() ? statSync(path).size : 0 }));
}

describeNeeding("root")("without root", () => {
  test("what cannot be read is named, and the rest is stored", async () => {
    const base = testFolder();
    chmodSync(base, 0o777);
    const tree = join(base, "tree");
    mkdirSync(tree);
    for (const name of ["open", "closed"]) writeFileSync(join(tree, name), name);
    chmodSync(join(tree, "closed"), 0o600);
    const { uid, gid } = nobody;
    mkdirSync(join(base, "own"));
    chownSync(join(base, "own"), uid, gid);
    // The test's copies of restic lie in a folder of root's, so nobody gets a copy of its own.
    const repository = await open(join(base, "own"), localPlace(join(base, "own")), {
      executor: as("nobody"),
      restic: { path: copyOfRestic(base), version: "0.19.1" },
    });
    await repository.init(run);
    const stored = await repository.store({ ...request(), paths: [tree] }, run);
    expect(stored.unreadable).toEqual([
      { path: join(tree, "closed"), detail: expect.stringMatching(/permission denied/) },
    ]);
    expect(stored.summary.filesNew).toBe(1);
    const { id = snapshotId("") } = stored;
    const target = join(base, "own", "restored");
    await repository.restore({ id, target, include: [] }, run);
    expect(statSync(join(target, tree, "open")).uid).toBe(uid);
  });
});

describeNeeding("mounts")("on a file system that fills up", () => {
  test("says that the destination is full", async () => {
    const base = testFolder();
    const repository = await open(base, localPlace(smallFileSystem(2_000_000)));
    await repository.init(run);
    await expect(repository.store(request(), run)).rejects.toMatchObject({ code: "HF_REPOSITORY_FULL" });
  });
});

describeNeeding("restServer")("an append-only REST server", () => {
  test("takes backups and refuses to forget, at once and in plain words", async () => {
    const { url, appendOnlyUrl } = servers().restServer;
    const place = restPlace();
    const usual = await open(folder(), place);
    await usual.init(run);
    const spec = { ...place.spec, url: String(place.spec["url"]).replace(url, appendOnlyUrl) };
    const repository = await open(folder(), { ...place, spec });
    const { id = snapshotId("") } = await repository.store(request(), run);
    const started = performance.now();
    await expect(repository.forget([id], run)).rejects.toMatchObject({ code: "HF_REPOSITORY_REFUSED" });
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(await usual.locking?.locks(run)).toEqual([]);
    const into = new PassThrough();
    const [content] = await Promise.all([buffer(into), usual.read(id, join(source, "#hash"), into, run)]);
    expect(content.toString()).toBe("content of #hash");
  });
});

describe("a server that does not let us in", () => {
  describeNeeding("s3")("S3", () => {
    test("with a wrong key is given up after the second refusal", async () => {
      const place = s3Place();
      const repository = await open(folder(), { ...place, spec: { ...place.spec, secret_key: "wrong secret key" } });
      await expect(repository.probe(run)).rejects.toMatchObject({ code: "HF_REPOSITORY_REFUSED" });
      await expect(repository.init(run)).rejects.toMatchObject({ code: "HF_REPOSITORY_REFUSED" });
    });
  });

  describeNeeding("sshd")("SFTP", () => {
    test("with another host key than the pinned one is not trusted", async () => {
      const place = sftpPlace();
      const spec = { ...place.spec, known_host: servers().sshd.otherHostKey };
      await expect((await open(folder(), { ...place, spec })).probe(run)).rejects.toMatchObject({
        code: "HF_REPOSITORY_HOST_KEY",
        problem: { params: { detail: "the server shows another host key than the one that is known for it." } },
      });
      const { known_host: _pinned, ...unpinned } = place.spec;
      const repository = await open(folder(), { ...place, spec: unpinned });
      await expect(repository.probe(run)).rejects.toMatchObject({ code: "HF_REPOSITORY_HOST_KEY" });
    });
  });

  describeNeeding("restServer")("REST", () => {
    test("with a wrong password", async () => {
      const place = restPlace();
      const repository = await open(folder(), { ...place, spec: { ...place.spec, server_password: "wrong one" } });
      await expect(repository.probe(run)).rejects.toMatchObject({ code: "HF_REPOSITORY_REFUSED" });
    });
  });
});

describe("a server that is not there", () => {
  test.each(["rest", "sftp"])("%s is told as unreachable", async (type) => {
    const port = await freePort();
    const spec = type === "rest" ? { url: `http://127.0.0.1:${port}/r` } : { host: "127.0.0.1", port, path: "/r" };
    const repository = await open(folder(), { type, spec, secrets: [] });
    await expect(repository.store(request(), run)).rejects.toMatchObject({ code: "HF_REPOSITORY_UNREACHABLE" });
  });
});

const nobody = { uid: 65_534, gid: 65_534 };

function as(user: string): Executor {
  const here = localDevice();
  return {
    wrap: (command) => here.wrap({ ...command, user }),
    run: (command, io) => here.run({ ...command, user }, io),
  };
}

function copyOfRestic(base: string): string {
  const path = join(base, "restic");
  copyFileSync(binaries.restic.sid, path);
  chmodSync(path, 0o755);
  return path;
}
