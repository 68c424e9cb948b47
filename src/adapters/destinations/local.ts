import { z } from "zod";
import { absolutePath } from "./fields.ts";
import { resticKind } from "./kind.ts";

const spec = z
  .strictObject({
    path: absolutePath.meta({
      description: "Absolute path of the folder, created for this user alone when the repository is new.",
    }),
  })
  .meta({ title: "Local folder", description: "A repository in a folder of this machine, also one that is mounted." });

/** A folder of this machine. restic itself creates it with mode 0700. */
export const local = resticKind({
  type: "local",
  spec,
  connect: async ({ path }) => ({ repository: `local:${path}`, location: path, env: {}, options: [] }),
});
