import { normalize } from "node:path";
import { z } from "zod";

/** An absolute path of a file or folder; its value is normalised and has no slash at its end. */
export const pathSchema = z
  .string()
  .startsWith("/", "an absolute path, such as /srv/immich")
  .refine((text) => !text.includes("\0"), { message: "a path without a NUL byte" })
  .transform((text) => (normalize(text) === "/" ? "/" : normalize(text).replace(/\/$/, "")));
