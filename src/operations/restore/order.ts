import { failure } from "../../base/errors/error.ts";
import { idOf } from "../../domain/ids.ts";
import type { RunId } from "../../domain/names.ts";
import { isSystemApp } from "../../domain/system.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { withOwnScratch } from "../context/scratch.ts";
import type { Caller } from "../run/listener.ts";
import { needStored } from "../snapshots/record.ts";
import { resolveFiles } from "./files.ts";
import { needEmpty } from "./fresh.ts";
import type { RestoreReport } from "./report.ts";
import { restore } from "./restore.ts";
import { checkTarget, makeTarget, reserveTarget } from "./target.ts";

/** A restore as somebody elsewhere asks for it: nothing in it is trusted. */
export interface RestoreOrder {
  /** Id of our record. */
  snapshot: string;
  /** Id of the device; this machine when absent. */
  device?: string;
  /** An absent or empty folder; absent means in place. */
  target?: string;
  /** Paths of the snapshot, or the ends of such; none means all. */
  files: string[];
  databases: "none" | "all" | string[];
}

/**
 * Restores from one snapshot, where the settings allow it. Throws HF_SNAPSHOT_*, HF_RESTORE_TARGET_*, HF_RESTORE_FILE_*,
 * HF_SYSTEM_IN_PLACE, HF_RUN_BUSY, HF_UNKNOWN_ID for an unknown device; what fails after `begun` is in the report.
 */
export async function restoreOrder(
  holdfast: Holdfast,
  order: RestoreOrder,
  caller: Caller,
  begun: (run: RunId) => void,
): Promise<RestoreReport> {
  const snapshot = await needStored(holdfast.state, order.snapshot);
  needThisDevice(holdfast, order.device);
  // Its configuration says which commands are run: only who may write that file puts it in place.
  if (order.target === undefined && isSystemApp(snapshot.app)) {
    throw failure("HF_SYSTEM_IN_PLACE", { app: snapshot.app });
  }
  const target = order.target === undefined ? undefined : await checkTarget(holdfast, order.target);
  using _reserved = target === undefined ? undefined : reserveTarget(holdfast.state, target);
  if (target !== undefined) await needEmpty(target);
  const paths = await resolveFiles(holdfast, snapshot, order.files, caller.signal);
  if (target !== undefined) await makeTarget(holdfast, target);
  await using own = withOwnScratch(holdfast);
  const request = {
    app: snapshot.app,
    snapshot: snapshot.id,
    destination: snapshot.destination,
    inPlace: target === undefined,
    paths,
    files: true,
    databases: order.databases,
    into: {},
    ...(target === undefined ? {} : { target }),
  };
  return await restore(own.holdfast, request, caller, begun);
}

/** Throws HF_UNKNOWN_ID, HF_RESTORE_OTHER_DEVICE. */
function needThisDevice(holdfast: Holdfast, device: string | undefined): void {
  if (device === undefined || device === idOf("device", holdfast.deviceName)) return;
  const other = holdfast.declared.apps.find((app) => idOf("device", app.device) === device);
  if (other !== undefined) throw failure("HF_RESTORE_OTHER_DEVICE", { device: other.device });
  throw failure("HF_UNKNOWN_ID", { kind: "device", id: device });
}
