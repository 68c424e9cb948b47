import { Secret } from "../secrets/secret.ts";

/** What a child may see of our environment; everything else it needs is named by its caller (law 5). */
const allowed = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "SSH_AUTH_SOCK",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
];

/** Names the Holdfast process that started a child, so that the children of a dead one can be found. */
export const ownerVariable = "HOLDFAST_OWNER";

export function childEnvironment(
  added: Readonly<Record<string, string | Secret>> = {},
  owner?: string,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of allowed) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  for (const [name, value] of Object.entries(added)) {
    environment[name] = value instanceof Secret ? value.reveal() : value;
  }
  if (owner !== undefined) environment[ownerVariable] = owner;
  return environment;
}
