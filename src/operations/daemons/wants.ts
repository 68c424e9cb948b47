import { HoldfastError, type Problem } from "../../base/errors/error.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { findRestic } from "../context/restic.ts";

/** What a daemon lacks to do its work at all, told at its start and not in the night. */
export async function wantsOf(holdfast: Holdfast): Promise<Problem[]> {
  try {
    await findRestic(holdfast);
    return [];
  } catch (error) {
    if (error instanceof HoldfastError) return [error.problem];
    throw error;
  }
}
