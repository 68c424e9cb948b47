import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openHoldfast, type Holdfast } from "../../src/operations/context/holdfast.ts";
import type { Caller } from "../../src/operations/run/listener.ts";
import type { Homelab } from "../engine/homelab.ts";
import { binaries } from "../support/binaries.ts";

export const caller: Caller = { signal: new AbortController().signal, listen: () => undefined };

/** One app with one small file, and these destinations. */
export function declareOne(lab: Homelab, destinations: object, more: object = {}): string {
  const data = join(lab.folder, "data");
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, "file"), "content");
  lab.declare({ destinations, apps: { app: { paths: [data] } }, ...more });
  return data;
}

/** Holdfast as a process of its own would open it. */
export async function opened(lab: Homelab, environment: NodeJS.ProcessEnv = {}): Promise<Holdfast> {
  const holdfast = await openHoldfast({
    environment: { HOLDFAST_HOME: lab.home, HOLDFAST_RESTIC: binaries.restic.sid, ...environment },
    cwd: lab.folder,
    acting: true,
  });
  onTestFinished(async () => await holdfast[Symbol.asyncDispose]());
  return holdfast;
}

interface Kit {
  masterKeys: string[];
  destinations: { name: string; repository: string; password: string }[];
}

/** The kit as it would be written now; what was written is removed. */
export async function kitOf(lab: Homelab, environment: Record<string, string> = {}): Promise<Kit> {
  const path = join(lab.folder, "kit-to-look-at.json");
  await lab.json(["recover", "--kit", path], 0, { env: environment });
  const kit = JSON.parse(readFileSync(path, "utf8")) as Kit;
  rmSync(path);
  return kit;
}

export async function passwordIn(lab: Homelab, name: string): Promise<string> {
  return (await kitOf(lab)).destinations.find((one) => one.name === name)?.password ?? "";
}

const resticEnv = (lab: Homelab, repository: string, password: string, more: Record<string, string>) => ({
  HOME: lab.folder,
  RESTIC_REPOSITORY: repository,
  RESTIC_PASSWORD: password,
  ...more,
});

/** The ids of the keys that open a repository. */
export function keysIn(
  lab: Homelab,
  repository: string,
  password: string,
  more: Record<string, string> = {},
): string[] {
  const env = resticEnv(lab, repository, password, more);
  const out = execFileSync(binaries.restic.sid, ["key", "list", "--json", "--no-lock"], { encoding: "utf8", env });
  return (JSON.parse(out) as { id: string }[]).map(({ id }) => id);
}

export function opens(lab: Homelab, repository: string, password: string, more: Record<string, string> = {}): boolean {
  const env = resticEnv(lab, repository, password, more);
  return spawnSync(binaries.restic.sid, ["cat", "config", "--no-lock"], { env }).status === 0;
}
