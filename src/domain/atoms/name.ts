import { z } from "zod";
import { namePattern } from "../names.ts";

const expected =
  "a name of letters, digits, dot, dash and underscore (at most 63 characters, the first a letter or digit)";

/** The name of an app; `NAME@DEVICE` names the one on that device. */
export const appNameSchema = z.string().regex(namePattern, expected).meta({ title: "Name" });

/** The name of a device, database or notification. */
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, expected)
  .meta({ title: "Name" });

/** The name of a destination or policy: people also write `Backblaze B2`. No file and no tag is named after it. */
export const labelSchema = z
  .string()
  .regex(
    /^(?=.{1,63}$)[A-Za-z0-9][A-Za-z0-9._-]*( [A-Za-z0-9._-]+)*$/,
    "a name of letters, digits, dot, dash, underscore and single spaces (at most 63 characters, the first a letter or digit)",
  )
  .meta({ title: "Name" });
