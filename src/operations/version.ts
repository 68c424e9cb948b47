import { readFileSync } from "node:fs";
import { z } from "zod";

/** Holdfast's own version, from the package that it was installed with. */
export const version: string = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))).version;
