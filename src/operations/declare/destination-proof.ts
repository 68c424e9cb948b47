import { catalogue } from "../../base/errors/catalogue.ts";
import { exits } from "../../base/errors/entry.ts";
import { failure, HoldfastError, type Problem } from "../../base/errors/error.ts";
import type { Secret } from "../../base/secrets/secret.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { withOwnScratch } from "../context/scratch.ts";
import { testDestination, type DestinationTest } from "../destination-test/test.ts";
import type { Caller } from "../run/listener.ts";

/** Whoever waits for an answer is not kept waiting for longer. */
const patienceMs = 90_000;

/** Carries out what asks a destination, for no longer than a person waits. Throws HF_REPOSITORY_UNREACHABLE after that. */
export async function whileAsked<T>(
  destination: string,
  caller: Caller,
  work: (caller: Caller) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(patienceMs);
  try {
    return await work({ ...caller, signal: AbortSignal.any([caller.signal, limit]) });
  } catch (error) {
    if (!limit.aborted || caller.signal.aborted) throw error;
    const detail = `it gave no answer within ${patienceMs / 1000} s.`;
    throw failure("HF_REPOSITORY_UNREACHABLE", { destination, location: "as it was given", detail }, { cause: error });
  }
}

/** Tests a destination that is only about to be. Throws what stands in its way; what is left are warnings. */
export async function prove(
  holdfast: Holdfast,
  candidate: DestinationDeclaration,
  password: Secret | undefined,
  caller: Caller,
): Promise<DestinationTest> {
  const declaration: DestinationDeclaration =
    password === undefined ? candidate : { ...candidate, password: { from: "plain", value: password } };
  await using own = withOwnScratch(holdfast);
  const tested = await testDestination(own.holdfast, declaration, caller);
  const obstacle = tested.problems.find(isObstacle);
  if (obstacle !== undefined) throw new HoldfastError(obstacle);
  return tested;
}

/**
 * Proves that a changed destination still is the one that was used, and gives its location.
 * Throws HF_REPOSITORY_EXCHANGED, HF_REPOSITORY_MISSING, and what stands in its way.
 */
export async function proveSame(
  holdfast: Holdfast,
  candidate: DestinationDeclaration,
  password: Secret | undefined,
  caller: Caller,
): Promise<string> {
  const { name } = candidate;
  const { location = "" } = await whileAsked(name, caller, async (within) => {
    return await prove(holdfast, candidate, password, within);
  });
  return location;
}

function isObstacle({ code }: Problem): boolean {
  return catalogue[code].exit !== exits.warning;
}
