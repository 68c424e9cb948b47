import { failure } from "../../base/errors/error.ts";
import { checkOutward } from "../access/outward.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { Fields } from "./body.ts";
import { checkRepositoryPath } from "./destination-path.ts";

/** A remote of rclone's own configuration; a connection string (`:sftp,ssh=…:`, `nas,url=…:`) could run any command. */
const configuredRemote = /^[A-Za-z0-9_][A-Za-z0-9_. +@-]*:/;

/**
 * Lets the place pass that a user of the API names for a destination: where it leads, Holdfast's own machine and network are
 * reached. Throws HF_ADDRESS_REFUSED, HF_PATH_REFUSED.
 */
export async function checkPlace(holdfast: Pick<Holdfast, "home">, type: string, fields: Fields): Promise<void> {
  const text = (key: string): string | undefined => (typeof fields[key] === "string" ? fields[key] : undefined);
  const address = type === "s3" ? text("endpoint") : type === "rest" ? text("url") : undefined;
  if (address !== undefined) await checkOutward(address);
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
