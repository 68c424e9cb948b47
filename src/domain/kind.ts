import type { ZodType } from "zod";

/** Every extension (database engine, destination, runtime, …) has this shape; each folder's registry lists its kinds. */
export interface Kind<Type extends string, Spec, Context, Handle> {
  type: Type;
  /** The one schema of the spec: the YAML reader, the JSON Schema, the API and the docs are made from it. */
  spec: ZodType<Spec>;
  open(spec: Spec, context: Context): Promise<Handle>;
}
