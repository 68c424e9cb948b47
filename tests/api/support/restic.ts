import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { binaries } from "../../support/binaries.ts";
import type { Api } from "./start-api.ts";

/** restic by hand, on a repository of this machine. Gives what it printed. */
export async function resticIn(
  { folder }: Pick<Api, "folder">,
  repository: string,
  password: string,
  args: readonly string[],
): Promise<string> {
  const env = { PATH: "/usr/bin:/bin", HOME: folder, RESTIC_PASSWORD: password };
  const { stdout } = await promisify(execFile)(binaries.restic.sid, ["-r", repository, ...args], { env });
  return stdout;
}
