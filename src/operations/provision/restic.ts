import { chmod, copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { failure, isFailure } from "../../base/errors/error.ts";
import type { Executor } from "../../base/process/command.ts";
import { atLeast, locateRestic, oldestRestic, type ResticBinary } from "../../adapters/destinations/restic/binary.ts";
import { withDebianSuite } from "./debian.ts";
import { installSystemPackage } from "./packages.ts";

/** Newest first. */
const suites = ["sid", "trixie"] as const;

export interface ProvisionOptions {
  /** Told before each step that may take a while. */
  tell?: (step: string) => void;
  signal?: AbortSignal;
  /** Whether the system's package manager may be asked to install. Default: only as root. */
  mayInstall?: boolean;
}

/** Where the restic that we fetched ourselves lies. */
export function ownRestic(home: string): string {
  return join(home, "bin", "restic");
}

/**
 * A restic that is new enough, fetched when there is none: the one in Holdfast's home, the one on the PATH, the
 * system's package, and last Debian's newer package unpacked into Holdfast's home.
 * Throws HF_RESTIC_UNOBTAINABLE, which names what stood in the way, when nothing works.
 */
export async function provideRestic(
  home: string,
  device: Executor,
  options: ProvisionOptions = {},
): Promise<ResticBinary> {
  const present = await locate([ownRestic(home), "restic"], device);
  if (present !== undefined) return present;
  if (options.mayInstall ?? process.getuid?.() === 0) {
    options.tell?.("Looking for restic in the system's packages");
    if (await installSystemPackage("restic", (version) => atLeast(version, oldestRestic), device, options.signal)) {
      const installed = await locate(["restic"], device);
      if (installed !== undefined) return installed;
    }
  }
  options.tell?.("Fetching restic from Debian's packages");
  await fetchFromDebian(home, device, options.signal);
  return locateRestic([ownRestic(home)], device);
}

async function locate(candidates: readonly string[], device: Executor): Promise<ResticBinary | undefined> {
  try {
    return await locateRestic(candidates, device);
  } catch (error) {
    if (isFailure(error, "HF_RESTIC_MISSING", "HF_RESTIC_TOO_OLD")) return undefined;
    throw error;
  }
}

async function fetchFromDebian(home: string, device: Executor, signal: AbortSignal | undefined): Promise<void> {
  const complaints: string[] = [];
  for (const suite of suites) {
    try {
      await withDebianSuite(
        suite,
        device,
        (opened) => unpackInto(home, (folder) => opened.unpack("restic", folder)),
        signal,
      );
      return;
    } catch (error) {
      if (!isFailure(error, "HF_DEBIAN_UNAVAILABLE", "HF_PACKAGE_UNAVAILABLE", "HF_PROGRAM_MISSING")) throw error;
      complaints.push(error.message);
    }
  }
  throw failure("HF_RESTIC_UNOBTAINABLE", { detail: [...new Set(complaints)].join(" ") });
}

/** The binary appears whole or not at all: it is renamed into place. */
async function unpackInto(home: string, unpack: (folder: string) => Promise<void>): Promise<void> {
  const bin = join(home, "bin");
  await mkdir(bin, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(bin, ".fetch-"));
  try {
    await unpack(folder);
    const whole = join(folder, "restic");
    await copyFile(join(folder, "usr", "bin", "restic"), whole);
    await chmod(whole, 0o755);
    await rename(whole, ownRestic(home));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
