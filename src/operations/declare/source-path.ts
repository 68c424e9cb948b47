import { z } from "zod";
import { failure } from "../../base/errors/error.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { whyOwn } from "../context/own-files.ts";
import type { Fields } from "./body.ts";
import { resolved, systemFolderOf } from "./destination-path.ts";

/**
 * Lets pass the paths that a user of the API names for an app. Throws HF_SOURCE_REFUSED for Holdfast's own files, and for a
 * SQLite file in a folder of the system: a restore puts what it holds in that place, as root.
 */
export async function checkSources(holdfast: Pick<Holdfast, "home" | "environment">, fields: Fields): Promise<void> {
  const { paths, include_paths: included, databases } = places.parse(fields);
  const files = databases.flatMap(({ path }) => path ?? []);
  for (const path of [...paths, ...included, ...files]) {
    const real = await resolved(path);
    if (real === undefined) throw failure("HF_SOURCE_REFUSED", { path, reason: "it cannot be looked at" });
    const reason = await whyOwn(holdfast, real);
    if (reason !== undefined) throw failure("HF_SOURCE_REFUSED", { path, reason });
    const system = files.includes(path) ? systemFolderOf(real) : undefined;
    if (system === undefined) continue;
    throw failure("HF_SOURCE_REFUSED", { path, reason: `it lies in ${system}, a folder of the system` });
  }
}

/** What is no path is told by what reads the declaration. */
const absolute = z.string().startsWith("/");
const list = z.array(absolute.or(z.unknown().transform(() => "/"))).catch([]);
const places = z.object({
  paths: list,
  include_paths: list,
  databases: z.array(z.object({ path: absolute.optional().catch(undefined) })).catch([]),
});
