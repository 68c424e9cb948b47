/** Node's own words for a connection that is not there, or no longer. */
const network = new Set([
  "EADDRNOTAVAIL",
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);
/** Shutting down, crashed, starting up, too many connections (PostgreSQL manual, appendix A). */
const server = new Set(["57P01", "57P02", "57P03", "53300"]);
/** Serialization failure, deadlock, lock not available: the transaction was undone, and may well succeed when repeated. */
const conflicts = new Set(["40001", "40P01", "55P03"]);
/** pg gives these no code. */
const told = /^(?:Connection terminated|Client (?:has encountered|was closed)|timeout e|Query read timeout)/;

/** Whether an error of pg means that the connection is gone, or that there was none to be had just now. */
export function isLost(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return network.has(code) || server.has(code) || code.startsWith("08");
  return error instanceof Error && told.test(error.message);
}

/** Whether the server undid a transaction because of another one. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && conflicts.has(code);
}

/** What went wrong, in one line. A name with several addresses fails with all their reasons, and none of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
