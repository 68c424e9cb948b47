import { z } from "zod";

/** How long a locked database is waited for, unless the declaration says otherwise. */
const defaultWaitSeconds = 30;

/** A SQLite file, where it lies. */
export const sqliteSpec = z
  .strictObject({
    path: z
      .string()
      .startsWith("/", "an absolute path")
      // The driver trims file names, so that such a path would open another file.
      .refine((path) => path === path.trim(), { message: "a path that does not end in white space" }),
    wait_seconds: z
      .int()
      .min(0)
      .max(3600)
      .default(defaultWaitSeconds)
      .meta({ description: "How long to wait for a database that another program holds locked." }),
  })
  .meta({ title: "SQLite", description: "A SQLite file, copied by its own backup API inside one read transaction." });

export type SqliteSpec = z.infer<typeof sqliteSpec>;

/** The files that belong to a SQLite database: the main file, then those that are worth nothing without it. */
export function filesOf(path: string): [main: string, ...side: string[]] {
  return [path, `${path}-wal`, `${path}-shm`, `${path}-journal`];
}
