import { readFile } from "node:fs/promises";
import { z } from "zod";

const range = z.object({ start: z.int(), end: z.int() });

/** Lies beside the dump: which bytes belong to which database, and how that is to be created. */
const sidecarSchema = z.object({
  server: z.string(),
  /** Size of the dump: one that was cut off later must not be loaded. */
  bytes: z.int(),
  preamble: range,
  databases: z.array(
    z.object({
      name: z.string(),
      charset: z.string(),
      collation: z.string(),
      body: z.array(range),
      events: z.array(range),
    }),
  ),
});

export type Sidecar = z.infer<typeof sidecarSchema>;
export type SidecarDatabase = Sidecar["databases"][number];

export async function readSidecar(file: string): Promise<Sidecar> {
  return sidecarSchema.parse(JSON.parse(await readFile(file, "utf8")));
}
