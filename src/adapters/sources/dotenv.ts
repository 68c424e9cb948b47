import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { problem, type Problem } from "../../base/errors/error.ts";

/** Variables by name; what the sources and the secrets are read from. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The variables of the process over those of a `.env` file: the process wins, also with an empty value. Without `path`
 * it is `.env` in `cwd`, and need not be there; one that was named must be readable.
 */
export async function readVariables(options: {
  process: Variables;
  cwd: string;
  path?: string;
}): Promise<{ variables: Variables; problems: Problem[] }> {
  const path = options.path ?? join(options.cwd, ".env");
  try {
    return { variables: { ...parseEnv(await readFile(path, "utf8")), ...options.process }, problems: [] };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "syscall" in error)) throw error;
    const absent = error.code === "ENOENT" && options.path === undefined;
    const unreadable = problem("HF_CONFIG_UNREADABLE", { path, detail: `${error.message}.` });
    return { variables: { ...options.process }, problems: absent ? [] : [unreadable] };
  }
}
