import { failure, isFailure } from "../../base/errors/error.ts";
import type { Secret } from "../../base/secrets/secret.ts";
import { randomPassword } from "../../base/secrets/vault.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { destinationName, runId, type DestinationName } from "../../domain/names.ts";
import { namesOf } from "../../domain/set-aside.ts";
import { declarationRow } from "../../state/queries/declarations.ts";
import { knownDestination, noteDestination, rememberDestination } from "../../state/queries/destinations.ts";
import { dropSealed, keepSealed, readSealed } from "../../state/queries/secrets.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { openDeclaration, passwordName } from "../context/repositories.ts";
import { withOwnScratch } from "../context/scratch.ts";
import type { DestinationTest } from "../destination-test/test.ts";
import type { Caller } from "../run/listener.ts";
import { withoutUndefined, withSealed, type Fields } from "./body.ts";
import { candidateOf, secretPrefix } from "./destination.ts";
import { checkPlace } from "./destination-place.ts";
import { prove, whileAsked } from "./destination-proof.ts";
import { changing, needFree, type Change } from "./draft.ts";

export interface NewDestination {
  name: string;
  type: string;
  /** As they stand in holdfast.yaml, secrets as `Secret`. */
  fields: Fields;
  /** The repository's password; without it the one that is kept for this name is used, or a new one is made. */
  password?: Secret | undefined;
}

/**
 * Adds a destination: makes and seals a password, tests that it can be reached, creates the repository (or takes over the one
 * that is there and opens with the password), and only then declares it. When anything fails, nothing is declared. Gives the
 * test, whose problems are warnings. Throws HF_NAME_TAKEN, HF_CONFIG_INVALID, HF_ADDRESS_REFUSED, HF_PATH_REFUSED,
 * HF_REPOSITORY_*; HF_REPOSITORY_EXISTS for one that has a password of its own.
 */
export async function createDestination(
  holdfast: Holdfast,
  asked: NewDestination,
  change: Change,
  caller: Caller,
): Promise<DestinationTest> {
  const name = destinationName(asked.name);
  const fields = withoutUndefined({ type: asked.type, ...asked.fields });
  const { body, secrets } = withSealed(fields, secretPrefix(name));
  const candidate = candidateOf(holdfast, name, body, secrets);
  await checkPlace(holdfast, asked.type, asked.fields, asked.fields, caller.signal);
  return await whileAsked(name, caller, async (within) => {
    // Two who add the same name at once would overwrite each other's password.
    await using _turn = await takeTurn(holdfast.state, {
      destination: name,
      mode: "exclusive",
      owner: holdfast.owner,
      what: "its creation",
      signal: within.signal,
    });
    await needFreeNow(holdfast, name);
    const password = await passwordFor(holdfast, name, asked.password);
    const { tested, facts } = await makeRepository(holdfast, candidate, password, within);
    await changing(holdfast, change, async (draft) => {
      needFree(draft, "destination", name);
      await draft.put("destination", name, body);
      for (const [secretName, secret] of secrets) await draft.seal(secretName, secret);
      if (password.given) await draft.seal(passwordName(name), password.secret);
      await rememberDestination(draft.transaction, name, {
        repositoryId: facts.repositoryId,
        location: tested.location ?? "",
        at: holdfast.clock.now().toISOString(),
      });
      await noteDestination(draft.transaction, name, { size_bytes: facts.sizeBytes });
    });
    return tested;
  });
}

async function needFreeNow(holdfast: Holdfast, name: DestinationName): Promise<void> {
  const taken =
    holdfast.declared.destinations.some((one) => one.name === name) ||
    namesOf("destination", holdfast.sources.ranked).has(name) ||
    (await declarationRow(holdfast.state, "destination", name)) !== undefined;
  if (taken) throw failure("HF_NAME_TAKEN", { kind: "destination", name });
}

interface NewPassword {
  secret: Secret;
  given: boolean;
  /** Made just now, and of no use to anybody when no repository comes of it. */
  made: boolean;
}

/** The password is kept before it is ever used: a repository whose password is lost is lost itself. */
async function passwordFor(holdfast: Holdfast, name: DestinationName, given: Secret | undefined): Promise<NewPassword> {
  if (given !== undefined) return { secret: given, given: true, made: false };
  const secretName = passwordName(name);
  const vault = await holdfast.vault();
  const before = await readSealed(holdfast.state, secretName);
  const at = holdfast.clock.now().toISOString();
  const kept = before ?? (await keepSealed(holdfast.state, secretName, vault.seal(secretName, randomPassword()), at));
  return { secret: vault.open(secretName, kept), given: false, made: before === undefined };
}

async function makeRepository(
  holdfast: Holdfast,
  candidate: DestinationDeclaration,
  password: NewPassword,
  caller: Caller,
): Promise<{ tested: DestinationTest; facts: { repositoryId: string; sizeBytes: number } }> {
  const { name } = candidate;
  let tested: DestinationTest;
  try {
    tested = await prove(holdfast, candidate, password.secret, caller);
  } catch (error) {
    if (password.made) await dropSealed(holdfast.state, passwordName(name));
    if (!isFailure(error)) throw error;
    const location = error.problem.params["location"] ?? "";
    if (error.code === "HF_REPOSITORY_PASSWORD" && !password.given) {
      throw failure("HF_REPOSITORY_EXISTS", { destination: name, location }, { cause: error });
    }
    // What was stored under this name before lies elsewhere: one name is never two places.
    if (
      error.code === "HF_REPOSITORY_MISSING" &&
      (await knownDestination(holdfast.state, name))?.location !== location
    ) {
      throw failure("HF_REPOSITORY_EXCHANGED", { destination: name, location }, { cause: error });
    }
    throw error;
  }
  await using own = withOwnScratch(holdfast);
  const repository = await openDeclaration(own.holdfast, candidate, "backup", async () => password.secret);
  const { signal } = caller;
  const run = { runId: runId("destination"), signal, clock: holdfast.clock, emit: () => undefined };
  if (tested.repositoryId !== undefined) {
    const { sizeBytes } = await repository.stats(run);
    return { tested, facts: { repositoryId: tested.repositoryId, sizeBytes } };
  }
  const { repositoryId } = await repository.init(run);
  return { tested, facts: { repositoryId, sizeBytes: 0 } };
}
