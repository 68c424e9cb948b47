import { z } from "zod";

/** A moment in an answer: ISO 8601. */
export const time = z.string().meta({ format: "date-time", examples: ["2026-11-20T02:00:00.000Z"] });

/** A moment in a request; with Z or an offset. Gives ISO 8601 in UTC, as the state has it. */
export const givenTime = z.iso
  .datetime({ offset: true, error: "a time such as 2026-11-20T02:00:00Z" })
  .transform((text) => new Date(text).toISOString());

export const idParams = z.strictObject({ id: z.uuid({ error: "a UUID" }) });

/** How many entries at most, in a query. */
export const limitOf = (usual: number, most: number) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(most)
    .default(usual)
    .meta({ description: `At most so many. Default ${usual}.` });

/** Yes or no in a query: `true` or `false`. */
export const flag = z.enum(["true", "false"]).transform((text) => text === "true");

/** A query's field that may be given more than once. */
export const several = <Item extends z.ZodType>(item: Item) => z.union([z.array(item), item.transform((one) => [one])]);
