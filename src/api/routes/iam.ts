import { z } from "zod";
import { destinationById } from "../../operations/context/by-id.ts";
import { iamOf } from "../../operations/iam/iam.ts";
import { route, type Route } from "../route.ts";
import { idParams } from "../shapes.ts";

const policy = z
  .object({
    Version: z.literal("2012-10-17"),
    Statement: z.array(
      z.object({
        Sid: z.string(),
        Effect: z.literal("Allow"),
        Action: z.array(z.string()),
        Resource: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: "IamPolicy", description: "A policy as Amazon's IAM, MinIO and others take it." });

const key = z
  .object({
    capabilities: z.array(z.string()),
    command: z.array(z.string()).meta({ description: "What makes the key: an argument list for Backblaze's `b2`." }),
  })
  .meta({ id: "B2Key" });

const notes = z.array(z.string()).meta({ description: "What else there is to do." });

const rights = z
  .discriminatedUnion("form", [
    z.object({ form: z.literal("iam-policy"), backup: policy, maintenance: policy, notes }),
    z.object({ form: z.literal("b2-capabilities"), backup: key, maintenance: key, notes }),
  ])
  .meta({ id: "DestinationRights" });

export const iamRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/backup/destinations/:id/iam",
    access: "read",
    tag: "Destinations",
    summary: "The least rights that its keys need",
    description:
      "Ready to paste where the keys are made: for the backup, which deletes nothing but locks, and for maintenance.",
    params: idParams,
    answers: { 200: z.object({ destination_id: z.uuid(), rights }) },
    async run({ holdfast, params }) {
      const { name } = destinationById(holdfast, params.id);
      return await Promise.resolve({ destination_id: params.id, rights: iamOf(holdfast, name).rights });
    },
  }),
];
