import { failure } from "../../base/errors/error.ts";
import type { DestinationContext, DestinationDeclaration } from "../../domain/destination.ts";
import type { Repository } from "../../domain/repository.ts";
import { b2 } from "./b2.ts";
import type { DestinationKind } from "./kind.ts";
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
  const kind = destinationKinds.find(({ type }) => type === declaration.type);
  if (kind === undefined) {
    const suggestion = `Known are ${destinationKinds.map(({ type }) => type).join(", ")}.`;
    throw failure("HF_UNKNOWN_NAME", { kind: "kind of destination", name: declaration.type, suggestion });
  }
  return kind.open(declaration.spec, context);
}
