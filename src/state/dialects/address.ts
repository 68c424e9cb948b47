import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { z } from "zod";
import { failure } from "../../base/errors/error.ts";
import { Secret } from "../../base/secrets/secret.ts";

/** A PostgreSQL database and how to get there. */
export interface PostgresAddress {
  /** For messages: without user, password and parameters. */
  place: string;
  user: string | undefined;
  password: Secret | undefined;
  host: string | undefined;
  port: number | undefined;
  database: string | undefined;
  applicationName: string;
  /** Command-line options of the session, such as `-c search_path=holdfast`. */
  options: string | undefined;
  connectTimeoutMs: number;
  /** false: not encrypted. */
  tls: ConnectionOptions | false;
}

const defaultConnectTimeoutMs = 10_000;

/** libpq's names; an unknown one is refused, as libpq does, because a misspelt `sslmode` would send everything in plain. */
const parameters = z.strictObject({
  host: z.string().optional(),
  port: z.coerce.number().int().min(1).max(65_535).optional(),
  user: z.string().optional(),
  password: z.string().optional(),
  dbname: z.string().optional(),
  application_name: z.string().optional(),
  options: z.string().optional(),
  connect_timeout: z.coerce.number().int().nonnegative().optional(),
  sslmode: z.enum(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]).optional(),
  sslrootcert: z.string().optional(),
  sslcert: z.string().optional(),
  sslkey: z.string().optional(),
});
type Parameters = z.infer<typeof parameters>;

/**
 * Reads a libpq-style address (PostgreSQL manual, 34.1.1.2). Throws HF_STATE_ADDRESS, which never repeats the address:
 * whatever is wrong with it, a password may stand in it.
 */
export function readAddress(text: string): PostgresAddress {
  const url = parse(text);
  const found = parameters.safeParse(Object.fromEntries(url.searchParams));
  if (!found.success) throw malformed(whatIsWrong(found.error));
  const given = found.data;
  const host = given.host ?? nonEmpty(decode(url.hostname.replace(/^\[(.+)\]$/, "$1")));
  const port = given.port ?? (url.port === "" ? undefined : Number(url.port));
  const database = given.dbname ?? nonEmpty(decode(url.pathname.slice(1)));
  const password = given.password ?? nonEmpty(decode(url.password));
  const timeout = given.connect_timeout;
  return {
    place: placeOf(host ?? "localhost", port ?? 5432, database ?? ""),
    user: given.user ?? nonEmpty(decode(url.username)),
    password: password === undefined ? undefined : new Secret(password),
    host,
    port,
    database,
    applicationName: given.application_name ?? "holdfast",
    options: given.options,
    connectTimeoutMs: timeout === undefined || timeout === 0 ? defaultConnectTimeoutMs : timeout * 1000,
    tls: tlsOf(given),
  };
}

function parse(text: string): URL {
  // A folder of a Unix socket as host, with or without a user: URL knows no empty host beside one.
  const complete = text.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?#]|$)/i, "$1localhost");
  if (!URL.canParse(complete)) throw malformed("it is not a URL. A password with special characters needs them as %XX");
  const url = new URL(complete);
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") {
    throw malformed(`it begins with ${url.protocol}//, not with postgresql://`);
  }
  return url;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw malformed("it has a % that begins no %XX; write a % itself as %25");
  }
}

function nonEmpty(text: string): string | undefined {
  return text === "" ? undefined : text;
}

function placeOf(host: string, port: number, database: string): string {
  if (host.startsWith("/")) return `postgresql:///${database} (socket in ${host})`;
  return `postgresql://${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
}

/** What libpq's modes promise (PostgreSQL manual, 34.19.1); `prefer` insists on encryption, for pg cannot fall back. */
function tlsOf({ sslmode, sslrootcert, sslcert, sslkey }: Parameters): ConnectionOptions | false {
  if (sslmode === undefined || sslmode === "disable" || sslmode === "allow") {
    if (sslrootcert === undefined && sslcert === undefined && sslkey === undefined) return false;
    throw malformed("it names certificates but no sslmode that uses them: add sslmode=verify-full");
  }
  const own = {
    ...(sslrootcert === undefined || sslrootcert === "system" ? {} : { ca: read(sslrootcert) }),
    ...(sslcert === undefined ? {} : { cert: read(sslcert) }),
    ...(sslkey === undefined ? {} : { key: read(sslkey) }),
  };
  if (sslmode === "verify-full") return own;
  if (sslmode === "verify-ca" && sslrootcert === undefined) {
    throw malformed("sslmode=verify-ca needs sslrootcert=FILE: with a public authority anyone's certificate would do");
  }
  const checksAuthority = sslmode === "verify-ca" || (sslmode === "require" && sslrootcert !== undefined);
  return checksAuthority ? { ...own, checkServerIdentity: () => undefined } : { ...own, rejectUnauthorized: false };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}

function whatIsWrong(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue?.code === "unrecognized_keys") return `the parameter ${issue.keys.join(", ")} is not one of libpq's`;
  return `its parameter ${issue?.path.join(".") ?? "?"} is not right: ${issue?.message ?? ""}`;
}

function malformed(detail: string): Error {
  return failure("HF_STATE_ADDRESS", { detail: `${detail}.` });
}
