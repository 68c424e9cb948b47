import type { Obligation } from "../../base/journal/journal.ts";
import { listing, oneLine } from "./text.ts";

/** What is still to be done, in words. */
export function dutyText(duty: Obligation["duty"]): string {
  if (duty.kind === "remove") return oneLine(`remove ${listing(duty.paths)}`);
  if (duty.kind === "hooks") return oneLine(`run the after-hooks of ${duty.app}`);
  return oneLine(`put back ${listing(duty.moves.map(({ path }) => path))}`);
}
