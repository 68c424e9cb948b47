import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs a program as somebody else than Holdfast would, and gives what it printed. Fails unless it ends well. */
export async function run(program: string, args: string[], env: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", XDG_CACHE_HOME: "/nonexistent", ...env },
  });
  return stdout;
}
