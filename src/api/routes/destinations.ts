import { z } from "zod";
import { failure } from "../../base/errors/error.ts";
import { Secret } from "../../base/secrets/secret.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { idOf } from "../../domain/ids.ts";
import { destinationById } from "../../operations/context/by-id.ts";
import type { Holdfast } from "../../operations/context/holdfast.ts";
import { createDestination } from "../../operations/declare/create-destination.ts";
import { changeDestination, deleteDestination } from "../../operations/declare/destination.ts";
import type { Caller } from "../../operations/run/listener.ts";
import { declarationTimes } from "../../state/queries/declarations.ts";
import { destinationCounts } from "../../state/queries/destination-counts.ts";
import { knownDestinations } from "../../state/queries/destinations.ts";
import { route, type ApiCall, type Route } from "../route.ts";
import { byOf } from "../schemas/declared.ts";
import {
  creatableTypes,
  destinationChangesSchema,
  destinationFields,
  destinationSchema,
  destinationView,
  newDestinationSchema,
  type CreatableType,
} from "../schemas/destinations.ts";
import { troubleOf } from "../schemas/problems.ts";
import { idParams } from "../shapes.ts";

const tag = "Destinations";
const path = "/api/v1/backup/destinations";

type View = z.input<typeof destinationSchema>;

async function viewsOf(holdfast: Holdfast, declared: readonly DestinationDeclaration[]): Promise<View[]> {
  const { state, deviceName: device } = holdfast;
  const [known, times] = await Promise.all([knownDestinations(state), declarationTimes(state, "destination")]);
  return await Promise.all(
    declared.map(async (one) =>
      destinationView(one, {
        device,
        known: known.find(({ name }) => name === one.name),
        counts: await destinationCounts(state, one.name),
        times: times.get(one.name),
      }),
    ),
  );
}

async function viewOf(holdfast: Holdfast, id: string): Promise<View> {
  const [view] = await viewsOf(holdfast, [destinationById(holdfast, id)]);
  if (view === undefined) throw failure("HF_UNKNOWN_ID", { kind: "destination", id });
  return view;
}

/** Ends with the daemon, and with the client that waits for it. */
export async function whileWaited<T>(
  { live, signal }: Pick<ApiCall<unknown, unknown, unknown>, "live" | "signal">,
  work: (caller: Caller) => Promise<T>,
): Promise<T> {
  return await live.during(async (caller) => {
    return await work({ ...caller, signal: AbortSignal.any([caller.signal, signal]) });
  });
}

/** Other devices come later. Throws HF_DEVICE_UNSUPPORTED. */
function needThisDevice({ deviceName }: Holdfast, id: unknown): void {
  const own = idOf("device", deviceName);
  if (typeof id === "string" && id !== own) throw failure("HF_DEVICE_UNSUPPORTED", { device: id, own });
}

const titles: Readonly<Record<CreatableType, string>> = {
  s3: "S3",
  b2: "Backblaze B2",
  local: "local",
  sftp: "SFTP",
  rest: "REST server",
  rclone: "rclone",
};

const creation = (type: CreatableType): Route =>
  route({
    method: "POST",
    path: `${path}/${type}`,
    access: "admin",
    tag,
    summary: `Add a destination: ${titles[type]}`,
    description:
      "Makes a repository password and seals it, tests the connection, creates the repository, and then declares the " +
      "destination. When anything fails, nothing is declared. A repository that is there is taken over with its password.",
    body: newDestinationSchema(type),
    answers: { 201: destinationSchema },
    async run(call) {
      const { holdfast, body, live, actor, about } = call;
      about(`destination ${body.name}`);
      const given: Record<string, unknown> = body;
      needThisDevice(holdfast, given["device_id"]);
      const asked = { name: body.name, type, fields: destinationFields(given), password: secretOf(body.password) };
      const tested = await whileWaited(call, async (caller) => {
        return await createDestination(holdfast, asked, byOf(actor), caller);
      });
      await live.redeclare();
      const warnings = tested.problems.map(troubleOf);
      const view = await viewOf(live.holdfast(), idOf("destination", body.name));
      return { ...view, ...(warnings.length === 0 ? {} : { warnings }) };
    },
  });

function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text);
}

export const destinationRoutes: readonly Route[] = [
  route({
    method: "GET",
    path,
    access: "read",
    tag,
    summary: "List destinations",
    answers: { 200: z.object({ destinations: z.array(destinationSchema) }) },
    run: async ({ holdfast }) => ({ destinations: await viewsOf(holdfast, holdfast.declared.destinations) }),
  }),
  ...creatableTypes.map(creation),
  route({
    method: "GET",
    path: `${path}/:id`,
    access: "read",
    tag,
    summary: "Read a destination",
    params: idParams,
    answers: { 200: destinationSchema },
    run: async ({ holdfast, params }) => await viewOf(holdfast, params.id),
  }),
  route({
    method: "PATCH",
    path: `${path}/:id`,
    access: "admin",
    tag,
    summary: "Change a destination",
    description:
      "What changes how it is reached is tried first: the same repository must answer. Secrets that are given take the " +
      "place of those that are kept.",
    params: idParams,
    body: destinationChangesSchema,
    answers: { 200: destinationSchema },
    async run(call) {
      const { holdfast, params, body, live, actor, about } = call;
      const declared = destinationById(holdfast, params.id);
      about(`destination ${declared.name}`);
      const changes = { fields: destinationFields(body), password: secretOf(body.password) };
      await whileWaited(call, async (caller) => {
        await changeDestination(holdfast, declared, changes, byOf(actor), caller);
      });
      await live.redeclare();
      return await viewOf(live.holdfast(), params.id);
    },
  }),
  route({
    method: "DELETE",
    path: `${path}/:id`,
    access: "admin",
    tag,
    summary: "Delete a destination",
    description:
      "Its repository and the snapshots in it stay, and so does the repository's password here: adding a destination of " +
      "the same name takes it over again. Refused while a policy names it.",
    params: idParams,
    answers: { 204: "nothing" },
    async run({ holdfast, params, live, actor, about }) {
      const declared = destinationById(holdfast, params.id);
      about(`destination ${declared.name}`);
      await deleteDestination(holdfast, declared, byOf(actor));
      await live.redeclare();
    },
  }),
];
