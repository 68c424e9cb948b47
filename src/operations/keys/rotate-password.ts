import { z } from "zod";
import { failure, isFailure, problem, render, toProblem, type Problem } from "../../base/errors/error.ts";
import type { Secret } from "../../base/secrets/secret.ts";
import { randomPassword } from "../../base/secrets/vault.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { runId } from "../../domain/names.ts";
import type { Repository } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";
import { knownDestination } from "../../state/queries/destinations.ts";
import { dropNote, readNote, writeNote } from "../../state/queries/notes.ts";
import { dropSealed, keepSealed, putSealed, readSealed } from "../../state/queries/secrets.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import { writing } from "../../state/transaction.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { openDeclaration, passwordOf, passwordSecret, repositoriesOf, type Access } from "../context/repositories.ts";
import { needSame } from "../context/same-repository.ts";
import { pastStaleLocks } from "../maintain/stale-locks.ts";
import type { Caller } from "../run/listener.ts";
import { settle } from "../settle/settle.ts";

export interface PasswordRotation {
  destination: string;
  /** How many old passwords were taken away. */
  removed: number;
  /** Only what an interrupted rotation had left to do was done. */
  finished: boolean;
  /** What could not be done: an old password that still opens the repository. */
  problems: Problem[];
}

/** Keys of old passwords that are still to be removed. `refused`: the destination does not let us. */
const retired = z.object({ keys: z.array(z.string()), refused: z.boolean() });
type Retired = z.infer<typeof retired>;

/** One rotation: what is to be changed, and how its parts are found. */
export interface Rotation {
  holdfast: Holdfast;
  declared: DestinationDeclaration;
  /** Names of the sealed secrets: the password, and the one that is to take its place. */
  current: string;
  next: string;
  run: RunContext;
}

/**
 * Gives a repository a new password: adds it, proves that it opens alone, makes it the one that Holdfast uses, removes the
 * old one. The new one is sealed in the state before it is ever used; whenever this is interrupted, the repository opens,
 * and running it again goes on where it stopped. Where the old one may not be removed (append-only), the result says so.
 * Throws HF_UNKNOWN_NAME, HF_PASSWORD_DECLARED, HF_PASSWORD_NONE, HF_PASSWORD_UNPROVEN, HF_REPOSITORY_*.
 */
export async function rotateRepositoryPassword(
  holdfast: Holdfast,
  name: string,
  caller: Caller,
): Promise<PasswordRotation> {
  const declared = repositoriesOf(holdfast).declaration(name);
  const current = passwordSecret(declared);
  if (current === undefined) {
    throw failure("HF_PASSWORD_DECLARED", { destination: name, origin: declared.origin });
  }
  await settle(holdfast, caller.signal);
  const { signal } = caller;
  const run = { runId: runId("rotate-password"), signal, clock: holdfast.clock, emit: () => undefined };
  const rotation: Rotation = { holdfast, declared, current, next: `next:${current}`, run };
  await using _turn = await takeTurn(holdfast.state, {
    destination: declared.name,
    mode: "exclusive",
    owner: holdfast.owner,
    what: "a rotation of its password",
    signal,
  });
  const left = await readRetired(rotation);
  const begun = (await readSealed(holdfast.state, rotation.next)) !== undefined;
  // Where only the old key is left over, a new rotation would not bring it any nearer.
  const onlyRemoval = !begun && left !== undefined && !left.refused;
  if (!onlyRemoval) {
    await sealNext(rotation);
    // A password that was made just now cannot be there already.
    if (!begun || !(await hasNext(rotation))) await addNext(rotation);
    await makeCurrent(rotation, await proveNext(rotation));
  }
  return { destination: name, finished: begun || onlyRemoval, ...(await removeRetired(rotation)) };
}

/** First step: a new password, kept before anything knows it. */
export async function sealNext({ holdfast, next }: Rotation): Promise<void> {
  const vault = await holdfast.vault();
  await keepSealed(holdfast.state, next, vault.seal(next, randomPassword()), holdfast.clock.now().toISOString());
}

/** Whether the new password opens the repository already. */
async function hasNext(rotation: Rotation): Promise<boolean> {
  const repository = await open(rotation, "backup", async () => await passwordNext(rotation));
  try {
    return (await repository.probe(rotation.run)) !== undefined;
  } catch (error) {
    if (isFailure(error, "HF_REPOSITORY_PASSWORD")) return false;
    throw error;
  }
}

/** Second step: the repository takes the new password. */
export async function addNext(rotation: Rotation): Promise<void> {
  const { holdfast, run, declared } = rotation;
  const repository = await open(rotation, "backup", async () => await passwordOf(holdfast, declared));
  const facts = await needSame(holdfast.state, declared.name, repository, run);
  const { name: destination } = declared;
  if (facts === undefined) throw failure("HF_REPOSITORY_MISSING", { destination, location: repository.location });
  await passwordsOf(rotation, repository).add(await passwordNext(rotation), run);
}

/** Third step: opens the repository with the new password alone. Gives the keys that are to go. */
export async function proveNext(rotation: Rotation): Promise<string[]> {
  const { holdfast, declared, run } = rotation;
  const { name: destination } = declared;
  const repository = await open(rotation, "backup", async () => await passwordNext(rotation));
  const facts = await repository.probe(run);
  const known = await knownDestination(holdfast.state, destination);
  const fresh = (await passwordsOf(rotation, repository).keys(run)).find(({ current }) => current);
  const old = await keyOfOld(rotation);
  const proven = facts !== undefined && (known === undefined || known.repository_id === facts.repositoryId);
  if (!proven || fresh === undefined || fresh.id === old) throw failure("HF_PASSWORD_UNPROVEN", { destination });
  return old === undefined ? [] : [old];
}

/** Fourth step: from now on Holdfast uses the new one, and knows which keys are to go: all at once. */
export async function makeCurrent(rotation: Rotation, keys: string[]): Promise<void> {
  const { holdfast, current, next } = rotation;
  const password = await passwordNext(rotation);
  const sealed = (await holdfast.vault()).seal(current, password);
  const left = await readRetired(rotation);
  const note: Retired = { keys: [...new Set([...(left?.keys ?? []), ...keys])], refused: false };
  await writing(holdfast.state, async (transaction) => {
    await putSealed(transaction, current, sealed, holdfast.clock.now().toISOString());
    await dropSealed(transaction, next);
    await writeNote(transaction, noteOf(rotation), JSON.stringify(note));
  });
}

/** Fifth step: the old passwords stop opening the repository. */
export async function removeRetired(rotation: Rotation): Promise<Pick<PasswordRotation, "removed" | "problems">> {
  const { holdfast, declared, run } = rotation;
  const left = await readRetired(rotation);
  if (left === undefined) return { removed: 0, problems: [] };
  const repository = await open(rotation, "maintenance", async () => await passwordOf(holdfast, declared));
  const passwords = passwordsOf(rotation, repository);
  const there = (await passwords.keys(run)).filter(({ id, current }) => left.keys.includes(id) && !current);
  const remaining: string[] = [];
  const problems: Problem[] = [];
  for (const { id } of there) {
    try {
      await pastStaleLocks(repository, run, async () => await passwords.remove(id, run));
    } catch (error) {
      // Whether it may be removed is for the server to say; whatever else is wrong is wrong of the whole command.
      if (!isFailure(error, "HF_REPOSITORY_REFUSED", "HF_RESTIC_FAILED")) throw error;
      remaining.push(id);
      problems.push(oldKept(declared, id, toProblem(error)));
    }
  }
  const gone = there.length - remaining.length;
  if (remaining.length === 0) await dropNote(holdfast.state, noteOf(rotation));
  else {
    const note: Retired = { keys: remaining, refused: true };
    await writeNote(holdfast.state, noteOf(rotation), JSON.stringify(note));
  }
  return { removed: gone, problems };
}

function oldKept({ name: destination }: DestinationDeclaration, key: string, found: Problem): Problem {
  return problem("HF_PASSWORD_OLD_KEPT", { destination, key: key.slice(0, 8), detail: render(found).message });
}

async function passwordNext({ holdfast, next }: Rotation): Promise<Secret> {
  const sealed = await readSealed(holdfast.state, next);
  if (sealed === undefined) throw failure("HF_INTERNAL", { detail: `no ${next} is kept` });
  return (await holdfast.vault()).open(next, sealed);
}

/** The key that the password of until now opens; undefined when it opens none any more. */
async function keyOfOld(rotation: Rotation): Promise<string | undefined> {
  const { holdfast, declared, run } = rotation;
  const repository = await open(rotation, "backup", async () => await passwordOf(holdfast, declared));
  try {
    return (await passwordsOf(rotation, repository).keys(run)).find(({ current }) => current)?.id;
  } catch (error) {
    if (isFailure(error, "HF_REPOSITORY_PASSWORD")) return undefined;
    throw error;
  }
}

async function open({ holdfast, declared }: Rotation, access: Access, password: () => Promise<Secret>) {
  return await openDeclaration(holdfast, declared, access, password);
}

function passwordsOf({ declared }: Rotation, { passwords }: Repository): NonNullable<Repository["passwords"]> {
  if (passwords === undefined) throw failure("HF_PASSWORD_NONE", { destination: declared.name });
  return passwords;
}

function noteOf({ declared }: Rotation): string {
  return `old passwords of ${declared.name}`;
}

async function readRetired(rotation: Rotation): Promise<Retired | undefined> {
  const note = await readNote(rotation.holdfast.state, noteOf(rotation));
  return note === undefined ? undefined : retired.parse(JSON.parse(note));
}
