import { z } from "zod";
import { idOf } from "../../domain/ids.ts";
import { apiOrigin, builtInOrigin } from "../../domain/origin.ts";
import type { Holdfast } from "../../operations/context/holdfast.ts";
import type { DeclarationTimes } from "../../state/queries/declarations.ts";
import { InvalidRequest } from "../problems.ts";
import type { Actor } from "../route.ts";
import { time } from "../shapes.ts";

/** What everything that can be declared has. */
export const declaredFields = {
  read_only: z.boolean().meta({ description: "Declared outside of the API: it can only be changed there." }),
  declared_in: z.string().meta({
    description: "A file's path, `environment`, `API`, or `built in`.",
    examples: ["/etc/holdfast/holdfast.yaml"],
  }),
  created_at: time.nullable().meta({ description: "Null for what is not declared by the API." }),
  updated_at: time.nullable().meta({ description: "Null for what is not declared by the API." }),
};

export interface DeclaredView {
  read_only: boolean;
  declared_in: string;
  created_at: string | null;
  updated_at: string | null;
}

export function declaredView(origin: string, times: DeclarationTimes | undefined): DeclaredView {
  const open = origin === apiOrigin || origin === builtInOrigin;
  return {
    read_only: !open,
    declared_in: origin,
    created_at: (open && times?.created_at) || null,
    updated_at: (open && times?.updated_at) || null,
  };
}

/** A text that is kept as it was written, and that `schema` understands. */
export function written(schema: z.ZodType, longest = 200): z.ZodString {
  return z
    .string()
    .max(longest)
    .superRefine((text, context) => {
      const [issue] = schema.safeParse(text).error?.issues ?? [];
      if (issue !== undefined) context.addIssue({ code: "custom", message: issue.message });
    });
}

/** Who changes something, for the record. */
export function byOf(actor: Actor | undefined): { by: string } {
  return { by: actor === undefined ? "anonymous" : `${actor.kind}:${actor.name}` };
}

/** What ids in a body stand for; one that nothing has is told at its place. */
export function namesOfIds<Name extends string>(
  ids: readonly string[],
  place: string,
  nameOf: (id: string) => Name | undefined,
): Name[] {
  const names = ids.map((id, index) => ({ name: nameOf(id), index }));
  const [first, ...others] = names.flatMap(({ name, index }) =>
    name === undefined ? [{ path: `body.${place}.${index}`, message: "nothing has this id" }] : [],
  );
  if (first !== undefined) throw new InvalidRequest([first, ...others]);
  return names.flatMap(({ name }) => (name === undefined ? [] : [name]));
}

/** The name of the policy that a body names by its id. */
export function policyNameOf(
  { declared }: Pick<Holdfast, "declared">,
  id: string | null | undefined,
): string | null | undefined {
  if (id === undefined || id === null) return id;
  const found = declared.policies.find(({ name }) => idOf("policy", name) === id);
  if (found !== undefined) return found.name;
  throw new InvalidRequest([{ path: "body.policy_id", message: "no policy has this id" }]);
}

/** A page of a list in the order of names: what is new meanwhile moves nothing. */
export const nameCursor = z
  .string()
  .max(300)
  .regex(/^[A-Za-z0-9_-]+$/, "the next_cursor of an earlier answer")
  .transform((text) => Buffer.from(text, "base64url").toString("utf8"))
  .meta({ description: "`next_cursor` of the page before." });

export function nameCursorAfter(name: string): string {
  return Buffer.from(name).toString("base64url");
}
