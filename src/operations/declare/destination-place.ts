import { failure } from "../../base/errors/error.ts";
import { checkOutward, checkStays } from "../access/outward.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { Fields } from "./body.ts";
import { checkRepositoryPath } from "./destination-path.ts";

/** A remote of rclone's own configuration; a connection string (`:sftp,ssh=…:`, `nas,url=…:`) could run any command. */
const configuredRemote = /^[A-Za-z0-9_][A-Za-z0-9_. +@-]*:/;

/**
 * Lets the place pass that a user of the API names for a destination: where it leads, Holdfast's own machine and network are
 * reached. `next` is what the declaration will be, of which `fields` are changed now. Throws HF_ADDRESS_REFUSED, HF_PATH_REFUSED.
 */
export async function checkPlace(
  holdfast: Pick<Holdfast, "home">,
  type: string,
  fields: Fields,
  next: Fields,
  signal: AbortSignal,
): Promise<void> {
  const textIn = (of: Fields, key: string): string | undefined => (typeof of[key] === "string" ? of[key] : undefined);
  const text = (key: string): string | undefined => textIn(fields, key);
  const isS3Changed = type === "s3" && ["endpoint", "bucket", "bucket_lookup"].some((key) => fields[key] !== undefined);
  const endpoint = isS3Changed ? textIn(next, "endpoint") : undefined;
  if (endpoint !== undefined) {
    await checkOutward(endpoint);
    // Then what is connected to is not the endpoint, but the bucket's own name below it.
    if (next["bucket_lookup"] === "dns") {
      await checkOutward(endpoint.replace(/^(https?:\/\/)?/, (scheme) => `${scheme}${textIn(next, "bucket")}.`));
    }
  }
  const url = type === "rest" ? text("url") : undefined;
  if (url !== undefined) {
    await checkOutward(url);
    await checkStays(url, signal);
  }
  const host = type === "sftp" ? text("host") : undefined;
  if (host !== undefined) await checkOutward(host.includes(":") && !host.startsWith("[") ? `[${host}]` : host);
  const path = type === "local" ? text("path") : undefined;
  if (path !== undefined) await checkRepositoryPath(holdfast, path);
  const remote = type === "rclone" ? text("remote") : undefined;
  if (remote !== undefined && !configuredRemote.test(remote)) {
    throw failure("HF_ADDRESS_REFUSED", {
      address: remote,
      reason: "it is not the name of a remote in rclone's configuration",
    });
  }
}
