import { chmod, chown } from "node:fs/promises";
import { dirname } from "node:path";
import { exists, move } from "../../base/files/exists.ts";
import type { Duty } from "../../base/journal/journal.ts";

export type Exchange = Pick<Extract<Duty, { kind: "put-back" }>, "moves" | "carried" | "kept">;
export type Move = Exchange["moves"][number];

/**
 * Exchanges what is in place for what was restored, by renaming: the old lies aside, and what no snapshot ever held is
 * carried over into the new.
 */
export async function exchange({ moves, carried }: Exchange): Promise<void> {
  for (const { path, aside, fresh, replaces, brings } of moves) {
    if (replaces) await move(path, aside);
    if (brings) await move(fresh, path);
  }
  for (const { from, to } of carried) await move(from, to);
}

/** Undoes an exchange, wherever it was interrupted, the last step first. Idempotent; removes nothing. */
export async function putBack({ moves, carried, kept }: Exchange): Promise<void> {
  for (const { from, to } of carried.toReversed()) {
    // Before its folder lies aside, what is at `to` is still the old one.
    const begun = await exists(dirname(from));
    if (begun && (await exists(to)) && !(await exists(from))) await move(to, from);
  }
  for (const { path, aside, fresh, replaces, brings } of moves.toReversed()) {
    const begun = replaces ? await exists(aside) : !(await exists(fresh));
    if (!begun) continue;
    if (brings && !(await exists(fresh)) && (await exists(path))) await move(path, fresh);
    if (replaces) await move(aside, path);
  }
  for (const { path, mode, uid, gid } of kept) {
    await chmod(path, mode);
    if (process.getuid?.() === 0) await chown(path, uid, gid);
  }
}
