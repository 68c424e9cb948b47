import { z } from "zod";
import { failure } from "../../../base/errors/error.ts";
import type { StoredSnapshot } from "../../../domain/repository.ts";
import type { RunContext } from "../../../domain/run.ts";
import type { Restic } from "./invoke.ts";
import { ObjectSplitter } from "./objects.ts";
import { outputOf } from "./output.ts";
import { snapshotJson } from "./snapshot-json.ts";

/**
 * `restic snapshots`, as it comes. With tags: those that carry all of them. Times keep the offset that restic stored.
 * Throws HF_REPOSITORY_*, HF_RESTIC_OUTPUT.
 */
export async function* snapshots(
  restic: Restic,
  run: RunContext,
  filter: { tags?: string[] } = {},
): AsyncGenerator<StoredSnapshot> {
  const tags = filter.tags === undefined || filter.tags.length === 0 ? [] : ["--tag", filter.tags.join(",")];
  const objects = new ObjectSplitter();
  for await (const chunk of outputOf(restic, run, { args: ["snapshots", ...tags] })) {
    for (const text of objects.push(chunk)) yield snapshotIn(text, restic.context.name);
  }
  if (objects.unfinished) throw unreadable(restic.context.name, "the list ends in the middle");
}

function snapshotIn(text: string, destination: string): StoredSnapshot {
  try {
    return snapshotJson.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw unreadable(destination, `a snapshot of an unknown shape: ${text.slice(0, 200)}`, error);
  }
}

const unreadable = (destination: string, detail: string, cause?: unknown) =>
  failure("HF_RESTIC_OUTPUT", { command: "snapshots", destination, detail }, { cause });
