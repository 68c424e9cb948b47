import { z } from "zod";
import { listAudit } from "../../state/queries/audit.ts";
import { route, type Route } from "../route.ts";
import { givenTime, limitOf, time } from "../shapes.ts";

const entrySchema = z
  .object({
    id: z.int(),
    at: time,
    actor: z.string().meta({ examples: ["user:ada", "token:prometheus", "anonymous"] }),
    address: z.string(),
    action: z.string().meta({ examples: ["POST /api/v1/backup/policies"] }),
    subject: z.string().meta({ examples: ["policy weekly"] }),
    status: z.int(),
  })
  .meta({ id: "AuditEntry" });

export const auditRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/audit",
    access: "admin",
    tag: "Users and tokens",
    summary: "Who changed what",
    description: "Newest first. `next` of one page is `before` of the page after it.",
    query: z.strictObject({
      actor: z.string().max(200).optional(),
      since: givenTime.optional(),
      until: givenTime.optional(),
      before: z.coerce.number().int().min(1).optional(),
      limit: limitOf(100, 1000),
    }),
    answers: { 200: z.object({ entries: z.array(entrySchema), next: z.int().nullable() }) },
    async run({ holdfast, query }) {
      const entries = await listAudit(holdfast.state, query);
      return { entries, next: entries.length < query.limit ? null : (entries.at(-1)?.id ?? null) };
    },
  }),
];
