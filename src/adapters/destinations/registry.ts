import { failure } from "../../base/errors/error.ts";
import type { BucketFacts } from "../../domain/bucket.ts";
import type { DestinationContext, DestinationDeclaration } from "../../domain/destination.ts";
import type { Repository } from "../../domain/repository.ts";
import type { Rights } from "../../domain/rights.ts";
import { b2 } from "./b2.ts";
import type { DestinationKind, InspectContext } from "./kind.ts";
import { local } from "./local.ts";
import { rclone } from "./rclone.ts";
import { rest } from "./rest.ts";
import { s3 } from "./s3.ts";
import { sftp } from "./sftp.ts";

/** Every kind of destination: a new one is its file and a line here. */
export const destinationKinds: readonly DestinationKind[] = [local, s3, b2, sftp, rest, rclone];

/**
 * Opens a destination: fetches its secrets and writes what its programs need into `context.scratch`. Nothing is asked
 * of the destination itself yet. Throws HF_UNKNOWN_NAME, HF_SECRET_UNAVAILABLE.
 */
export async function openDestination(
  declaration: Pick<DestinationDeclaration, "type" | "spec">,
  context: DestinationContext,
): Promise<Repository> {
  return kindOf(declaration.type).open(declaration.spec, context);
}

/** What an object store tells of a destination's bucket; undefined for what is none. Throws HF_SECRET_UNAVAILABLE. */
export async function inspectDestination(
  declaration: Pick<DestinationDeclaration, "type" | "spec">,
  context: InspectContext,
): Promise<BucketFacts | undefined> {
  return await kindOf(declaration.type).inspect?.(declaration.spec, context);
}

/** The rights that a destination's keys need; undefined where keys have no rights of their own. */
export function rightsOf(declaration: Pick<DestinationDeclaration, "type" | "spec">): Rights | undefined {
  return kindOf(declaration.type).rights?.(declaration.spec);
}

function kindOf(type: string): DestinationKind {
  const kind = destinationKinds.find((known) => known.type === type);
  if (kind !== undefined) return kind;
  const suggestion = `Known are ${destinationKinds.map((known) => known.type).join(", ")}.`;
  throw failure("HF_UNKNOWN_NAME", { kind: "kind of destination", name: type, suggestion });
}
