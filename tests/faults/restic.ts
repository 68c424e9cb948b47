import { execFileSync } from "node:child_process";
import { binaries } from "../support/binaries.ts";

/** The password of every repository in these tests. */
export const password = "correct horse";

/** restic as a person uses it by hand: what Holdfast says is held against what restic says. */
export function restic(repository: string, args: string[]): string {
  return execFileSync(binaries.restic.sid, ["--quiet", "-r", repository, ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], RESTIC_PASSWORD: password },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 256 * 1024 * 1024,
  });
}

export function locksIn(repository: string): string[] {
  return restic(repository, ["list", "locks", "--no-lock"]).split("\n").filter(Boolean);
}

export interface Stored {
  id: string;
  time: string;
  tags: string[];
  paths: string[];
}

export function snapshotsIn(repository: string): Stored[] {
  return JSON.parse(restic(repository, ["snapshots", "--json", "--no-lock"])) as Stored[];
}
