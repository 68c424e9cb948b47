import { z } from "zod";
import { Secret } from "../../base/secrets/secret.ts";

/** Where a secret's value is to be had. It is fetched when it is needed, not when it is declared. */
export type SecretRef =
  | { from: "plain"; value: Secret }
  | { from: "env"; variable: string }
  | { from: "file"; path: string }
  | { from: "command"; argv: readonly [string, ...string[]] }
  /** Kept sealed in Holdfast's state under this name; made by the API, never written by people. */
  | { from: "sealed"; name: string };

// Numbers are refused on purpose: YAML reads 007 as 7, and the password would be silently wrong.
const plain = z
  .string()
  .min(1, "a value that is not empty")
  .transform((value): SecretRef => ({ from: "plain", value: new Secret(value) }));
// Terraform makes names such as BACKUP_DB_PASSWORD_home-assistant: more than a shell would allow.
const env = z
  .strictObject({ env: z.string().regex(/^[^\s=$\0][^\s=\0]*$/, "the name of an environment variable, without $") })
  .transform(({ env: variable }): SecretRef => ({ from: "env", variable }));
const file = z
  .strictObject({ file: z.string().startsWith("/", "an absolute path") })
  .transform(({ file: path }): SecretRef => ({ from: "file", path }));
const command = z
  .strictObject({ command: z.tuple([z.string().min(1, "the name of a program")], z.string()) })
  .transform(({ command: argv }): SecretRef => ({ from: "command", argv }));
// A spec that was checked once is checked again where it is opened, and then holds references that are made already.
const made = z.custom<SecretRef>(isSecretRef, "a secret");

/** A secret in a declaration: the value itself, `{ env: NAME }`, `{ file: PATH }` or `{ command: [PROGRAM, …] }`. */
export const secretRefSchema = z.union([plain, env, file, command, made]).meta({
  title: "Secret",
  description: "The value itself (in quotes), { env: NAME }, { file: PATH } or { command: [PROGRAM, ARGUMENT…] }.",
});

export function isSecretRef(value: unknown): value is SecretRef {
  if (typeof value !== "object" || value === null || !("from" in value)) return false;
  if (value.from === "plain") return "value" in value && value.value instanceof Secret;
  if (value.from === "env") return "variable" in value && typeof value.variable === "string";
  if (value.from === "sealed") return "name" in value && typeof value.name === "string";
  if (value.from === "file") return "path" in value && typeof value.path === "string";
  return value.from === "command" && "argv" in value && Array.isArray(value.argv);
}
