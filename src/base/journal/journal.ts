import { randomUUID } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { privateFolder, writeAtomically } from "../files/atomic.ts";
import { isAbsence } from "../files/exists.ts";
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
    /** Folders that stay where they are (mount points), and what they were like before. */
    kept: z.array(z.object({ path: z.string(), mode: z.number(), uid: z.number(), gid: z.number() })),
    /** Folders of the restore, in which the old things lie: they may go only when everything is back. */
    work: z.array(z.string()),
  }),
]);

const obligationSchema = z.object({
  id: z.string(),
  incurredAt: z.string(),
  owner: z.object({
    node: z.string(),
    bootId: z.string(),
    pid: z.number(),
    startTime: z.string(),
    pidNamespace: z.string().optional(),
  }),
  duty: dutySchema,
});

export type Duty = z.infer<typeof dutySchema>;
export type Obligation = z.infer<typeof obligationSchema>;

/**
 * The obligations, in a folder per node: one file each, on disk before the thing is done that has to be undone. One file each,
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
  const place = ({ id, owner }: Pick<Obligation, "id" | "owner">): string => join(folder, owner.node, `${id}.json`);
  const write = async (obligation: Obligation): Promise<Obligation> => {
    await writeAtomically(place(obligation), JSON.stringify(obligation), { mode: 0o600 });
    return obligation;
  };
  return {
    async incur(duty) {
      await privateFolder(join(folder, hostname()));
      return await write({ id: randomUUID(), incurredAt: new Date().toISOString(), owner: thisProcess(), duty });
    },
    amend: async (obligation, duty) => await write({ ...obligation, incurredAt: new Date().toISOString(), duty }),
    settle: (obligation) => rm(place(obligation), { force: true }),
    async open() {
      const found: Obligation[] = [];
      for (const node of (await namesIn(folder)) ?? []) {
        const files = ((await namesIn(join(folder, node))) ?? []).filter((name) => name.endsWith(".json"));
        for (const name of files) {
          const text = await textOf(join(folder, node, name));
          if (text !== undefined) found.push(obligationSchema.parse(JSON.parse(text)));
        }
      }
      return found.sort((left, right) => left.incurredAt.localeCompare(right.incurredAt));
    },
  };
}

const namesIn = (folder: string): Promise<string[] | undefined> => unlessGone(readdir(folder));

/** Undefined for an obligation that was settled a moment ago. */
const textOf = (path: string): Promise<string | undefined> => unlessGone(readFile(path, "utf8"));

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
