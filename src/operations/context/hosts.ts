import type { Holdfast } from "./holdfast.ts";

/** The host names under which this Holdfast stores: its own device's, and those of the devices that apps are declared on. */
export function ownHosts(holdfast: Pick<Holdfast, "declared" | "deviceName">): ReadonlySet<string> {
  return new Set([holdfast.deviceName, ...holdfast.declared.apps.map((app) => app.device)]);
}
