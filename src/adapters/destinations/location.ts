import { failure } from "../../base/errors/error.ts";

/** A destination as a spec that its kind's schema accepts. */
export interface LocatedDestination {
  type: string;
  spec: Record<string, unknown>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The destination that `RESTIC_REPOSITORY` names, with the credentials that restic would take from the environment
 * (as references to them, not as values). A path without a scheme is a local one.
 * Throws HF_CONFIG_INVALID for what restic does not know, or Holdfast does not.
 */
export function fromLocation(location: string, env: Environment): LocatedDestination {
  const [, scheme = "", rest = ""] = /^([a-z0-9]+):(.*)$/s.exec(location) ?? [];
  const reader = readers[scheme];
  if (reader !== undefined) return reader(rest, env);
  if (/^\.{0,2}\//.test(location) && location.startsWith("/")) return { type: "local", spec: { path: location } };
  throw invalid("an absolute path or a repository such as s3:, b2:, sftp:, rest: or rclone:", location);
}

const readers: Readonly<Record<string, (rest: string, env: Environment) => LocatedDestination>> = {
  local: (path) => ({ type: "local", spec: { path } }),
  s3: fromS3,
  b2: fromB2,
  sftp: fromSftp,
  rest: fromRest,
  rclone: (remote, env) => ({ type: "rclone", spec: defined({ remote, config_file: env["RCLONE_CONFIG"] }) }),
};

/** `s3:https://host:port/bucket/prefix`, `s3:host/bucket/prefix`, `s3://host/bucket/prefix`. */
function fromS3(rest: string, env: Environment): LocatedDestination {
  const [, scheme = "", server = "", bucket = "", prefix = ""] =
    /^(https?:\/\/)?(?:\/\/)?([^/]+)\/([^/]+)(?:\/(.*))?$/.exec(rest) ?? [];
  if (bucket === "") throw invalid("s3:ENDPOINT/BUCKET/PREFIX", `s3:${rest}`);
  return {
    type: "s3",
    spec: defined({
      endpoint: `${scheme}${server}`,
      bucket,
      prefix: prefix.replaceAll(/^\/+|\/+$/g, "") || undefined,
      region: env["AWS_DEFAULT_REGION"] || env["AWS_REGION"] || undefined,
      access_key: { env: "AWS_ACCESS_KEY_ID" },
      secret_key: { env: "AWS_SECRET_ACCESS_KEY" },
      session_token: env["AWS_SESSION_TOKEN"] ? { env: "AWS_SESSION_TOKEN" } : undefined,
    }),
  };
}

/** `b2:bucket:path`, `b2:bucket`. */
function fromB2(rest: string): LocatedDestination {
  const [, bucket = "", path = ""] = /^([^:/]+)(?:[:/](.*))?$/.exec(rest) ?? [];
  if (bucket === "") throw invalid("b2:BUCKET:PATH", `b2:${rest}`);
  const prefix = path.replaceAll(/^\/+|\/+$/g, "") || undefined;
  const keys = { account_id: { env: "B2_ACCOUNT_ID" }, account_key: { env: "B2_ACCOUNT_KEY" } };
  return { type: "b2", spec: defined({ bucket, prefix, ...keys }) };
}

/** `sftp:user@host:/path` and `sftp://user@host:port//path`, in which the first slash only ends the host. */
function fromSftp(rest: string): LocatedDestination {
  if (rest.startsWith("//") && URL.canParse(`sftp:${rest}`)) {
    const url = new URL(`sftp:${rest}`);
    const user = decodeURIComponent(url.username) || undefined;
    const port = url.port === "" ? undefined : Number(url.port);
    const path = decodeURIComponent(url.pathname.slice(1));
    if (url.hostname !== "" && path !== "") {
      return { type: "sftp", spec: defined({ host: url.hostname, port, user, path }) };
    }
  }
  const [, user, host = "", path = ""] = /^(?:([^@/]+)@)?(\[[^\]]+\]|[^:/]+):(.+)$/s.exec(rest) ?? [];
  if (host === "") throw invalid("sftp:USER@HOST:/PATH or sftp://USER@HOST:PORT//PATH", `sftp:${rest}`);
  return { type: "sftp", spec: defined({ host, user, path }) };
}

/** `rest:https://user:password@host:8000/path`; restic also takes both from its own variables. */
function fromRest(rest: string, env: Environment): LocatedDestination {
  if (!URL.canParse(rest)) throw invalid("rest:https://HOST:PORT/PATH", "rest: with something else");
  const url = new URL(rest);
  const username = decodeURIComponent(url.username) || env["RESTIC_REST_USERNAME"] || undefined;
  const password =
    decodeURIComponent(url.password) || (env["RESTIC_REST_PASSWORD"] ? { env: "RESTIC_REST_PASSWORD" } : undefined);
  url.username = "";
  url.password = "";
  return {
    type: "rest",
    spec: defined({ url: url.href, username, server_password: password, ca_cert: env["RESTIC_CACERT"] || undefined }),
  };
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function invalid(expected: string, found: string): Error {
  const suggestion = "See docs/destinations.md for every form.";
  return failure("HF_CONFIG_INVALID", { place: "RESTIC_REPOSITORY", expected, found, suggestion });
}
