import { resolveSecret } from "../../adapters/sources/secrets.ts";
import { failure } from "../../base/errors/error.ts";
import type { Secret } from "../../base/secrets/secret.ts";
import type { SecretRef } from "../../domain/atoms/secret-ref.ts";
import { readSealed } from "../../state/queries/secrets.ts";
import type { Holdfast } from "./holdfast.ts";

/** Fetches declared secrets from where they are kept. Throws HF_SECRET_UNAVAILABLE, HF_SEAL_BROKEN. */
export function secretResolver(
  holdfast: Pick<Holdfast, "variables" | "device" | "state" | "vault">,
): (ref: SecretRef) => Promise<Secret> {
  const openSealed = async (name: string): Promise<Secret> => {
    const sealed = await readSealed(holdfast.state, name);
    if (sealed !== undefined) return (await holdfast.vault()).open(name, sealed);
    throw failure("HF_SECRET_UNAVAILABLE", {
      name,
      detail: "the state holds none of that name.",
      where: "by the API call that declared it",
    });
  };
  return async (ref) =>
    await resolveSecret(ref, { environment: holdfast.variables, executor: holdfast.device, openSealed });
}
