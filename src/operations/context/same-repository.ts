import { failure } from "../../base/errors/error.ts";
import type { DestinationName } from "../../domain/names.ts";
import type { Repository, RepositoryFacts } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";
import type { Database } from "../../state/open.ts";
import { knownDestination } from "../../state/queries/destinations.ts";

/**
 * Looks whether the repository is there, and is the one that was used before. Gives undefined for a destination that was
 * never used. Throws HF_REPOSITORY_MISSING for a known one that is gone, HF_REPOSITORY_EXCHANGED for another in its place,
 * which would take every backup and pass every check of its own.
 */
export async function needSame(
  state: Database,
  destination: DestinationName,
  repository: Repository,
  run: RunContext,
): Promise<RepositoryFacts | undefined> {
  const { location } = repository;
  const known = await knownDestination(state, destination);
  const facts = await repository.probe(run);
  if (known === undefined) return facts;
  if (facts === undefined) throw failure("HF_REPOSITORY_MISSING", { destination, location });
  if (known.repository_id !== facts.repositoryId) throw failure("HF_REPOSITORY_EXCHANGED", { destination, location });
  return facts;
}
