import { resolve } from "node:path";
import { failure, isFailure, problem, type Problem } from "../../base/errors/error.ts";
import type { RunId, SnapshotId } from "../../domain/names.ts";
import type { SnapshotRecord } from "../../domain/snapshot.ts";
import { systemApps } from "../../domain/system.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf, type Repositories } from "../context/repositories.ts";
import { carryOut, claim, type RunWork } from "../run/lifecycle.ts";
import type { Caller } from "../run/listener.ts";
import { settle } from "../settle/settle.ts";
import { restoreAside } from "./aside.ts";
import { chooseSnapshots } from "./choose.ts";
import { needEmpty } from "./fresh.ts";
import { stagingIn } from "./read-capture.ts";
import type { RestoreReport } from "./report.ts";
import { overrides, type Resolved, type Restored, type RestoreRequestOptions } from "./request.ts";
import { restoreWhereItWas } from "./where-it-was.ts";

/** What came back, and from which record. */
type Done = Restored & { record: SnapshotRecord };

/**
 * Brings an app, or part of it, back from a snapshot; `begun` hears of the run as soon as there is one. Throws
 * HF_SNAPSHOT_*, HF_RESTORE_TARGET_NOT_EMPTY, HF_RUN_BUSY.
 */
export async function restore(
  holdfast: Holdfast,
  request: RestoreRequestOptions,
  caller: Caller,
  begun: (run: RunId) => void = () => undefined,
): Promise<RestoreReport> {
  needNotOwnState(request);
  const candidates = await chooseSnapshots(holdfast, request);
  const [first] = candidates;
  if (first === undefined) throw failure("HF_SNAPSHOT_UNKNOWN", { snapshot: request.snapshot ?? request.app });
  const target = targetOf(request, first);
  if (target !== undefined) await needEmpty(target);
  const settled = await settle(holdfast, caller.signal);
  const claimed = await claim(
    holdfast,
    {
      kind: "restore",
      subject: request.app,
      // Only a restore that changes the app itself keeps others away from it.
      ...(request.inPlace || request.databases !== "none" ? { app: request.app } : {}),
      destination: first.destination,
      requestedBy: "person",
      dryRun: false,
    },
    caller.signal,
  );
  if ("busy" in claimed) {
    throw failure("HF_RUN_BUSY", { app: request.app, run: claimed.busy.id, since: claimed.busy.queuedAt });
  }
  begun(claimed.run.id);
  const repositories = repositoriesOf(holdfast);
  const into = overrides(request.into);
  const end = await carryOut(holdfast, claimed.run, request.app, caller, async (run): Promise<Done> => {
    // What could not be put right may be this very app: a person must know before more is moved.
    for (const found of [...settled.problems, ...worthOf(first)])
      run.note({ phase: "restore", subject: first.destination }, found);
    return await fromAny(holdfast, repositories, candidates, { ...request, into, target }, run);
  });
  const record = end.result?.record ?? first;
  return {
    app: request.app,
    snapshotId: record.resticId ?? "",
    time: record.time ?? record.startedAt,
    destination: record.destination,
    verdict: record.verdict ?? "unproven",
    outcome: end.outcome,
    ...(end.result?.target === undefined ? {} : { target: end.result.target }),
    inPlace: request.inPlace,
    files: { count: end.result?.stats.files ?? 0, bytes: end.result?.stats.bytes ?? 0 },
    verified: end.result?.verified ?? false,
    databases: end.result?.databases ?? [],
    problems: end.problems,
    durationMs: end.durationMs,
  };
}

/** Its own state, exchanged while it is at work on it, would be lost or mixed. */
function needNotOwnState({ app, inPlace, databases, into }: RestoreRequestOptions): void {
  const overItself = inPlace || (databases !== "none" && Object.keys(into).length === 0);
  if (app === systemApps.database && overItself) throw failure("HF_SYSTEM_IN_PLACE", { app });
}

function targetOf(request: RestoreRequestOptions, record: SnapshotRecord): string | undefined {
  if (request.inPlace || !request.files) return undefined;
  return resolve(request.target ?? `restore-${request.app}-${(record.resticId ?? "").slice(0, 8)}`);
}

function worthOf(record: SnapshotRecord): Problem[] {
  if (record.verdict === "good") return [];
  const snapshot = (record.resticId ?? "").slice(0, 8);
  return [problem("HF_RESTORE_INCOMPLETE_SNAPSHOT", { snapshot, verdict: record.verdict ?? "unproven" })];
}

/** From the first destination that can be reached. */
async function fromAny(
  holdfast: Holdfast,
  repositories: Repositories,
  candidates: SnapshotRecord[],
  request: Resolved,
  run: RunWork,
): Promise<Done> {
  for (const [index, record] of candidates.entries()) {
    try {
      return await fromOne(holdfast, repositories, record, request, run);
    } catch (error) {
      const unreachable = isFailure(error, "HF_REPOSITORY_UNREACHABLE", "HF_REPOSITORY_MISSING", "HF_UNKNOWN_NAME");
      if (!unreachable || index === candidates.length - 1) throw error;
      run.emit({
        type: "waiting",
        step: { phase: "restore", subject: record.destination },
        reason: `it cannot be reached; trying ${candidates[index + 1]?.destination ?? "the next"}`,
      });
    }
  }
  throw failure("HF_SNAPSHOT_UNKNOWN", { snapshot: request.snapshot ?? request.app });
}

async function fromOne(
  holdfast: Holdfast,
  repositories: Repositories,
  record: SnapshotRecord,
  request: Resolved,
  run: RunWork,
): Promise<Done> {
  const { destination } = record;
  const repository = await repositories.open(destination);
  await using _turn = await takeTurn(holdfast.state, {
    destination,
    mode: "shared",
    owner: holdfast.owner,
    what: `the restore of ${request.app}`,
    signal: run.signal,
  });
  const source = { repository, record, id: idOf(record), staging: stagingIn(record, request.app) };
  const restored =
    request.target === undefined
      ? await restoreWhereItWas(holdfast, source, request, run)
      : await restoreAside(holdfast, source, { ...request, target: request.target }, run);
  return { record, ...restored };
}

function idOf(record: SnapshotRecord): SnapshotId {
  if (record.resticId === undefined) throw failure("HF_SNAPSHOT_UNKNOWN", { snapshot: record.id });
  return record.resticId;
}
