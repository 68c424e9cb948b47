import { failure } from "../base/errors/error.ts";

/** A mistake on the command line; the hint names the help of `command`. */
export function usage(detail: string, command?: string): Error {
  return failure("HF_USAGE", {
    detail,
    help: command === undefined ? "holdfast --help" : `holdfast ${command} --help`,
  });
}
