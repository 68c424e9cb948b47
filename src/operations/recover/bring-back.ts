import { constants } from "node:fs";
import { chown, copyFile, mkdir, stat, chmod } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isFailure, problem, render, type Problem } from "../../base/errors/error.ts";
import { exists } from "../../base/files/exists.ts";
import { Secret } from "../../base/secrets/secret.ts";
import { captureFolder } from "../../domain/capture.ts";
import { builtInOrigin } from "../../domain/origin.ts";
import type { Repository, StoredSnapshot } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";
import { systemApps } from "../../domain/system.ts";
import { openDeclaration } from "../context/repositories.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { readCapture, stagingIn } from "../restore/read-capture.ts";
import { restoreFresh } from "../restore/fresh.ts";
import { keysOf, type Kit } from "./kit.ts";
import { loadState } from "./load-state.ts";
import { destinationOf } from "./take-kit.ts";

/** What was brought back of Holdfast itself. */
export interface BroughtBack {
  /** Files of the configuration that were put at their places. */
  files: string[];
  /** From when the state is, and where it was found. */
  state?: { time: string; destination: string };
  /** There is a state to bring back, but this one is not fresh. */
  stateKept: boolean;
  /** Names of secrets of that state which the kit's keys do not open. */
  lost: string[];
  problems: Problem[];
  /** Destinations that the kit's password opened. */
  opened: string[];
}

interface Place {
  destination: string;
  repository: Repository;
  snapshots: StoredSnapshot[];
}

/**
 * Brings back Holdfast's own configuration and state from the newest good snapshots that the kit leads to. Configuration
 * files come back only where none are; the state only when nothing has happened in this one yet.
 */
export async function bringBack(
  holdfast: Holdfast,
  kit: Kit,
  names: readonly string[],
  run: RunContext,
): Promise<BroughtBack> {
  const back: BroughtBack = { files: [], stateKept: false, lost: [], problems: [], opened: [] };
  const places = await placesOf(holdfast, kit, names, back.problems, run);
  back.opened = places.map(({ destination }) => destination);
  await fromNewest(systemApps.platform_config, places, back, kit, async (place, snapshot) => {
    back.files = holdfast.config === undefined ? await putFiles(holdfast, place, snapshot, run) : [];
    return true;
  });
  await fromNewest(systemApps.database, places, back, kit, async (place, snapshot) => {
    const folder = join(await holdfast.scratch(), `state-${snapshot.id.slice(0, 8)}`);
    const found = await readCapture(place.repository, snapshot, systemApps.database, run);
    const capture = found?.capture.databases.find(({ complete }) => complete);
    if (found === undefined || capture === undefined || !found.capture.complete) return false;
    const include = [join(found.staging, captureFolder)];
    await restoreFresh(place.repository, { id: snapshot.id, target: folder, include }, found.staging, run);
    const lost = await loadState(holdfast, { capture, folder: join(folder, captureFolder) }, keysOf(kit), run);
    back.stateKept = lost === undefined;
    if (lost === undefined) return true;
    back.state = { time: snapshot.time, destination: place.destination };
    back.lost = lost;
    return true;
  });
  return back;
}

/** What the kit's destinations hold of Holdfast itself. One that cannot be opened is a problem, and hinders no other. */
async function placesOf(
  holdfast: Holdfast,
  kit: Kit,
  names: readonly string[],
  problems: Problem[],
  run: RunContext,
): Promise<Place[]> {
  const wanted = kit.destinations.filter(({ name }) => names.length === 0 || names.includes(name));
  const found = await Promise.all(
    wanted.map(async (one): Promise<Place | undefined> => {
      // As it is declared here: the address may have changed since.
      const here = holdfast.declared.destinations.find(
        ({ name, origin }) => name === one.name && origin !== builtInOrigin,
      );
      const password = new Secret(one.password);
      try {
        const declared = here ?? destinationOf(one);
        const repository = await openDeclaration(holdfast, declared, "backup", () => Promise.resolve(password));
        const snapshots: StoredSnapshot[] = [];
        for await (const snapshot of repository.snapshots(run)) snapshots.push(snapshot);
        return { destination: one.name, repository, snapshots };
      } catch (error) {
        if (!isFailure(error)) throw error;
        // What is declared here is tried again, and told of then.
        if (here === undefined) problems.push(error.problem);
        return undefined;
      }
    }),
  );
  return found.filter((place) => place !== undefined);
}

/** Tries the newest good snapshot of the app first, then older ones, until one serves. */
async function fromNewest(
  app: string,
  places: Place[],
  back: BroughtBack,
  kit: Kit,
  work: (place: Place, snapshot: StoredSnapshot) => Promise<boolean>,
): Promise<void> {
  const all = places.flatMap((place) =>
    place.snapshots
      .filter(({ tags }) => tags.includes(`app:${app}`) && !tags.includes("partial") && !tags.includes("suspect"))
      .map((snapshot) => ({ place, snapshot })),
  );
  // A repository may serve several machines, each with a state of its own.
  const own = all.filter(({ snapshot }) => snapshot.host === kit.device);
  const newestFirst = (own.length > 0 ? own : all).toSorted(
    (one, other) => Date.parse(other.snapshot.time) - Date.parse(one.snapshot.time),
  );
  let failed: Problem | undefined;
  for (const { place, snapshot } of newestFirst) {
    try {
      if (await work(place, snapshot)) return;
    } catch (error) {
      if (!isFailure(error)) throw error;
      const { message: detail } = render(error.problem);
      failed ??= problem("HF_RECOVER_SYSTEM", { app, destination: place.destination, detail });
    }
  }
  if (failed !== undefined) back.problems.push(failed);
}

/** Puts the files of a snapshot at their places, but none over another. Gives those that were put. */
async function putFiles(
  holdfast: Holdfast,
  { repository }: Place,
  snapshot: StoredSnapshot,
  run: RunContext,
): Promise<string[]> {
  const target = join(await holdfast.scratch(), `config-${snapshot.id.slice(0, 8)}`);
  const staging = stagingIn(snapshot, systemApps.platform_config);
  await restoreFresh(repository, { id: snapshot.id, target, include: [] }, staging, run);
  const put: string[] = [];
  for (const path of snapshot.paths.filter((one) => one !== staging)) {
    const restored = join(target, path);
    if ((await exists(path)) || !(await exists(restored))) continue;
    const { mode, uid, gid } = await stat(restored);
    await mkdir(dirname(path), { recursive: true });
    await copyFile(restored, path, constants.COPYFILE_EXCL);
    await chmod(path, mode & 0o777);
    if (process.getuid?.() === 0) await chown(path, uid, gid);
    put.push(path);
  }
  return put;
}
