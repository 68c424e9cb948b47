import { createHash } from "node:crypto";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { failure, problem } from "../../base/errors/error.ts";
import { compareTrees } from "../../base/files/compare.ts";
import { freeBytes } from "../../base/files/atomic.ts";
import { walk } from "../../base/files/walk.ts";
import { formatBytes } from "../../domain/atoms/bytes.ts";
import { appName, destinationName, type AppName } from "../../domain/names.ts";
import { compile } from "../../domain/excludes/compile.ts";
import { merge } from "../../domain/merge.ts";
import { outcomeOfProblem, worse } from "../../domain/outcome.ts";
import type { Outcome } from "../../domain/run-state.ts";
import { listSnapshotRecords } from "../../state/queries/snapshots.ts";
import { backup } from "../backup/backup.ts";
import type { AppReport } from "../backup/report.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { provideRestic } from "../provision/restic.ts";
import { restore } from "../restore/restore.ts";
import type { Caller } from "../run/listener.ts";
import { literalPattern } from "../../domain/excludes/literal.ts";
import { version } from "../version.ts";

/** What `npm start` did: a backup of folders into the embedded repository, and the proof that it comes back. */
export interface StartReport {
  version: string;
  paths: string[];
  /** No folder was named. */
  defaulted: boolean;
  /** Patterns of what was left out. */
  exclude: string[];
  /** Files that this user may not read and that were therefore left out of the folder that was taken by default. */
  unreadable: number;
  resticVersion: string;
  resticPath: string;
  resticFetched: boolean;
  repository: string;
  report: AppReport;
  /** Absent when nothing was stored, or when the restore failed. */
  proof?: Proof;
  /** The snapshot before this one. */
  previous?: { time: string };
  /** Snapshots of these folders that are there now. */
  snapshots: number;
  durationMs: number;
  outcome: Outcome;
}

export interface Proof {
  /** Files compared byte for byte, and their bytes. */
  files: number;
  bytes: number;
  identical: boolean;
  /** Files that changed on disk after the backup had begun, and so cannot be compared. */
  changedSince: number;
  restoredFiles: number;
  durationMs: number;
  differences: string[];
}

/** A folder that is there on every machine, and holds what people miss most after a crash. */
const usualFolder = "/etc";

/** The whole promise in one go: back up, restore to scratch space, compare every file. Needs no configuration. */
export async function start(holdfast: Holdfast, request: { paths: string[] }, caller: Caller): Promise<StartReport> {
  const began = performance.now();
  const restic = await provide(holdfast, caller);
  const defaulted = request.paths.length === 0;
  const paths = defaulted ? [usualFolder] : request.paths;
  for (const path of paths) await needReadable(path);
  const unreadable = defaulted && process.getuid?.() !== 0 ? await unreadableBelow(paths, caller.signal) : [];
  const name = nameFor(paths);
  const exclude = unreadable.map(literalPattern);
  const own = withOnly(holdfast, name, paths, exclude);
  const [destination] = own.declared.destinations.map((one) => one.name);
  const there = { app: name, stored: true, ...(destination === undefined ? {} : { destination }) };
  const [before] = await listSnapshotRecords(holdfast.state, there);
  const since = holdfast.clock.now();
  const done = await backup(
    own,
    { apps: [name], requestedBy: "person", dryRun: false, wait: true, retain: false, initialise: false },
    caller,
  );
  const [report] = done.apps;
  if (report === undefined) throw failure("HF_NOTHING_DECLARED", {});
  const stored = report.stores.some((store) => store.status === "success");
  const proving = stored && !caller.signal.aborted ? await prove(own, report, paths, since, caller) : undefined;
  const problems = [...report.problems, ...(proving?.problems ?? [])];
  const identical = proving?.proof === undefined || proving.proof.identical;
  const outcome: Outcome = [...problems.map(outcomeOfProblem), report.outcome].reduce(
    worse,
    identical ? "success" : "failed",
  );
  return {
    version,
    paths,
    defaulted,
    exclude,
    unreadable: unreadable.length,
    resticVersion: restic.version,
    resticPath: restic.path,
    resticFetched: restic.fetched,
    repository: holdfast.home.repository,
    report: { ...report, problems },
    ...(proving?.proof === undefined ? {} : { proof: proving.proof }),
    ...(before?.time === undefined ? {} : { previous: { time: before.time } }),
    snapshots: (await listSnapshotRecords(holdfast.state, there)).length,
    durationMs: performance.now() - began,
    outcome,
  };
}

async function provide(holdfast: Holdfast, caller: Caller) {
  let fetched = false;
  const tell = (line: string): void => {
    fetched = true;
    caller.listen("restic", { type: "log", step: { phase: "before", subject: "restic" }, line });
  };
  const { path, version: found } = await provideRestic(holdfast.home.root, holdfast.device, {
    tell,
    signal: caller.signal,
  });
  return { path, version: found, fetched };
}

async function needReadable(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
  } catch (error) {
    const detail =
      error instanceof Error && "code" in error && error.code === "ENOENT"
        ? "does not exist"
        : "cannot be read by this user";
    throw failure("HF_USAGE", { detail: `${path} ${detail}.`, help: "holdfast start --help" }, { cause: error });
  }
}

async function unreadableBelow(paths: string[], signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  const check: Promise<void>[] = [];
  const seen = (path: string): boolean => {
    check.push(
      access(path, constants.R_OK).catch(() => {
        found.push(path);
      }),
    );
    return false;
  };
  await walk(paths, seen, { signal });
  await Promise.all(check);
  return found;
}

/** The same folders get the same name every time, and others another one: /srv/photos is `srv-photos`. */
function nameFor(paths: string[]): AppName {
  const words = paths.map(
    (path) => path.replaceAll(/[^A-Za-z0-9._]+/g, "-").replaceAll(/^[^A-Za-z0-9]+|-+$/g, "") || "root",
  );
  const name = words.join("-");
  const longest = 50;
  if (name.length <= longest) return appName(name);
  const digest = createHash("sha256").update(JSON.stringify(paths)).digest("hex").slice(0, 8);
  return appName(`${name.slice(0, longest)}-${digest}`);
}

/** Holdfast as if nothing but these folders and the embedded repository were declared. */
function withOnly(holdfast: Holdfast, name: AppName, paths: string[], exclude: string[]): Holdfast {
  const declared = merge(
    [
      {
        rank: 1,
        declared: {
          apps: [{ name, origin: "command line", paths, exclude }],
          policies: [],
          destinations: [],
          problems: [],
        },
      },
    ],
    { home: holdfast.home.root, device: holdfast.deviceName },
  );
  return { ...holdfast, declared };
}

async function prove(
  holdfast: Holdfast,
  report: AppReport,
  paths: string[],
  since: Date,
  caller: Caller,
): Promise<{ proof?: Proof; problems: AppReport["problems"] }> {
  const began = performance.now();
  const [destination] = holdfast.declared.destinations;
  const snapshot = report.stores[0]?.snapshotId;
  if (snapshot === undefined || destination === undefined) return { problems: [] };
  const target = join(await holdfast.scratch(), "proof");
  const free = await freeBytes(holdfast.home.scratch);
  if (free < report.files.bytes * 1.05) {
    const needed = formatBytes(report.files.bytes * 1.05);
    const what = "the rehearsed restore";
    return {
      problems: [problem("HF_NO_SPACE", { path: holdfast.home.scratch, needed, free: formatBytes(free), what })],
    };
  }
  const restored = await restore(
    holdfast,
    {
      app: report.app,
      snapshot,
      destination: destinationName(destination.name),
      target,
      inPlace: false,
      paths: [],
      files: true,
      databases: "none",
      into: {},
    },
    caller,
  );
  const failed = !["success", "warning"].includes(restored.outcome);
  if (failed) return { problems: restored.problems };
  const app = holdfast.declared.apps.find((one) => one.name === report.app);
  const matches = compile([...(app?.exclude ?? [])]);
  const own = (path: string): boolean => path === holdfast.home.root || matches(path);
  const proof: Proof = {
    files: 0,
    bytes: 0,
    identical: true,
    changedSince: 0,
    restoredFiles: restored.files.count,
    durationMs: 0,
    differences: [],
  };
  for (const path of paths) {
    const compared = await compareTrees(path, join(target, path), { excluded: own, since, signal: caller.signal });
    proof.files += compared.files;
    proof.bytes += compared.bytes;
    proof.changedSince += compared.changedSince.length;
    proof.differences.push(...compared.differences.map((difference) => `${difference.path}: ${difference.kind}`));
  }
  proof.identical = proof.differences.length === 0;
  proof.durationMs = performance.now() - began;
  // A partial snapshot says itself what it lacks; the restore need not say it again.
  return { proof, problems: restored.problems.filter((found) => found.code !== "HF_RESTORE_INCOMPLETE_SNAPSHOT") };
}
