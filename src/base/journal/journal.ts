import { randomUUID } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { privateFolder, writeAtomically } from "../files/atomic.ts";
import { thisProcess } from "../process/owner.ts";

const hookSchema = z.object({
  command: z.union([z.string(), z.tuple([z.string()], z.string()).readonly()]),
  limitMs: z.number(),
});

/** What must be undone or finished later, whoever does it. */
const dutySchema = z.discriminatedUnion("kind", [
  /** Temporary files or folders to remove. */
  z.object({ kind: z.literal("remove"), paths: z.array(z.string()) }),
  /** After-hooks of an app whose before-hooks have begun. */
  z.object({ kind: z.literal("hooks"), app: z.string(), hooks: z.array(hookSchema) }),
  /** An exchange of files that a restore in place began: it is undone, unless the restore had succeeded. */
  z.object({
    kind: z.literal("put-back"),
    moves: z.array(
      z.object({
        /** Where it belongs. */
        path: z.string(),
        /** Where the old one lies meanwhile. */
        aside: z.string(),
        /** Where the restored one lies before. */
        fresh: z.string(),
        /** Whether there is an old one. */
        replaces: z.boolean(),
        /** Whether there is a restored one. */
        brings: z.boolean(),
      }),
    ),
    /** What was never captured, and moves from the old into the new. */
    carried: z.array(z.object({ from: z.string(), to: z.string() })),
    /** Folders of the restore, in which the old things lie: they may go only when everything is back. */
    work: z.array(z.string()),
  }),
]);

const obligationSchema = z.object({
  id: z.string(),
  incurredAt: z.string(),
  owner: z.object({ node: z.string(), bootId: z.string(), pid: z.number(), startTime: z.string() }),
  duty: dutySchema,
});

export type Duty = z.infer<typeof dutySchema>;
export type Obligation = z.infer<typeof obligationSchema>;

/**
 * The obligations of this node: one file each, on disk before the thing is done that has to be undone. One file each,
 * and not one log, so that several processes can add and settle without a lock.
 */
export interface Journal {
  /** Returns once the obligation is durable. */
  incur(duty: Duty): Promise<Obligation>;
  /** Puts another duty in an obligation's place, in one step: at no moment is there none, and at no moment both. */
  amend(obligation: Obligation, duty: Duty): Promise<Obligation>;
  /** Idempotent. */
  settle(obligation: Obligation): Promise<void>;
  open(): Promise<Obligation[]>;
}

export function journalIn(folder: string): Journal {
  const own = join(folder, hostname());
  const write = async (obligation: Obligation): Promise<Obligation> => {
    await writeAtomically(join(own, `${obligation.id}.json`), JSON.stringify(obligation), { mode: 0o600 });
    return obligation;
  };
  return {
    async incur(duty) {
      await privateFolder(own);
      return await write({ id: randomUUID(), incurredAt: new Date().toISOString(), owner: thisProcess(), duty });
    },
    amend: async (obligation, duty) => await write({ ...obligation, duty }),
    settle: (obligation) => rm(join(own, `${obligation.id}.json`), { force: true }),
    async open() {
      const names = await readdir(own).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return [];
        throw error;
      });
      const files = names.filter((name) => name.endsWith(".json"));
      const found = await Promise.all(
        files.map(async (name) => obligationSchema.parse(JSON.parse(await readFile(join(own, name), "utf8")))),
      );
      return found.sort((left, right) => left.incurredAt.localeCompare(right.incurredAt));
    },
  };
}
