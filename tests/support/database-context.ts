import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import type { Executor } from "../../src/base/process/command.ts";
import { Secret } from "../../src/base/secrets/secret.ts";
import { localDevice } from "../../src/adapters/devices/local.ts";
import type { DatabaseContext } from "../../src/domain/database.ts";
import type { RunEvent } from "../../src/domain/events.ts";
import { runId } from "../../src/domain/names.ts";
import type { RunContext } from "../../src/domain/run.ts";

/** What an engine is handed, with a scratch folder below `folder`. Secrets are plain values only. */
export async function databaseContext(
  folder: string,
  name = "shop",
  executor: Executor = localDevice(),
): Promise<DatabaseContext> {
  const scratch = join(folder, `scratch-${name}`);
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  return {
    name,
    executor,
    scratch,
    owe: () => Promise.resolve(() => Promise.resolve()),
    resolveSecret: async (ref) => {
      if (ref.from !== "plain") throw new Error("only plain secrets here");
      return new Secret(ref.value.reveal());
    },
  };
}

/** A run that keeps what it was told. */
export function runContext(signal: AbortSignal = new AbortController().signal): RunContext & { events: RunEvent[] } {
  const events: RunEvent[] = [];
  return { runId: runId("test-run"), signal, clock: systemClock, emit: (event) => void events.push(event), events };
}
