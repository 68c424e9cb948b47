import type { FastifyRequest } from "fastify";
import type { Holdfast } from "../../operations/context/holdfast.ts";
import { addAudit } from "../../state/queries/audit.ts";

/**
 * Writes what may have changed something into the audit log, before its answer is sent: every request but a GET, and a GET
 * whose handler says what it is about. What a stranger sends is written only where a handler looked at it (a sign-in): else
 * strangers could fill the disk.
 */
export async function audit(holdfast: Holdfast, request: FastifyRequest, status: number): Promise<void> {
  const { described } = request.routeOptions.config;
  const { actor, subject } = request;
  if (described === undefined || (subject === "" && (actor === undefined || described.method === "GET"))) return;
  await addEntry(holdfast, request, subject, status);
}

/** Writes that something dangerous begins now, whatever becomes of it and of the daemon; its end has an entry of its own. */
export async function auditBegin(holdfast: Holdfast, request: FastifyRequest, subject: string): Promise<void> {
  await addEntry(holdfast, request, subject, 202);
}

async function addEntry(
  { state, clock }: Holdfast,
  request: FastifyRequest,
  subject: string,
  status: number,
): Promise<void> {
  const { actor } = request;
  const { described } = request.routeOptions.config;
  await addAudit(state, {
    at: clock.now().toISOString(),
    actor: actor === undefined ? "anonymous" : `${actor.kind}:${actor.name}`,
    address: request.address,
    action: `${described?.method} ${described?.path}`,
    subject,
    status,
  });
}
