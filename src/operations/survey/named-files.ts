import { lookAt } from "../../base/files/exists.ts";
import { walk } from "../../base/files/walk.ts";
import { compile } from "../../domain/excludes/compile.ts";
import { scopeOfName, type NamedFiles } from "../../domain/scope.ts";

/** Finds what is called like a Compose or env file at or below these paths, but for what is excluded anyway. */
export async function findNamedFiles(paths: readonly string[], exclude: readonly string[]): Promise<NamedFiles> {
  const found: NamedFiles = { compose: [], env: [], folders: [] };
  const excluded = compile(exclude);
  const keep = (path: string, isFolder: boolean): void => {
    const scope = scopeOfName(path);
    if (scope !== undefined) found[isFolder ? "folders" : scope].push(path);
  };
  for (const path of paths) {
    const stats = await lookAt(path);
    if (stats !== undefined && !stats.isDirectory()) keep(path, false);
  }
  await walk(paths, (path, isFolder) => {
    if (excluded(path)) return true;
    keep(path, isFolder);
    return false;
  });
  return found;
}
