import { z } from "zod";
import { isFailure } from "../../base/errors/error.ts";
import { compile } from "../excludes/compile.ts";

/** One of restic's exclude patterns. restic refuses the whole backup for a malformed one, so it is refused here. */
export const patternSchema = z
  .string()
  .min(1, "a pattern, such as **/cache/**")
  .refine(isPattern, { message: "a pattern that restic understands: each [ closed by a ], or written \\[" })
  .meta({ title: "Pattern" });

function isPattern(text: string): boolean {
  try {
    compile([text]);
    return true;
  } catch (error) {
    if (isFailure(error, "HF_CONFIG_INVALID")) return false;
    throw error;
  }
}
