import PQueue from "p-queue";
import { z } from "zod";
import { destinationById } from "../../operations/context/by-id.ts";
import { withOwnScratch } from "../../operations/context/scratch.ts";
import { testDestination, type DestinationTest } from "../../operations/destination-test/test.ts";
import { rotateRepositoryPassword } from "../../operations/keys/rotate-password.ts";
import { initialise } from "../../operations/maintain/init.ts";
import { orderUpkeep } from "../../operations/maintain/order.ts";
import { unlock } from "../../operations/maintain/unlock.ts";
import { HoldfastError } from "../../base/errors/error.ts";
import { route, type Route } from "../route.ts";
import { troubleOf, troubleSchema } from "../schemas/problems.ts";
import { idParams, time } from "../shapes.ts";
import { whileWaited } from "./destinations.ts";

const tag = "Destinations";
const path = "/api/v1/backup/destinations/:id";

const testSchema = z
  .object({
    destination_id: z.uuid(),
    outcome: z.enum(["success", "warning", "failed", "cancelled"]),
    location: z.string().nullable(),
    repository: z.enum(["present", "absent", "unknown"]).meta({ description: "`unknown`: it could not be asked." }),
    repository_id: z.string().nullable(),
    bucket: z
      .object({
        state: z.enum(["there", "absent", "unseen"]),
        versioning: z.enum(["enabled", "suspended", "off", "unseen"]),
        object_lock: z.enum(["on", "off", "unseen"]),
        default_retention: z
          .object({ mode: z.enum(["governance", "compliance"]), days: z.int() })
          .nullable()
          .meta({ description: "How long new objects are locked by themselves." }),
        why_unseen: z.string().optional(),
      })
      .nullable()
      .meta({ description: "Only of object stores that could be asked." }),
    facts: z.array(z.string()),
    problems: z.array(troubleSchema),
  })
  .meta({ id: "DestinationTest" });

function testView(id: string, tested: DestinationTest): z.input<typeof testSchema> {
  const { bucket } = tested;
  return {
    destination_id: id,
    outcome: tested.outcome,
    location: tested.location ?? null,
    repository: tested.repository,
    repository_id: tested.repositoryId ?? null,
    bucket:
      bucket === undefined
        ? null
        : {
            state: bucket.bucket,
            versioning: bucket.versioning,
            object_lock: bucket.objectLock,
            default_retention: bucket.defaultRetention ?? null,
            ...(bucket.why === undefined ? {} : { why_unseen: bucket.why }),
          },
    facts: tested.facts,
    problems: tested.problems.map(troubleOf),
  };
}

const queuedSchema = z
  .object({ run_id: z.uuid(), status: z.enum(["queued"]) })
  .meta({ id: "QueuedUpkeep", description: "Follow it under runs." });

const lockSchema = z.object({
  host: z.string(),
  pid: z.int(),
  user: z.string(),
  exclusive: z.boolean(),
  created_at: time,
});

/** More than these wait their turn: each is a restic, and looking may be asked for by whoever may not declare. */
const tests = new PQueue({ concurrency: 3 });

export const destinationActionRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: `${path}/test`,
    access: "operate",
    tag,
    summary: "Test a destination",
    description: "Whether it is reached, whether the repository is there and is ours, and what its bucket promises.",
    params: idParams,
    answers: { 200: testSchema },
    async run(call) {
      const { holdfast, params, about } = call;
      const declared = destinationById(holdfast, params.id);
      about(`destination ${declared.name}`);
      await using own = withOwnScratch(holdfast);
      const tested = await tests.add(
        async () => {
          return await whileWaited(call, async (caller) => await testDestination(own.holdfast, declared, caller));
        },
        { signal: call.signal },
      );
      return testView(params.id, tested);
    },
  }),
  route({
    method: "POST",
    path: `${path}/init`,
    access: "admin",
    tag,
    summary: "Create its repository",
    description: "Where there is none, also when it was used before. One that is there stays as it is.",
    params: idParams,
    answers: { 200: z.object({ repo_initialized: z.literal(true) }) },
    async run(call) {
      const { holdfast, params, about } = call;
      const { name } = destinationById(holdfast, params.id);
      about(`destination ${name}`);
      await whileWaited(call, async (caller) => await initialise(holdfast, name, caller));
      return { repo_initialized: true };
    },
  }),
  route({
    method: "POST",
    path: `${path}/check`,
    access: "operate",
    tag,
    summary: "Check its repository",
    params: idParams,
    body: z
      .strictObject({
        data: z.enum(["none", "part", "all"]).optional().meta({
          description:
            "The structure only, the next part of the data (of all of it in 30 checks), or all. Default part.",
        }),
      })
      .optional(),
    answers: { 202: queuedSchema },
    async run({ holdfast, params, body, live, about }) {
      const { name: destination } = destinationById(holdfast, params.id);
      about(`destination ${destination}`);
      const run = await orderUpkeep(holdfast, { kind: "check", destination, data: body?.data ?? "part" });
      live.wake();
      return { run_id: run.id, status: "queued" };
    },
  }),
  route({
    method: "POST",
    path: `${path}/prune`,
    access: "operate",
    tag,
    summary: "Free what no snapshot needs",
    params: idParams,
    answers: { 202: queuedSchema },
    async run({ holdfast, params, live, about }) {
      const { name: destination } = destinationById(holdfast, params.id);
      about(`destination ${destination}`);
      const run = await orderUpkeep(holdfast, { kind: "prune", destination });
      live.wake();
      return { run_id: run.id, status: "queued" };
    },
  }),
  route({
    method: "POST",
    path: `${path}/unlock`,
    access: "operate",
    tag,
    summary: "Remove stale locks",
    description: "Plain `restic unlock`: locks of those who live, or may live on another machine, remain.",
    params: idParams,
    answers: {
      200: z.object({ removed: z.array(lockSchema), remaining: z.array(lockSchema) }).meta({ id: "Unlocked" }),
    },
    async run(call) {
      const { holdfast, params, about } = call;
      const { name } = destinationById(holdfast, params.id);
      about(`destination ${name}`);
      await using own = withOwnScratch(holdfast);
      const [report] = await whileWaited(call, async (caller) => {
        return await unlock(own.holdfast, { destinations: [name] }, caller);
      });
      const [trouble] = report?.problems ?? [];
      if (trouble !== undefined) throw new HoldfastError(trouble);
      return { removed: (report?.removed ?? []).map(lockView), remaining: (report?.remaining ?? []).map(lockView) };
    },
  }),
  route({
    method: "POST",
    path: `${path}/rotate-password`,
    access: "admin",
    tag,
    summary: "Give its repository a new password",
    description: "Added, proven, then the old one is removed; asked again after an interruption, it goes on.",
    params: idParams,
    answers: {
      200: z
        .object({
          removed: z.int().meta({ description: "How many old passwords were taken away." }),
          finished: z.boolean().meta({ description: "Only what an interrupted rotation had left to do was done." }),
          problems: z.array(troubleSchema),
        })
        .meta({ id: "PasswordRotation" }),
    },
    async run(call) {
      const { holdfast, params, about, live } = call;
      const { name } = destinationById(holdfast, params.id);
      about(`destination ${name}`);
      await using own = withOwnScratch(holdfast);
      // Not ended with the client: half a rotation is safe, but a whole one is better.
      const { removed, finished, problems } = await live.during(async (caller) => {
        return await rotateRepositoryPassword(own.holdfast, name, caller);
      });
      return { removed, finished, problems: problems.map(troubleOf) };
    },
  }),
];

function lockView({
  host,
  pid,
  user,
  exclusive,
  createdAt,
}: {
  host: string;
  pid: number;
  user: string;
  exclusive: boolean;
  createdAt: string;
}): z.input<typeof lockSchema> {
  return { host, pid, user, exclusive, created_at: createdAt };
}
