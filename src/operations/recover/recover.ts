import { randomUUID } from "node:crypto";
import { failure, isFailure, problem, toProblem, type Problem } from "../../base/errors/error.ts";
import type { EarlierRun } from "../../domain/capture.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { appName, runId, snapshotRecordId, type DestinationName } from "../../domain/names.ts";
import { outcomeOfProblem, worse } from "../../domain/outcome.ts";
import type { Repository, StoredSnapshot } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";
import type { Outcome } from "../../domain/run-state.ts";
import type { SnapshotRecord, SourcePart, Verdict } from "../../domain/snapshot.ts";
import { appOf, runOf, taggedVerdict } from "../../domain/stored.ts";
import { rememberDestination } from "../../state/queries/destinations.ts";
import { readSealed } from "../../state/queries/secrets.ts";
import { insertSnapshotRecord, listSnapshotRecords, markForgotten } from "../../state/queries/snapshots.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import { ownHosts } from "../context/hosts.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf } from "../context/repositories.ts";
import { needSame } from "../context/same-repository.ts";
import { selectDestinations } from "../context/select.ts";
import { readCapture } from "../restore/read-capture.ts";
import type { Caller } from "../run/listener.ts";
import { settle } from "../settle/settle.ts";
import { redeclare } from "../context/redeclare.ts";
import { bringBack } from "./bring-back.ts";
import { readKit } from "./kit.ts";
import { adoptKeys, takePasswords } from "./take-kit.ts";

export interface RecoverReport {
  /** What came back of Holdfast itself, with a kit. */
  system?: {
    /** Configuration files that were put at their places. */
    files: string[];
    state?: { time: string; destination: string };
    /** There was one to bring back, but in this one something has happened already. */
    stateKept: boolean;
  };
  /** What does not concern one destination alone. */
  problems: Problem[];
  destinations: { destination: string; snapshots: number; added: number; apps: string[]; problems: Problem[] }[];
  outcome: Outcome;
}

export interface RecoverRequest {
  destinations: string[];
  /** A recovery kit whose passwords are taken in first. */
  kit?: string;
}

/**
 * Rebuilds the state from the repositories. With a kit, Holdfast's own configuration and state come back first, where this
 * home is empty. Snapshots that the state did not know are taken in: with the verdict that the newest capture of their app
 * tells of them, and `unproven` where nothing does (law 10).
 */
export async function recover(holdfast: Holdfast, request: RecoverRequest, caller: Caller): Promise<RecoverReport> {
  const run: RunContext = {
    runId: runId(randomUUID()),
    signal: caller.signal,
    clock: holdfast.clock,
    emit: () => undefined,
  };
  if (request.kit === undefined) {
    await settle(holdfast, caller.signal);
    return reportOf(await takeInAll(holdfast, request.destinations, run), []);
  }
  const kit = await readKit(request.kit);
  await adoptKeys(holdfast, kit);
  await settle(holdfast, caller.signal);
  const { files, state, stateKept, lost, problems, opened } = await bringBack(holdfast, kit, request.destinations, run);
  await takePasswords(holdfast, kit, new Set(opened));
  const missing: string[] = [];
  for (const name of lost) if ((await readSealed(holdfast.state, name)) === undefined) missing.push(name);
  if (missing.length > 0) {
    problems.push(problem("HF_RECOVER_SECRETS", { count: missing.length, names: missing.join(", ") }));
  }
  // The configuration may lie where it would not be looked for from here.
  const config = holdfast.config ?? files.find((path) => /\.ya?ml$/.test(path));
  const again = await redeclare({ ...holdfast, config });
  const undeclared = kit.destinations
    .map(({ name }) => name)
    .filter((name) => !again.declared.destinations.some((declared) => declared.name === name));
  if (undeclared.length > 0) problems.push(problem("HF_KIT_UNDECLARED", { names: undeclared.join(", ") }));
  const names = request.destinations.filter((name) => !undeclared.includes(name));
  const nothingLeft = names.length === 0 && request.destinations.length > 0;
  const destinations = nothingLeft ? [] : await takeInAll(again, names, run);
  return {
    ...reportOf(destinations, problems),
    system: { files, stateKept, ...(state === undefined ? {} : { state }) },
  };
}

function reportOf(destinations: RecoverReport["destinations"], problems: Problem[]): RecoverReport {
  const outcome = [...destinations.flatMap((one) => one.problems), ...problems]
    .map(outcomeOfProblem)
    .reduce(worse, "success");
  return { destinations, problems, outcome };
}

async function takeInAll(holdfast: Holdfast, names: string[], run: RunContext): Promise<RecoverReport["destinations"]> {
  const repositories = repositoriesOf(holdfast);
  return await Promise.all(
    selectDestinations(holdfast, names).map(async (declaration) => {
      const { name } = declaration;
      try {
        const repository = await repositories.open(name);
        return { destination: name, ...(await recoverFrom(holdfast, declaration, repository, run)), problems: [] };
      } catch (error) {
        const found =
          isFailure(error, "HF_REPOSITORY_PASSWORD") && declaration.password === undefined
            ? needKit(name)
            : toProblem(error);
        return { destination: name, snapshots: 0, added: 0, apps: [], problems: [found] };
      }
    }),
  );
}

function needKit(name: DestinationName): Problem {
  return problem("HF_SECRET_UNAVAILABLE", {
    name: `password of ${name}`,
    detail: "the repository has one that this Holdfast does not know",
    where: "`holdfast recover --from-kit FILE`, or `password` in its declaration",
  });
}

async function recoverFrom(
  holdfast: Holdfast,
  declaration: DestinationDeclaration,
  repository: Repository,
  run: RunContext,
): Promise<{ snapshots: number; added: number; apps: string[] }> {
  const { name } = declaration;
  await using _turn = await takeTurn(holdfast.state, {
    destination: name,
    mode: "exclusive",
    owner: holdfast.owner,
    what: "a recovery",
    signal: run.signal,
  });
  const { location } = repository;
  const facts = await needSame(holdfast.state, name, repository, run);
  if (facts === undefined) throw failure("HF_REPOSITORY_MISSING", { destination: name, location });
  const at = holdfast.clock.now().toISOString();
  await rememberDestination(holdfast.state, name, { repositoryId: facts.repositoryId, location, at });

  const byApp = await oursIn(holdfast, repository, run);
  const stored = [...byApp.values()].flat();
  const known = await listSnapshotRecords(holdfast.state, { destination: name, stored: true });
  const knownIds = new Set(known.map((record) => String(record.resticId)));
  const there = new Set(stored.map((snapshot) => String(snapshot.id)));
  const vanished = known.flatMap(({ resticId }) => (resticId === undefined || there.has(resticId) ? [] : [resticId]));
  await markForgotten(holdfast.state, name, vanished, at);

  let added = 0;
  for (const [app, snapshots] of byApp) {
    const missing = snapshots.filter((snapshot) => !knownIds.has(snapshot.id));
    if (missing.length === 0) continue;
    const told = await toldBy(repository, app, newestOf(snapshots), run);
    for (const snapshot of missing) await insertSnapshotRecord(holdfast.state, recordOf(app, name, snapshot, told));
    added += missing.length;
  }
  return { snapshots: stored.length, added, apps: [...byApp.keys()].sort() };
}

/** Snapshots of this machine; of all machines where this one has none, for then it stands in for the one that is gone. */
async function oursIn(
  holdfast: Holdfast,
  repository: Repository,
  run: RunContext,
): Promise<Map<string, StoredSnapshot[]>> {
  const found: { app: string; snapshot: StoredSnapshot }[] = [];
  for await (const snapshot of repository.snapshots(run)) {
    const app = appOf(snapshot);
    if (app !== undefined) found.push({ app, snapshot });
  }
  const hosts = ownHosts(holdfast);
  const own = found.filter(({ snapshot }) => hosts.has(snapshot.host));
  const byApp = new Map<string, StoredSnapshot[]>();
  for (const { app, snapshot } of own.length > 0 ? own : found) {
    byApp.set(app, [...(byApp.get(app) ?? []), snapshot]);
  }
  return byApp;
}

function newestOf(stored: StoredSnapshot[]): StoredSnapshot | undefined {
  return stored.toSorted((left, right) => Date.parse(right.time) - Date.parse(left.time))[0];
}

interface Told {
  earlier: EarlierRun[];
  newest: string | undefined;
  parts: SourcePart[];
}

/** What the newest snapshot's capture says of itself and of the runs before it. */
async function toldBy(
  repository: Repository,
  app: string,
  newest: StoredSnapshot | undefined,
  run: RunContext,
): Promise<Told> {
  const found = newest === undefined ? undefined : await readCapture(repository, newest, app, run);
  if (found === undefined) return { earlier: [], newest: undefined, parts: [] };
  const { capture } = found;
  const parts: SourcePart[] = [
    ...capture.paths.map(({ path, files, bytes }) => ({ name: path, files, bytes })),
    ...capture.databases
      .filter((database) => database.complete)
      .map((database) => ({
        name: `database:${database.name}`,
        files: database.files.length,
        bytes: database.files.reduce((sum, file) => sum + file.bytes, 0),
      })),
  ];
  return { earlier: capture.earlier, newest: newest?.id, parts };
}

/**
 * A capture tells of the runs before it, and so vouches for their snapshots. Of the newest one itself it cannot say
 * whether it was stored whole: restic's exit status came later.
 */
function verdictOf(snapshot: StoredSnapshot, told: Told): Verdict {
  const vouched = told.earlier.flatMap((run) => run.snapshots).find((one) => one.id === snapshot.id)?.verdict;
  if (vouched === "good" || vouched === "partial" || vouched === "suspect") return vouched;
  return taggedVerdict(snapshot);
}

function recordOf(app: string, destination: DestinationName, snapshot: StoredSnapshot, told: Told): SnapshotRecord {
  const run = runOf(snapshot) ?? randomUUID();
  const at = new Date(snapshot.time).toISOString();
  return {
    id: snapshotRecordId(randomUUID()),
    runId: runId(run),
    app: appName(app),
    destination,
    status: "success",
    verdict: verdictOf(snapshot, told),
    resticId: snapshot.id,
    time: snapshot.time,
    host: snapshot.host,
    paths: snapshot.paths,
    tags: snapshot.tags,
    parts: snapshot.id === told.newest ? told.parts : [],
    pinned: told.earlier.some((run) => run.snapshots.some((one) => one.id === snapshot.id && one.pinned)),
    startedAt: at,
    completedAt: at,
    ...(snapshot.summary === undefined ? {} : { summary: snapshot.summary }),
  };
}
