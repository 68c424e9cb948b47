import { z } from "zod";
import { render, type Problem } from "../../base/errors/error.ts";
import { toldProblem } from "../../operations/run/told-problem.ts";

/** What went wrong in a run. */
export const troubleSchema = z
  .object({
    code: z.string().meta({ examples: ["HF_REPOSITORY_UNREACHABLE"] }),
    message: z.string().meta({ description: "What happened, in one sentence." }),
    hint: z.string().meta({ description: "What to do next; may be empty." }),
  })
  .meta({ id: "Trouble", description: "A problem of a run, a step or a snapshot." });

export function troubleOf(found: Problem): z.output<typeof troubleSchema> {
  return render(toldProblem(found));
}
