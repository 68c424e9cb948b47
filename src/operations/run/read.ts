import { failure } from "../../base/errors/error.ts";
import { runId } from "../../domain/names.ts";
import type { Database } from "../../state/open.ts";
import { readRun, type RunRecord } from "../../state/queries/runs.ts";

/** The run of this id. Throws HF_RUN_UNKNOWN. */
export async function needRun(state: Database, id: string): Promise<RunRecord> {
  const run = await readRun(state, runId(id));
  if (run === undefined) throw failure("HF_RUN_UNKNOWN", { run: id });
  return run;
}
