import { binaries } from "../../support/binaries.ts";
import { startApi, type Api, type StartOptions } from "./start-api.ts";

/** The API with a restic: of this process's own PATH nothing is known. */
export async function startWithRestic(options: StartOptions = {}): Promise<Api> {
  const environment = { HOLDFAST_RESTIC: binaries.restic.sid, ...options.environment };
  return await startApi({ ...options, environment });
}
