import { failure } from "../../base/errors/error.ts";
import type { App, Policy } from "../../domain/app.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import type { Holdfast } from "./holdfast.ts";

/** The declared apps of these names; all of them when none is named. Throws HF_UNKNOWN_NAME, HF_NOTHING_DECLARED. */
export function selectApps(holdfast: Holdfast, names: string[]): App[] {
  const { apps } = holdfast.declared;
  if (names.length === 0) {
    if (apps.length === 0) throw failure("HF_NOTHING_DECLARED", {});
    return apps;
  }
  return names.map((name) => {
    const found = [...apps, ...(holdfast.declared.onRequest ?? [])].find((app) => app.name === name);
    if (found !== undefined) return found;
    const left = holdfast.declared.leftOut.some((one) => one.kind === "app" && one.name === name);
    if (left) throw failure("HF_APP_LEFT_OUT", { app: name });
    const known = apps.map((app) => app.name).join(", ");
    throw failure("HF_UNKNOWN_NAME", {
      kind: "app",
      name,
      suggestion: known === "" ? "None is declared." : `Declared are: ${known}.`,
    });
  });
}

/** The declared destinations of these names; all of them when none is named. Throws HF_UNKNOWN_NAME. */
export function selectDestinations(holdfast: Holdfast, names: string[]): DestinationDeclaration[] {
  const { destinations } = holdfast.declared;
  if (names.length === 0) return destinations;
  return names.map((name) => {
    const found = destinations.find((destination) => destination.name === name);
    if (found !== undefined) return found;
    const known = destinations.map((destination) => destination.name).join(", ");
    throw failure("HF_UNKNOWN_NAME", {
      kind: "destination",
      name,
      suggestion: known === "" ? "None is declared." : `Declared are: ${known}.`,
    });
  });
}

/**
 * The destinations of these names that may be stored to and maintained; all that are enabled when none is named.
 * Throws HF_UNKNOWN_NAME, HF_DESTINATION_DISABLED.
 */
export function selectMaintained(holdfast: Holdfast, names: string[]): DestinationDeclaration[] {
  const selected = selectDestinations(holdfast, names);
  if (names.length === 0) return selected.filter(({ enabled }) => enabled);
  const disabled = selected.find(({ enabled }) => !enabled);
  if (disabled !== undefined) throw failure("HF_DESTINATION_DISABLED", { destination: disabled.name });
  return selected;
}

/** The policy of an app; the merge has made sure that there is one. */
export function policyOf(holdfast: Holdfast, app: App): Policy {
  const found = holdfast.declared.policies.find((policy) => policy.name === app.policy);
  if (found !== undefined) return found;
  throw failure("HF_CONFIG_REFERENCE", {
    place: `app ${app.name}`,
    kind: "policy",
    name: app.policy,
    suggestion: "Declare it under `policies`.",
  });
}
