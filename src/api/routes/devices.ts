import { z } from "zod";
import { failure } from "../../base/errors/error.ts";
import { idOf } from "../../domain/ids.ts";
import { thisDevice, type DeviceStanding } from "../../operations/status/device.ts";
import { route, type Route } from "../route.ts";
import { idParams } from "../shapes.ts";

const tag = "Devices";
const path = "/api/v1/backup/devices";

const deviceSchema = z
  .object({
    id: z.uuid(),
    name: z.string().meta({ description: "restic's --host of its snapshots." }),
    is_this: z.boolean().meta({ description: "The machine that Holdfast itself runs on." }),
    holdfast_version: z.string(),
    restic_version: z.string().nullable().meta({ description: "Null when there is none that can be used." }),
    app_ids: z.array(z.uuid()),
  })
  .meta({ id: "Device" });

function view(device: DeviceStanding): z.output<typeof deviceSchema> {
  return {
    id: device.id,
    name: device.name,
    is_this: true,
    holdfast_version: device.holdfastVersion,
    restic_version: device.resticVersion ?? null,
    app_ids: device.apps.map((app) => idOf("app", app)),
  };
}

export const deviceRoutes: readonly Route[] = [
  route({
    method: "GET",
    path,
    access: "read",
    tag,
    summary: "List devices",
    description: "Holdfast backs up the machine it runs on.",
    answers: { 200: z.object({ devices: z.array(deviceSchema) }) },
    run: async ({ holdfast }) => ({ devices: [view(await thisDevice(holdfast))] }),
  }),
  route({
    method: "GET",
    path: `${path}/:id`,
    access: "read",
    tag,
    summary: "Read a device",
    params: idParams,
    answers: { 200: deviceSchema },
    async run({ holdfast, params: { id } }) {
      if (id !== idOf("device", holdfast.deviceName)) throw failure("HF_UNKNOWN_ID", { kind: "device", id });
      return view(await thisDevice(holdfast));
    },
  }),
];
