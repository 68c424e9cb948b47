import { isFailure } from "../../base/errors/error.ts";
import { idOf } from "../../domain/ids.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { findRestic } from "../context/restic.ts";
import { version } from "../version.ts";

/** The machine that Holdfast runs on. */
export interface DeviceStanding {
  id: string;
  name: string;
  holdfastVersion: string;
  /** Absent when there is none that can be used. */
  resticVersion?: string;
  apps: string[];
}

export async function thisDevice(holdfast: Holdfast): Promise<DeviceStanding> {
  const { deviceName: name, declared } = holdfast;
  const restic = await resticVersion(holdfast);
  return {
    id: idOf("device", name),
    name,
    holdfastVersion: version,
    apps: declared.apps.filter((app) => app.device === name).map((app) => app.name),
    ...(restic === undefined ? {} : { resticVersion: restic }),
  };
}

async function resticVersion(holdfast: Holdfast): Promise<string | undefined> {
  try {
    return (await findRestic(holdfast)).version;
  } catch (error) {
    if (isFailure(error, "HF_RESTIC_MISSING", "HF_RESTIC_TOO_OLD")) return undefined;
    throw error;
  }
}
