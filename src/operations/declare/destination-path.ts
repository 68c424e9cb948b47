import { failure } from "../../base/errors/error.ts";
import { realPath } from "../../base/files/exists.ts";
import { isBelow } from "../../domain/plan/backup.ts";
import type { Holdfast } from "../context/holdfast.ts";

/** The system's own folders: a repository there is a mistake, or an attempt at one. */
const systemFolders = ["/proc", "/sys", "/dev", "/etc", "/boot", "/usr", "/bin", "/sbin", "/lib", "/lib64"];

/**
 * Lets pass the folder that a user of the API names for a local repository. It is looked at with all links resolved, as far
 * as it exists. Holdfast's own folder holds only the embedded repository. Throws HF_PATH_REFUSED.
 */
export async function checkRepositoryPath({ home }: Pick<Holdfast, "home">, path: string): Promise<void> {
  const refuse = (reason: string) => failure("HF_PATH_REFUSED", { path, reason });
  if (!path.startsWith("/") || path.split("/").includes("..")) throw refuse("it is not absolute, or goes up by ..");
  const real = await resolved(path);
  if (real === undefined) throw refuse("it cannot be looked at");
  const root = await realPath(home.root);
  if (real === "/") throw refuse("it is the root of the file system");
  if (isBelow(root, real) && real !== (await realPath(home.repository))) {
    throw refuse("it lies in Holdfast's own folder");
  }
  if (isBelow(real, root)) throw refuse("Holdfast's own folder lies in it");
  const system = systemFolderOf(real);
  if (system !== undefined) throw refuse(`it lies in ${system}, a folder of the system`);
}

/** The folder of the system that this lies in. */
export function systemFolderOf(real: string): string | undefined {
  return systemFolders.find((folder) => isBelow(folder, real));
}

/** The path with its links resolved. Undefined for what the system refuses to look at, such as a circle of links or a name that is too long. */
export async function resolved(path: string): Promise<string | undefined> {
  try {
    return await realPath(path);
  } catch (error) {
    if (error instanceof Error && "syscall" in error) return undefined;
    throw error;
  }
}
