import { problem, type Problem } from "../../../base/errors/error.ts";
import { redact } from "../../../base/secrets/secret.ts";
import type { CheckReport, CheckScope } from "../../../domain/repository.ts";
import type { RunContext } from "../../../domain/run.ts";
import { causeOf } from "./failures.ts";
import { runRestic, type Restic, type Result } from "./invoke.ts";

const failed = 1;
/** More of them say nothing new, and one lost pack can bring thousands. */
const reported = 20;

/**
 * `restic check`: structure, or also data. Damage is reported, not thrown.
 * Throws HF_REPOSITORY_* when the repository could not be checked at all.
 */
export async function check(restic: Restic, scope: CheckScope, run: RunContext): Promise<CheckReport> {
  const started = performance.now();
  const result = await runRestic(restic, run, { args: ["check", ...reading(scope)], accept: [failed] });
  const problems = damage(result, restic);
  return { problems, durationMs: performance.now() - started };
}

function reading(scope: CheckScope): string[] {
  if (scope === "structure") return [];
  return scope === "all" ? ["--read-data"] : [`--read-data-subset=${scope.part}/${scope.of}`];
}

/** restic's advice, which it prints as errors too; ours stands in the hint. */
const advice = /^\s*(The repository (contains damaged|is damaged)|restic repair |Damaged pack files can be)/;

function damage(result: Result, restic: Restic): Problem[] {
  if (result.code === 0) return [];
  const found = result.errors
    .map(({ detail }) => detail.trim())
    .filter((detail) => detail !== "" && !advice.test(detail));
  const unreachable = found.find((detail) => causeOf(detail) === "unreachable");
  if (unreachable !== undefined) throw result.failure(unreachable);
  const texts = found.length > 0 ? found : damagedLines(result);
  if (texts.length === 0) throw result.failure();
  return texts
    .slice(0, reported)
    .map((detail) =>
      problem("HF_REPOSITORY_DAMAGED", { destination: restic.context.name, detail: redact(detail).slice(0, 500) }),
    );
}

/** Before 0.18 check tells in text only. */
function damagedLines(result: Result): string[] {
  return result.failure().code === "HF_REPOSITORY_DAMAGED"
    ? result.lines.filter((line) => causeOf(line) === "damaged")
    : [];
}
