import { z } from "zod";

/** Text of one line: it becomes part of an environment variable or of a file of lines. */
export const line = z
  .string()
  .min(1, "a value that is not empty")
  .regex(/^[^\u0000-\u001F\u007F]*$/, "text of one line");

export const absolutePath = line.startsWith("/", "an absolute path");

/** A path within a bucket or on a server; slashes at its ends mean nothing. */
export const innerPath = line.transform((path) => path.replace(/^\/+|\/+$/g, ""));

export const connections = z
  .int()
  .min(1)
  .max(100)
  .meta({ description: "How many connections restic opens at once. Default 5." });
