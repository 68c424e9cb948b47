import type { ZodType } from "zod";
import type { BucketFacts } from "../../domain/bucket.ts";
import type { DestinationContext } from "../../domain/destination.ts";
import type { Kind } from "../../domain/kind.ts";
import type { Repository } from "../../domain/repository.ts";
import type { Rights } from "../../domain/rights.ts";
import type { Connection } from "./restic/connection.ts";

/** A kind of destination. `open` checks the spec again, which may come from a file, the state or the API. */
export interface DestinationKind<Type extends string = string, Spec = unknown> extends Kind<
  Type,
  Spec,
  DestinationContext,
  Repository
> {
  open(spec: unknown, context: DestinationContext): Promise<Repository>;
  /** What an object store tells of its bucket. */
  inspect?(spec: unknown, context: InspectContext): Promise<BucketFacts | undefined>;
  /** The rights that a key needs there, where keys can be given rights. */
  rights?(spec: unknown): Rights | undefined;
}

export type InspectContext = Pick<DestinationContext, "resolveSecret"> & { signal: AbortSignal };

/** A kind that is reached through restic: `connect` says how. */
export function resticKind<Type extends string, Spec>(kind: {
  type: Type;
  spec: ZodType<Spec>;
  connect(spec: Spec, context: DestinationContext): Promise<Connection>;
  inspect?(spec: Spec, context: InspectContext): Promise<BucketFacts>;
  rights?(spec: Spec): Rights;
}): DestinationKind<Type, Spec> {
  return {
    type: kind.type,
    spec: kind.spec,
    ...(kind.inspect === undefined
      ? {}
      : { inspect: async (spec, context) => await kind.inspect?.(kind.spec.parse(spec), context) }),
    ...(kind.rights === undefined ? {} : { rights: (spec) => kind.rights?.(kind.spec.parse(spec)) }),
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
