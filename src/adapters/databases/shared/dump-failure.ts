import { failure, HoldfastError } from "../../../base/errors/error.ts";
import { redact } from "../../../base/secrets/secret.ts";

/** The one to throw of several failures of one dump: our own come first, in their order; they tell more. */
export function mostTelling(database: string, reasons: unknown[]): HoldfastError {
  const ours = reasons.find((reason) => reason instanceof HoldfastError);
  if (ours !== undefined) return ours;
  const [first] = reasons;
  const detail = first instanceof Error ? redact(first.message) : String(first);
  return failure("HF_DUMP_FAILED", { database, detail }, { cause: first });
}
