import type { Secret } from "../../base/secrets/secret.ts";
import { isSecretRef, type SecretRef } from "../../domain/atoms/secret-ref.ts";

/**
 * What was parsed as it could stand in holdfast.yaml. A secret that Holdfast keeps, or that stood there itself, is written
 * out; one that lies in a variable, a file or with a program stays there. Throws what `resolve` throws.
 */
export async function outerForm(value: unknown, resolve: (ref: SecretRef) => Promise<Secret>): Promise<unknown> {
  if (isSecretRef(value)) return await secretForm(value, resolve);
  if (Array.isArray(value)) return await Promise.all(value.map(async (item) => await outerForm(item, resolve)));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(
    await Promise.all(entries.map(async ([key, inner]) => [key, await outerForm(inner, resolve)] as const)),
  );
}

async function secretForm(ref: SecretRef, resolve: (ref: SecretRef) => Promise<Secret>): Promise<unknown> {
  switch (ref.from) {
    case "env":
      return { env: ref.variable };
    case "file":
      return { file: ref.path };
    case "command":
      return { command: [...ref.argv] };
    default:
      return (await resolve(ref)).reveal();
  }
}
