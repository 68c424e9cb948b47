import { isFailure } from "../../base/errors/error.ts";
import { idOf } from "../../domain/ids.ts";
import { namesInSnapshots } from "../../state/queries/snapshot-pages.ts";
import { appById, configuredAppById, destinationById } from "../context/by-id.ts";
import type { Holdfast } from "../context/holdfast.ts";

const declared = { app: appById, configuration: configuredAppById, destination: destinationById };

/** The name that an id stands for: of what is declared, and of what once was and still has snapshots. */
export async function nameOf(
  holdfast: Pick<Holdfast, "declared" | "state">,
  kind: keyof typeof declared,
  id: string,
): Promise<string | undefined> {
  try {
    return declared[kind](holdfast, id).name;
  } catch (error) {
    if (!isFailure(error, "HF_UNKNOWN_ID")) throw error;
    const once = await namesInSnapshots(holdfast.state, kind === "destination" ? "destination" : "app");
    return once.find((name) => idOf(kind, name) === id);
  }
}
