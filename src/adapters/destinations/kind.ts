import type { ZodType } from "zod";
import type { DestinationContext } from "../../domain/destination.ts";
import type { Kind } from "../../domain/kind.ts";
import type { Repository } from "../../domain/repository.ts";
import type { Connection } from "./restic/connection.ts";

/** A kind of destination. `open` checks the spec again, which may come from a file, the state or the API. */
export interface DestinationKind<Type extends string = string, Spec = unknown> extends Kind<
  Type,
  Spec,
  DestinationContext,
  Repository
> {
  open(spec: unknown, context: DestinationContext): Promise<Repository>;
}

/** A kind that is reached through restic: `connect` says how. */
export function resticKind<Type extends string, Spec>(kind: {
  type: Type;
  spec: ZodType<Spec>;
  connect(spec: Spec, context: DestinationContext): Promise<Connection>;
}): DestinationKind<Type, Spec> {
  return {
    type: kind.type,
    spec: kind.spec,
    open: async (spec, context) => {
      // Loaded when it is opened: what only reads the configuration does not wait for it.
      const { resticRepository } = await import("./restic/repository.ts");
      return resticRepository(await kind.connect(kind.spec.parse(spec), context), context);
    },
  };
}

/** The options that are set, as restic takes them: `prefix.name=value`. */
export function extendedOptions(prefix: string, values: Record<string, string | number | undefined>): string[] {
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${prefix}.${name}=${value}`]));
}
