import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { usage } from "./usage.ts";

/** The first line of the file that was named; undefined when none was. Throws HF_USAGE. */
export async function readPassword(
  path: string | undefined,
  cwd: string,
  command: string,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = await readFile(resolve(cwd, path), "utf8");
  } catch (error) {
    throw usage(`--password-file cannot be read: ${error instanceof Error ? error.message : String(error)}`, command);
  }
  const [line = ""] = text.split(/\r?\n/);
  if (line === "") throw usage(`The first line of ${path} is empty.`, command);
  return line;
}
