import { failure } from "../../base/errors/error.ts";
import { covers, type AccessScope, type Actor } from "../../domain/access.ts";

/** For what in a route wants more than the route itself. Throws HF_SCOPE_TOO_SMALL. */
export function needScope(actor: Actor | undefined, needed: AccessScope): void {
  const scope = actor?.scope ?? "none";
  if (actor === undefined || !covers(actor.scope, needed)) throw failure("HF_SCOPE_TOO_SMALL", { needed, scope });
}
