import { z } from "zod";
import { secretRefSchema, type SecretRef } from "../../domain/atoms/secret-ref.ts";

/** Text of one line: it becomes part of a header. */
export const line = z
  .string()
  .min(1, "a value that is not empty")
  .regex(/^[^\u0000-\u001F\u007F]*$/, "text of one line");

export const absolutePath = line.startsWith("/", "an absolute path");

const webAddressExpected = "an http:// or https:// address without user and password";

/** Whether it can be asked over HTTP: `file:` and all other schemes are refused, and so are credentials in the address. */
export function isWebAddress(text: string): boolean {
  // URL itself forgives line ends and takes them out.
  if (/[\s\u0000-\u001F\u007F]/.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

export const webAddress = line.refine(isWebAddress, webAddressExpected);

/** An address that is itself a secret: who knows it may post there. One that is written out is checked when it is read. */
export const secretWebAddress = secretRefSchema.refine(
  (ref: SecretRef) => ref.from !== "plain" || isWebAddress(ref.value.reveal()),
  webAddressExpected,
);

export const caCert = absolutePath.meta({
  description: "File with the certificate authority of the server, where it is not one that is known everywhere.",
});
