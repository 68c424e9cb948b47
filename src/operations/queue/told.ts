import { render } from "../../base/errors/error.ts";
import { formatDuration } from "../../domain/atoms/duration.ts";
import type { RunId } from "../../domain/names.ts";
import { readRun } from "../../state/queries/runs.ts";
import type { Holdfast } from "../context/holdfast.ts";

/** How a run ended, in one line for a log; undefined when it has not. */
export async function endOfRun({ state }: Pick<Holdfast, "state">, id: RunId): Promise<string | undefined> {
  const run = await readRun(state, id);
  if (run?.finishedAt === undefined) return undefined;
  const lasted = formatDuration(Date.parse(run.finishedAt) - Date.parse(run.startedAt ?? run.finishedAt));
  const [why] = run.problems;
  const reason = why === undefined ? "" : `: ${render(why).message}`;
  return `${run.kind} of ${run.app ?? run.destination ?? "?"}: ${run.state} after ${lasted}${reason}`;
}
