import { dirname, join } from "node:path";
import { failure, problem } from "../../base/errors/error.ts";
import { captureFolder, type Capture, type DatabaseCapture } from "../../domain/capture.ts";
import type { Progress, StepRef } from "../../domain/events.ts";
import { literalPattern } from "../../domain/excludes/literal.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { RunWork } from "../run/lifecycle.ts";
import { captureIn } from "./aside.ts";
import { loadDatabases, type DatabaseChoice } from "./databases.ts";
import { restoreFresh } from "./fresh.ts";
import { restoreInPlace, type Placed } from "./in-place.ts";
import { readCapture } from "./read-capture.ts";
import { wantedDumps, type Resolved, type Restored, type RestoreSource } from "./request.ts";

/** Files and databases back to where they were; what was there stays aside until everything has succeeded. */
export async function restoreWhereItWas(
  holdfast: Holdfast,
  source: RestoreSource,
  request: Resolved,
  run: RunWork,
): Promise<Restored> {
  const folder = join(
    await holdfast.scratch(),
    `dumps-${source.id.slice(0, 8)}-${source.record.destination}`,
    captureFolder,
  );
  const capture = await captureOf(source, request, folder, run);
  const captures = wantedDumps(request, capture);
  const app = holdfast.declared.apps.find((one) => one.name === request.app);
  const choice = { captures, declared: app?.databases ?? [], into: request.into, folder };
  const placed = request.files
    ? await place(holdfast, source, request, { capture, captures, today: app?.exclude ?? [] }, run)
    : undefined;
  try {
    const { databases, failed } = await load(holdfast, choice, run);
    await (failed ? placed?.undo() : placed?.keep());
    const stats = failed || placed === undefined ? { files: 0, bytes: 0 } : placed.stats;
    return { stats, verified: placed !== undefined && !failed, databases };
  } catch (error) {
    await placed?.undo();
    throw error;
  }
}

/** The snapshot's capture; with its dumps, in `folder`, when databases are to be loaded. */
async function captureOf(
  source: RestoreSource,
  request: Resolved,
  folder: string,
  run: RunWork,
): Promise<Capture | undefined> {
  const { repository, record, id, staging } = source;
  if (request.databases === "none") {
    return (await readCapture(repository, { id, paths: record.paths }, request.app, run))?.capture;
  }
  if (staging === undefined) return undefined;
  await run.stage({ phase: "restore", subject: `dumps from ${record.destination}` }, async () => {
    const include = [join(staging, captureFolder)];
    return await restoreFresh(repository, { id, target: dirname(folder), include }, staging, run);
  });
  return await captureIn(folder);
}

interface Known {
  capture: Capture | undefined;
  /** The dumps that will be loaded after the files. */
  captures: DatabaseCapture[];
  /** What the app leaves out today. */
  today: string[];
}

async function place(
  holdfast: Holdfast,
  source: RestoreSource,
  request: Resolved,
  { capture, captures, today }: Known,
  run: RunWork,
): Promise<Placed | undefined> {
  const { repository, record, id, staging } = source;
  if (capture === undefined) {
    throw failure("HF_RESTORE_FAILED", {
      what: request.app,
      detail:
        "the snapshot has no capture.json, so what it had left out is not known; restore to a fresh folder with --target",
    });
  }
  const paths = request.paths.length > 0 ? request.paths : record.paths.filter((path) => path !== staging);
  if (paths.length === 0) return undefined;
  // A file that its dump will replace is not carried over; where the load goes elsewhere, it is.
  const loaded = request.into["path"] === undefined ? captures.flatMap((one) => one.replaces) : [];
  const replaced = new Set(loaded.map(literalPattern));
  const exclude = [...new Set([...capture.exclude, ...today])].filter((pattern) => !replaced.has(pattern));
  const step: StepRef = { phase: "restore", subject: record.destination };
  return await run.stage(step, async () => {
    const onProgress = (progress: Progress): void => run.emit({ type: "step-progress", step, progress });
    return await restoreInPlace(holdfast, repository, { id, paths, exclude, onProgress }, run);
  });
}

/** Each load keeps what was there until it is proven itself; what a later one's failure cannot take back is said. */
async function load(holdfast: Holdfast, choice: DatabaseChoice, run: RunWork) {
  const databases = await loadDatabases(holdfast, choice, run);
  const failed = databases.filter((database) => database.problem !== undefined);
  const done = databases.filter((database) => database.problem === undefined);
  const [first] = failed;
  if (first !== undefined && done.length > 0) {
    const loaded = done.map((database) => database.name).join(", ");
    run.note({ phase: "load", subject: first.name }, problem("HF_RESTORE_MIXED", { failed: first.name, loaded }));
  }
  return { databases, failed: failed.length > 0 };
}
