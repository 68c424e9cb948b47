import { resolveSecret } from "../../adapters/sources/secrets.ts";
import type { Secret } from "../../base/secrets/secret.ts";
import type { SecretRef } from "../../domain/atoms/secret-ref.ts";
import type { Holdfast } from "./holdfast.ts";

/** Fetches declared secrets from where they are kept. Throws HF_SECRET_UNAVAILABLE. */
export function secretResolver(holdfast: Pick<Holdfast, "variables" | "device">): (ref: SecretRef) => Promise<Secret> {
  return async (ref) => await resolveSecret(ref, { environment: holdfast.variables, executor: holdfast.device });
}
