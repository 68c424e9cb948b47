import { PassThrough } from "node:stream";
import type { RunContext } from "../../../domain/run.ts";
import { runRestic, type Call, type Restic } from "./invoke.ts";

/**
 * restic's standard output as text, as it comes: a reader that is slow slows restic down, and one that stops early
 * ends it. Throws what `runRestic` throws, after the text that came before.
 */
export async function* outputOf(
  restic: Restic,
  run: Pick<RunContext, "signal">,
  call: Omit<Call, "stdout" | "onMessage">,
): AsyncGenerator<string> {
  const left = new AbortController();
  const pipe = new PassThrough();
  const running = runRestic(restic, { signal: AbortSignal.any([run.signal, left.signal]) }, { ...call, stdout: pipe });
  const settled = running.then(
    () => undefined,
    (error: unknown) => {
      pipe.end();
      return { error };
    },
  );
  try {
    pipe.setEncoding("utf8");
    for await (const chunk of pipe) yield String(chunk);
  } finally {
    // Only matters to a reader that stops early; a restic that has ended cannot be aborted.
    if (!pipe.readableEnded) left.abort();
    await settled;
  }
  const failed = await settled;
  if (failed !== undefined) throw failed.error;
}

/** The same, line by line. */
export async function* linesOf(...parameters: Parameters<typeof outputOf>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of outputOf(...parameters)) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
