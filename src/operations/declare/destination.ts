import type { Secret } from "../../base/secrets/secret.ts";
import { failure } from "../../base/errors/error.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { destinationName } from "../../domain/names.ts";
import { apiOrigin, builtInOrigin } from "../../domain/origin.ts";
import { declarationRow } from "../../state/queries/declarations.ts";
import { knownDestination, rememberDestination } from "../../state/queries/destinations.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { passwordName } from "../context/repositories.ts";
import type { Caller } from "../run/listener.ts";
import { bodyOf, changed, sealedIn, withSealed, type Body, type Fields } from "./body.ts";
import { checkPlace } from "./destination-place.ts";
import { proveSame } from "./destination-proof.ts";
import { changing, needOpen, needUnused, type Change } from "./draft.ts";
import { readEntry, unsealed } from "./entry.ts";

export interface DestinationChanges {
  /** As they stand in holdfast.yaml, secrets as `Secret`; null takes a field away. */
  fields: Fields;
  /** The password that the repository has. */
  password?: Secret | undefined;
}

/** Whoever changes none but these need not prove that the repository is still reached. */
const harmless = new Set(["enabled", "append_only", "at_once", "lock_wait", "upload_limit", "download_limit"]);

/**
 * Changes a destination of the API's, or the embedded one. What changes how it is reached is tried first: the same repository
 * must answer, or nothing is changed. Throws HF_DECLARED_ELSEWHERE, HF_CONFIG_INVALID, HF_REPOSITORY_*, HF_ADDRESS_REFUSED,
 * HF_PATH_REFUSED.
 */
export async function changeDestination(
  holdfast: Holdfast,
  declared: DestinationDeclaration,
  { fields, password }: DestinationChanges,
  change: Change,
  caller: Caller,
): Promise<void> {
  needOpen("destination", declared);
  const { name, type } = declared;
  const { body: fresh, secrets } = withSealed(fields, secretPrefix(name));
  const nextBody = (before: Body | undefined): Fields => changed(before ?? builtInBody(holdfast, declared), fresh);
  const row = await declarationRow(holdfast.state, "destination", name);
  const next = nextBody(row && bodyOf(row));
  const candidate = candidateOf(holdfast, name, next, secrets);
  await checkPlace(holdfast, type, fields, next, caller.signal);
  const reaches = password !== undefined || Object.keys(fields).some((key) => !harmless.has(key));
  const location = reaches ? await proveSame(holdfast, candidate, password, caller) : undefined;

  await changing(holdfast, change, async (draft) => {
    const before = draft.body("destination", name);
    if (before === undefined && declared.origin === apiOrigin) {
      throw failure("HF_UNKNOWN_NAME", { kind: "destination", name, suggestion: "It was deleted meanwhile." });
    }
    const body = nextBody(before);
    await draft.put("destination", name, body);
    for (const [secretName, secret] of secrets) await draft.seal(secretName, secret);
    const used = new Set(sealedIn(body));
    await draft.unseal(sealedIn(before).filter((one) => !used.has(one)));
    if (password !== undefined) await draft.seal(passwordName(name), password);
    const known = location === undefined ? undefined : await knownDestination(draft.transaction, name);
    if (known !== undefined && location !== undefined) {
      const at = holdfast.clock.now().toISOString();
      await rememberDestination(draft.transaction, name, { repositoryId: known.repository_id, location, at });
    }
  });
}

/**
 * Deletes what the API declared; the repository and its snapshots stay, and so does its password, without which nobody could
 * ever read them. Throws HF_DECLARED_ELSEWHERE, HF_BUILT_IN, HF_IN_USE.
 */
export async function deleteDestination(
  holdfast: Holdfast,
  declared: DestinationDeclaration,
  change: Change,
): Promise<void> {
  const { name, origin } = declared;
  await changing(holdfast, change, async (draft) => {
    const body = draft.body("destination", name);
    if (body === undefined) {
      needOpen("destination", declared);
      throw failure("HF_BUILT_IN", { kind: "destination", name });
    }
    // A source's own of that name stays, and with it whoever uses it.
    if (origin === apiOrigin) needUnused(draft, "destination", name);
    await draft.remove("destination", name);
    await draft.unseal(sealedIn(body));
  });
}

export function secretPrefix(name: string): string {
  return `destination:${name}`;
}

/** The declaration that a body makes, with secrets that are not sealed yet in it. Throws HF_CONFIG_INVALID. */
export function candidateOf(
  holdfast: Pick<Holdfast, "deviceName">,
  name: string,
  body: Body,
  secrets: ReadonlyMap<string, Secret>,
): DestinationDeclaration {
  const [found] = readEntry(holdfast, "destination", name, body).destinations;
  if (found === undefined) throw failure("HF_INTERNAL", { detail: "an entry without problems declares nothing" });
  const { spec, maintenance } = found;
  return {
    ...found,
    name: destinationName(name),
    spec: unsealed(spec, secrets),
    ...(maintenance === undefined ? {} : { maintenance: unsealed(maintenance, secrets) }),
  };
}

function builtInBody(holdfast: Pick<Holdfast, "home">, { type, origin }: DestinationDeclaration): Body {
  return origin === builtInOrigin ? { type, path: holdfast.home.repository } : { type };
}
