import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isFailure, problem, type Problem } from "../../base/errors/error.ts";
import type { SecretRef } from "../../domain/atoms/secret-ref.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { destinationName } from "../../domain/names.ts";
import { dotted, type Path } from "./document.ts";
import type { Variables } from "./dotenv.ts";
import { toProblems } from "./issues.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import type { Kinds } from "./schema.ts";
import { shellWords } from "./shell-words.ts";

/** What restic's own way to write a location (`b2:bucket:path`) means. Throws HF_CONFIG_INVALID for what it cannot read. */
export type FromLocation = (location: string, variables: Variables) => { type: string; spec: unknown };

interface Environment {
  variables: Variables;
  cwd: string;
  kinds: Kinds;
  fromLocation: FromLocation;
  help: string;
}

/** The destination `restic` of RESTIC_REPOSITORY; undefined when none is named, `broken` when it cannot be used. */
export async function environmentDestination(
  environment: Environment,
  problems: Problem[],
): Promise<DestinationDeclaration | "broken" | undefined> {
  const { variables, cwd } = environment;
  try {
    const location = await locationFrom(variables, cwd);
    if (location === "") return undefined;
    const located = locate(location, environment, problems);
    if (located === undefined) return "broken";
    const password = passwordFrom(variables, cwd);
    return {
      name: destinationName("restic"),
      ...located,
      password,
      enabled: true,
      appendOnly: false,
      origin: "environment",
    };
  } catch (error) {
    if (isFailure(error)) problems.push(withoutUserInfo(error.problem));
    else if (error instanceof Error && "code" in error && "syscall" in error) {
      const path = variables["RESTIC_REPOSITORY_FILE"] ?? "";
      problems.push(problem("HF_CONFIG_UNREADABLE", { path, detail: `${error.message}.` }));
    } else throw error;
    return "broken";
  }
}

/** The location as its kind's own schema has it; undefined, with its problems told, when the schema refuses it. */
function locate(
  location: string,
  { variables, kinds, fromLocation, help }: Environment,
  problems: Problem[],
): { type: string; spec: unknown } | undefined {
  const { type, spec: value } = fromLocation(location, variables);
  const kind = kinds.destinations.find((known) => known.type === type);
  const parsed = kind?.spec.safeParse(value);
  if (kind === undefined || parsed === undefined) {
    const expected = `one of ${kinds.destinations.map((known) => known.type).join(", ")}`;
    problems.push(
      problem("HF_CONFIG_INVALID", { place: "RESTIC_REPOSITORY", expected, found: type, suggestion: help }),
    );
    return undefined;
  }
  if (parsed.success) return { type, spec: parsed.data };
  const place = (path: Path): string => `RESTIC_REPOSITORY ${dotted(path)}`;
  problems.push(...toProblems(parsed.error.issues, { value, schema: jsonSchemaOf(kind.spec), place, help }));
  return undefined;
}

/** A location may hold a user and a password. */
function withoutUserInfo({ code, params }: Problem): Problem {
  const clean = Object.entries(params).map(([key, value]) => [key, value.replaceAll(/\/\/[^/@\s]*@/g, "//…@")]);
  return { code, params: Object.fromEntries(clean) as Record<string, string> };
}

async function locationFrom(variables: Variables, cwd: string): Promise<string> {
  const named = variables["RESTIC_REPOSITORY"]?.trim() ?? "";
  const file = variables["RESTIC_REPOSITORY_FILE"] ?? "";
  const location = named === "" && file !== "" ? (await readFile(resolve(cwd, file), "utf8")).trim() : named;
  return /^\.{1,2}(\/|$)/.test(location) ? resolve(cwd, location) : location;
}

/** As restic ranks them: command, file, value. With none of them the value is asked for by its name when it is needed. */
function passwordFrom(variables: Variables, cwd: string): SecretRef {
  const [program, ...rest] = shellWords(variables["RESTIC_PASSWORD_COMMAND"] ?? "");
  if (program !== undefined) return { from: "command", argv: [program, ...rest] };
  const file = variables["RESTIC_PASSWORD_FILE"] ?? "";
  if (file !== "") return { from: "file", path: resolve(cwd, file) };
  return { from: "env", variable: "RESTIC_PASSWORD" };
}
