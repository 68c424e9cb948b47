import { z } from "zod";
import { namePattern } from "../names.ts";

const expected =
  "a name of letters, digits, dot, dash and underscore (at most 63 characters, the first a letter or digit)";

/** The name of an app; `NAME@DEVICE` names the one on that device. */
export const appNameSchema = z.string().regex(namePattern, expected).meta({ title: "Name" });

/** The name of a destination, policy, device or database. */
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, expected)
  .meta({ title: "Name" });
