import { join, resolve } from "node:path";
import { realPath } from "../../base/files/exists.ts";
import { isBelow } from "../../domain/plan/backup.ts";
import type { Holdfast } from "./holdfast.ts";

type Places = Pick<Holdfast, "home" | "environment">;

/** The files of the master key and the master password, wherever they lie (base/secrets/key-source.ts), links resolved. */
export async function keyFiles({ home, environment }: Places): Promise<string[]> {
  const credentials = environment["CREDENTIALS_DIRECTORY"];
  const credential = credentials === undefined ? [] : [join(credentials, "holdfast-master-key")];
  const named = [environment["HOLDFAST_MASTER_KEY_FILE"], environment["HOLDFAST_MASTER_PASSWORD_FILE"]];
  const given = named.flatMap((path) => (path === undefined || path === "" ? [] : [resolve(path)]));
  const files = [home.masterKey, ...credential, ...credential.map((path) => `${path}.old`), ...given];
  return [...new Set(await Promise.all(files.map(realPath)))];
}

/**
 * Why an app may not have this path: whoever may download its snapshots would have the key to all of Holdfast's secrets.
 * Undefined when it may. Folders above are no reason: what is Holdfast's own is left out of them.
 */
export async function whyOwn(holdfast: Places, path: string): Promise<string | undefined> {
  const real = await realPath(path);
  if ((await keyFiles(holdfast)).includes(real)) return "it is Holdfast's master key or master password";
  const root = await realPath(holdfast.home.root);
  if (!isBelow(root, real) || isBelow(join(root, "restores"), real)) return undefined;
  return "it lies in Holdfast's own folder";
}
