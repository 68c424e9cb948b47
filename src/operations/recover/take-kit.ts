import { keyOfSealed } from "../../base/secrets/cipher.ts";
import { ringOf } from "../../base/secrets/key-ring.ts";
import { findKeySource, readRing, writeRing } from "../../base/secrets/key-source.ts";
import { Secret } from "../../base/secrets/secret.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { destinationName } from "../../domain/names.ts";
import { declarationRow, insertDeclaration, stampDeclarations } from "../../state/queries/declarations.ts";
import { knownDestination } from "../../state/queries/destinations.ts";
import { keepSealed, putSealed, readKeyCheck, replaceSealed } from "../../state/queries/secrets.ts";
import { writing } from "../../state/transaction.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { passwordName } from "../context/repositories.ts";
import { keysOf, type Kit, type KitDestination } from "./kit.ts";

/**
 * Where this state's secrets are sealed with a key of the kit and the key file is missing or holds another: puts that key
 * back, in front of what is there. Anything else keeps its own key, under which the kit's secrets are sealed anew.
 */
export async function adoptKeys(holdfast: Holdfast, kit: Kit): Promise<void> {
  const source = await findKeySource(holdfast.environment, holdfast.home.masterKey);
  const check = await readKeyCheck(holdfast.state);
  const wanted = check === undefined ? undefined : keyOfSealed(check);
  const missing = keysOf(kit).find(({ id }) => id === wanted);
  if (missing === undefined || source.kind === "credential") return;
  const own = (await readRing(source)) ?? [];
  if (own.some(({ id }) => id === wanted)) return;
  await writeRing(source, ringOf([missing, ...own]) ?? [missing]);
}

/** The destination of a kit, as it could be declared, so that it can be opened. */
export function destinationOf(kit: KitDestination): DestinationDeclaration {
  return {
    name: destinationName(kit.name),
    type: kit.type,
    spec: kit.fields,
    enabled: true,
    appendOnly: kit.append_only,
    origin: "recovery kit",
  };
}

/**
 * Keeps the kit's passwords, and what the API had declared where the state tells nothing of it. A password that was proven
 * takes the place of whatever was kept; others only where the destination was never used.
 */
export async function takePasswords(holdfast: Holdfast, kit: Kit, proven: ReadonlySet<string>): Promise<void> {
  const vault = await holdfast.vault();
  const at = holdfast.clock.now().toISOString();
  for (const destination of kit.destinations) {
    const name = passwordName(destination.name);
    const sealed = vault.seal(name, new Secret(destination.password));
    const unused = (await knownDestination(holdfast.state, destinationName(destination.name))) === undefined;
    const keep = unused || proven.has(destination.name) ? replaceSealed : keepSealed;
    await keep(holdfast.state, name, sealed, at);
  }
  for (const destination of kit.destinations) await declareAgain(holdfast, destination);
}

async function declareAgain(holdfast: Holdfast, { name, api }: KitDestination): Promise<void> {
  if (api === undefined) return;
  const vault = await holdfast.vault();
  const at = holdfast.clock.now().toISOString();
  await writing(holdfast.state, async (transaction) => {
    if ((await declarationRow(transaction, "destination", name)) !== undefined) {
      for (const [secret, value] of Object.entries(api.secrets)) {
        await keepSealed(transaction, secret, vault.seal(secret, new Secret(value)), at);
      }
      return;
    }
    await stampDeclarations(transaction);
    const times = { created_at: at, updated_at: at, created_by: "recovery kit" };
    await insertDeclaration(transaction, { kind: "destination", name, body: JSON.stringify(api.body), ...times });
    for (const [secret, value] of Object.entries(api.secrets)) {
      await putSealed(transaction, secret, vault.seal(secret, new Secret(value)), at);
    }
  });
}
