import type { BackupPlan } from "../../domain/plan/backup.ts";
import { plansOf } from "../backup/backup.ts";
import type { Holdfast } from "../context/holdfast.ts";

/** What a backup of these apps would do; none means all that are due today. Reaches no server and writes nothing. */
export async function planAll(holdfast: Holdfast, request: { apps: string[] }): Promise<BackupPlan[]> {
  return await plansOf(holdfast, {
    apps: request.apps,
    requestedBy: "person",
    dryRun: false,
    wait: true,
    retain: false,
    initialise: false,
  });
}
