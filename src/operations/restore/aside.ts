import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../../base/files/exists.ts";
import { captureFileName, captureFolder, type Capture } from "../../domain/capture.ts";
import type { Progress, StepRef } from "../../domain/events.ts";
import { isBelow } from "../../domain/plan/backup.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { RunWork } from "../run/lifecycle.ts";
import { loadDatabases } from "./databases.ts";
import { restoreFresh } from "./fresh.ts";
import { parseCapture } from "./read-capture.ts";
import type { RestoredDatabase } from "./report.ts";
import { wantedDumps, type Resolved, type Restored, type RestoreSource } from "./request.ts";

/**
 * Everything into a fresh folder, file databases at their places in it. Databases of servers are loaded only when they
 * were asked for, from the dumps that lie there then.
 */
export async function restoreAside(
  holdfast: Holdfast,
  source: RestoreSource,
  request: Resolved & { target: string },
  run: RunWork,
): Promise<Restored> {
  const { target } = request;
  const { repository, id, staging } = source;
  const step: StepRef = { phase: "restore", subject: source.record.destination };
  const dumpsToo = request.databases !== "none" && staging !== undefined;
  const include =
    request.paths.length > 0 && dumpsToo ? [...request.paths, join(staging, captureFolder)] : request.paths;
  const stats = await run.stage(step, async () => {
    const onProgress = (progress: Progress): void => run.emit({ type: "step-progress", step, progress });
    return await restoreFresh(repository, { id, target, include, onProgress }, staging, run);
  });
  const folder = join(target, captureFolder);
  const capture = await captureIn(folder);
  const declared = holdfast.declared.apps.find((app) => app.name === request.app)?.databases ?? [];
  const choice = { captures: wantedDumps(request, capture), declared, into: request.into, folder };
  const databases = [
    ...(await fileDatabases(holdfast, capture, request, folder, run)),
    ...(await loadDatabases(holdfast, choice, run)),
  ];
  return { stats, verified: true, target, databases };
}

/** The capture that was restored into this folder, if there is one. */
export async function captureIn(folder: string): Promise<Capture | undefined> {
  const path = join(folder, captureFileName);
  return (await exists(path)) ? parseCapture(await readFile(path, "utf8"), path) : undefined;
}

/** A database that is a file belongs to the files: its dump takes its place below the target. */
async function fileDatabases(
  holdfast: Holdfast,
  capture: Capture | undefined,
  request: Resolved & { target: string },
  folder: string,
  run: RunWork,
): Promise<RestoredDatabase[]> {
  const loaded: RestoredDatabase[] = [];
  for (const database of capture?.databases ?? []) {
    const [path] = database.replaces;
    const asked = request.paths.length === 0 || request.paths.some((one) => path !== undefined && isBelow(one, path));
    if (!database.complete || path === undefined || !asked) continue;
    const into = { path: join(request.target, path) };
    loaded.push(...(await loadDatabases(holdfast, { captures: [database], declared: [], into, folder }, run)));
  }
  return loaded;
}
