import { z } from "zod";
import { absolutePath, connections, line } from "./fields.ts";
import { extendedOptions, resticKind } from "./kind.ts";
import { resticWords } from "./restic/quote.ts";

const spec = z
  .strictObject({
    remote: line
      .regex(/^[^:]+:/, "a remote of rclone with its path, such as gdrive:backups")
      .meta({ description: "Remote and path as rclone writes them: gdrive:backups." }),
    config_file: absolutePath.optional().meta({ description: "rclone's configuration file. Default: rclone's own." }),
    program: absolutePath.optional().meta({ description: "The rclone program. Default: the one on the PATH." }),
    connections: connections.optional(),
  })
  .meta({ title: "rclone", description: "A repository on anything that rclone can reach." });

/** Whatever rclone reaches. restic starts rclone, which sees restic's environment. */
export const rclone = resticKind({
  type: "rclone",
  spec,
  connect: async (spec) => ({
    repository: `rclone:${spec.remote}`,
    location: `rclone:${spec.remote}`,
    env: spec.config_file === undefined ? {} : { RCLONE_CONFIG: spec.config_file },
    options: extendedOptions("rclone", {
      program: spec.program === undefined ? undefined : resticWords([spec.program]),
      connections: spec.connections,
    }),
  }),
});
