import { inspectDestination } from "../../adapters/destinations/registry.ts";
import { problem, toProblem, type Problem } from "../../base/errors/error.ts";
import type { BucketFacts } from "../../domain/bucket.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { runId } from "../../domain/names.ts";
import { outcomeOfProblem, worse } from "../../domain/outcome.ts";
import type { Repository } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";
import type { Outcome } from "../../domain/run-state.ts";
import { knownDestination } from "../../state/queries/destinations.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { openDeclaration, passwordOf, type Access } from "../context/repositories.ts";
import { secretResolver } from "../context/secrets.ts";
import { selectDestinations } from "../context/select.ts";
import type { Caller } from "../run/listener.ts";
import { bucketSentences, compareWithPromise } from "./compare.ts";

export interface DestinationTest {
  destination: string;
  outcome: Outcome;
  /** Where it lies, without secrets; absent when it could not even be opened. */
  location?: string;
  /** `unknown`: it could not be asked. */
  repository: "present" | "absent" | "unknown";
  /** restic's own id of the repository. */
  repositoryId?: string;
  /** Only of object stores that could be asked. */
  bucket?: BucketFacts;
  /** What was found, in sentences. */
  facts: string[];
  /** What stands in the way, or differs from what is promised. */
  problems: Problem[];
}

/**
 * Tries whether a destination, declared or only about to be, can be reached with its credentials and its password, also
 * those of maintenance, and compares an object store's bucket with what is promised of it. It reads only: nothing is
 * written there or kept here. Never throws, but for an abort: the report tells.
 */
export async function testDestination(
  holdfast: Holdfast,
  declaration: DestinationDeclaration,
  caller: Caller,
): Promise<DestinationTest> {
  const run: RunContext = {
    runId: runId("destination-test"),
    signal: caller.signal,
    clock: holdfast.clock,
    emit: () => undefined,
  };
  const [backup, maintenance, bucket] = await Promise.all([
    probe(holdfast, declaration, "backup", run),
    declaration.maintenance === undefined ? undefined : probe(holdfast, declaration, "maintenance", run),
    inspect(holdfast, declaration, caller.signal),
  ]);
  caller.signal.throwIfAborted();
  const problems = [
    ...backup.problems,
    ...(await asBefore(holdfast, declaration, backup)),
    ...(maintenance === undefined ? [] : besides(declaration, backup, maintenance)),
    ...(bucket.facts === undefined ? [] : compareWithPromise(declaration.name, declaration.appendOnly, bucket.facts)),
    ...bucket.problems,
  ];
  const { repository, location, repositoryId } = backup;
  return {
    destination: declaration.name,
    outcome: problems.map(outcomeOfProblem).reduce(worse, "success"),
    repository,
    ...(location === undefined ? {} : { location }),
    ...(repositoryId === undefined ? {} : { repositoryId }),
    ...(bucket.facts === undefined ? {} : { bucket: bucket.facts }),
    facts: [
      ...sentences[repository],
      ...(maintenance?.repository === "present" ? ["It opens with the maintenance credentials too."] : []),
      ...(bucket.facts === undefined ? [] : bucketSentences(bucket.facts)),
    ],
    problems,
  };
}

const sentences: Record<Probe["repository"], string[]> = {
  present: ["The repository is there and opens with its password."],
  absent: ["It can be reached; the first backup creates the repository."],
  unknown: [],
};

interface Probe {
  repository: DestinationTest["repository"];
  location?: string;
  repositoryId?: string;
  problems: Problem[];
}

async function probe(
  holdfast: Holdfast,
  declaration: DestinationDeclaration,
  access: Access,
  run: RunContext,
): Promise<Probe> {
  let opened: Repository | undefined;
  try {
    // As a rehearsal: a password that is not there yet is made by the first backup and not by a test.
    const password = () => passwordOf({ ...holdfast, acting: false }, declaration);
    opened = await openDeclaration(holdfast, declaration, access, password);
    const { location } = opened;
    const facts = await opened.probe(run);
    if (facts === undefined) return { repository: "absent", location, problems: [] };
    return { repository: "present", location, repositoryId: facts.repositoryId, problems: [] };
  } catch (error) {
    const location = opened === undefined ? {} : { location: opened.location };
    return { repository: "unknown", ...location, problems: [toProblem(error)] };
  }
}

/** A destination that was used before has the same repository still. */
async function asBefore(
  holdfast: Holdfast,
  { name }: DestinationDeclaration,
  { repository, location = "", repositoryId }: Probe,
): Promise<Problem[]> {
  const known = await knownDestination(holdfast.state, name);
  if (known === undefined) return [];
  if (repository === "absent") return [problem("HF_REPOSITORY_MISSING", { destination: name, location })];
  const other = repositoryId !== undefined && repositoryId !== known.repository_id;
  return other ? [problem("HF_REPOSITORY_EXCHANGED", { destination: name, location })] : [];
}

/** What is wrong with the maintenance credentials: they must lead to the same repository. */
function besides({ name }: DestinationDeclaration, backup: Probe, maintenance: Probe): Problem[] {
  if (maintenance.problems.length > 0) return maintenance.problems;
  if (backup.repository === "unknown" || backup.repositoryId === maintenance.repositoryId) return [];
  const location = maintenance.location ?? "";
  return maintenance.repository === "absent"
    ? [problem("HF_REPOSITORY_MISSING", { destination: name, location })]
    : [problem("HF_REPOSITORY_EXCHANGED", { destination: name, location })];
}

async function inspect(
  holdfast: Holdfast,
  declaration: DestinationDeclaration,
  signal: AbortSignal,
): Promise<{ facts?: BucketFacts; problems: Problem[] }> {
  try {
    const facts = await inspectDestination(declaration, { resolveSecret: secretResolver(holdfast), signal });
    return facts === undefined ? { problems: [] } : { facts, problems: [] };
  } catch (error) {
    // What the repository's own probe tells as well is told once.
    if (signal.aborted || toProblem(error).code !== "HF_SECRET_UNAVAILABLE") throw error;
    return { problems: [] };
  }
}

/** Tests the declared destinations of these names, side by side; all of them when none is named. Throws HF_UNKNOWN_NAME. */
export async function testDestinations(
  holdfast: Holdfast,
  names: string[],
  caller: Caller,
): Promise<DestinationTest[]> {
  return await Promise.all(selectDestinations(holdfast, names).map((one) => testDestination(holdfast, one, caller)));
}
