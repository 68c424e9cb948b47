import { rightsOf } from "../../adapters/destinations/registry.ts";
import { failure } from "../../base/errors/error.ts";
import type { Rights } from "../../domain/rights.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { selectDestinations } from "../context/select.ts";

export interface IamReport {
  destination: string;
  type: string;
  rights: Rights;
}

/** The least rights that a destination's keys need. Throws HF_UNKNOWN_NAME, HF_RIGHTS_NONE for what has no keys. */
export function iamOf(holdfast: Holdfast, name: string): IamReport {
  const [declaration] = selectDestinations(holdfast, [name]);
  const rights = declaration === undefined ? undefined : rightsOf(declaration);
  if (declaration !== undefined && rights !== undefined) return { destination: name, type: declaration.type, rights };
  throw failure("HF_RIGHTS_NONE", { destination: name, type: declaration?.type ?? "" });
}
