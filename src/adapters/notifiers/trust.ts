import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { failure } from "../../base/errors/error.ts";

/** The authorities to trust: those known everywhere and the declared one; undefined for just the former. Throws HF_NOTIFY_FAILED. */
export async function trustedCertificates(path: string | undefined, notifier: string): Promise<string[] | undefined> {
  if (path === undefined) return undefined;
  try {
    return [...rootCertificates, await readFile(path, "utf8")];
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const detail = `its certificate authority ${path} cannot be read (${String(error.code)}).`;
    throw failure("HF_NOTIFY_FAILED", { notifier, detail }, { cause: error });
  }
}
