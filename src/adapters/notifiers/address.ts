import { failure } from "../../base/errors/error.ts";
import type { SecretRef } from "../../domain/atoms/secret-ref.ts";
import { isWebAddress } from "./fields.ts";
import type { NotifierContext } from "./kind.ts";

/** The address that a secret holds, as text. Throws HF_NOTIFY_FAILED when it is none, without saying what it is. */
export async function secretAddress(ref: SecretRef, context: NotifierContext): Promise<string> {
  const text = (await context.resolveSecret(ref)).reveal().trim();
  if (isWebAddress(text)) return text;
  const detail = "its address is not an http:// or https:// address without user and password.";
  throw failure("HF_NOTIFY_FAILED", { notifier: context.name, detail });
}
