import { z } from "zod";
import { rateSchema } from "../../domain/atoms/bytes.ts";
import { blackoutSchema } from "../../domain/atoms/blackout.ts";
import { cronSchema } from "../../domain/atoms/cron.ts";
import { notificationKinds } from "../../domain/notification.ts";
import { durationSchema } from "../../domain/atoms/duration.ts";
import { keepSchema } from "../../domain/atoms/keep.ts";
import { appNameSchema, labelSchema, nameSchema } from "../../domain/atoms/name.ts";
import { pathSchema } from "../../domain/atoms/path.ts";
import { patternSchema } from "../../domain/atoms/pattern.ts";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import { timezoneSchema } from "../../domain/atoms/timezone.ts";
import { daemonSchema } from "./daemon-schema.ts";
import { jsonSchemaOf, type JsonSchema } from "./json-schema.ts";
import { kindEntry, type DeclaredKind } from "./kind-entry.ts";

/** The kinds of databases and destinations; they are handed in, because siblings do not import each other. */
export interface Kinds {
  databases: readonly DeclaredKind[];
  destinations: readonly DeclaredKind[];
  notifiers: readonly DeclaredKind[];
}

const some = (text: string): z.ZodString => z.string().min(1, text);

/** People write one item where a list is wanted. */
function oneOrMany<Item extends z.ZodType>(item: Item) {
  return z.union([item.transform((value) => [value]), z.array(item)]);
}

/** Tags that Holdfast sets and reads itself: a person's own must not be taken for them. */
const ownTags = /^(holdfast|partial|suspect|(app|run|type):.*)$/;

const tag = some("a tag")
  .regex(/^[^,]*$/, "a tag without a comma")
  .refine((text) => !ownTags.test(text), {
    message: "a tag other than those that Holdfast sets itself (holdfast, partial, suspect, app:…, run:…, type:…)",
  });

const fiveMinutesMs = 5 * 60_000;
const argv = z.tuple([some("the name of a program")], z.string());
const line = some("a command");
const limited = z.strictObject({
  command: z.union([line, argv]).meta({ description: "A line for `sh -c`, or a program and its arguments as a list." }),
  limit: durationSchema.optional().meta({ description: "Ended after this long. Default 5m." }),
});
const hook = z
  .union([
    line.transform((command) => ({ command, limitMs: fiveMinutesMs })),
    argv.transform((command) => ({ command, limitMs: fiveMinutesMs })),
    limited.transform(({ command, limit }) => ({ command, limitMs: limit ?? fiveMinutesMs })),
  ])
  .meta({ title: "Hook", description: "A line for `sh -c`, a list (program and arguments), or { command, limit }." });
const hooks = z.strictObject({
  before: z.array(hook).optional().meta({
    description:
      "Run before the backup; when one fails, what can be captured is stored as `partial` and the run has failed.",
  }),
  after: z.array(hook).optional().meta({ description: "Run after the backup, also when it failed." }),
});

/** Longer than any schedule's gap makes sense for; beyond all reason a date could no longer be written. */
const longestJitterMs = 31 * 86_400_000;

const policy = z
  .strictObject({
    description: z.string().max(1000).optional().meta({ description: "For people." }),
    enabled: z.boolean().optional().meta({ description: "Whether the schedule starts runs. Default true." }),
    schedule: cronSchema.optional(),
    timezone: timezoneSchema
      .optional()
      .meta({ description: "Time zone of the schedule, such as Europe/Berlin. Default: this machine's." }),
    blackout: oneOrMany(blackoutSchema)
      .optional()
      .meta({ description: "Times in which the schedule starts nothing, such as `Mon-Fri 08:00-18:00`." }),
    expected_age: durationSchema
      .optional()
      .meta({ description: "Alarm when the newest good snapshot is older. Default: what the schedule promises." }),
    jitter: durationSchema
      .refine((ms) => ms <= longestJitterMs, { message: "at most 31d" })
      .optional()
      .meta({ description: "Each run starts up to this much later, so that not all start at once. Default 2h." }),
    keep: keepSchema.optional(),
    destinations: oneOrMany(labelSchema)
      .optional()
      .meta({ description: "Names of destinations. Default: all of them." }),
    skip_unchanged: z
      .boolean()
      .optional()
      .meta({ description: "A scheduled run stores nothing when nothing has changed. Default true." }),
  })
  .meta({ title: "Policy", description: "When, where to, and how many snapshots stay." });

const destinationCommon = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .meta({ description: "A disabled one is neither stored to nor maintained. Default true." }),
  at_once: z.int().min(1).max(100).optional().meta({ description: "So many runs at most use it at once." }),
  password: secretRefSchema
    .optional()
    .meta({ description: "The repository's password. Default: 32 random bytes, kept sealed in Holdfast's state." }),
  append_only: z.boolean().optional().meta({
    description:
      "Nothing is ever forgotten or pruned there with the backup's credentials. Default false; see docs/immutability.md.",
  }),
  maintenance: z.record(z.string(), z.unknown()).optional().meta({
    title: "Fields",
    description:
      "Fields of this type, such as other keys, that take the place of those above when snapshots are forgotten, pruned and checked and locks removed.",
  }),
  lock_wait: durationSchema
    .optional()
    .meta({ description: "How long to wait while another program holds the repository. Default 5m." }),
  upload_limit: rateSchema.optional().meta({ description: "At most this many bytes per second, such as 5MiB/s." }),
  download_limit: rateSchema.optional().meta({ description: "At most this many bytes per second, such as 5MiB/s." }),
});

const notificationCommon = z.strictObject({
  on: oneOrMany(z.enum(notificationKinds))
    .optional()
    .meta({ description: "What it is sent. Default: what its type usually wants." }),
  apps: oneOrMany(appNameSchema).optional().meta({ description: "Only of these apps. Default: all." }),
  enabled: z.boolean().optional().meta({ description: "Default true." }),
});

const databaseCommon = z.strictObject({
  name: nameSchema.optional().meta({
    description: "Unique within the app; it names the dump. Default: the database's or the file's name, else the type.",
  }),
});

function appSchema(database: ReturnType<typeof databaseEntry>["schema"]) {
  return z
    .strictObject({
      paths: oneOrMany(pathSchema).optional().meta({ description: "Absolute paths of files and folders." }),
      exclude: oneOrMany(patternSchema)
        .optional()
        .meta({ description: "restic's exclude patterns: what they match is left out." }),
      include: oneOrMany(
        patternSchema.refine((text) => !text.startsWith("!"), {
          message: "a pattern without !: it is an exception already",
        }),
      )
        .optional()
        .meta({
          description:
            "Exceptions to `exclude`: what they match stays in. They cannot reach into a folder that is excluded as a whole.",
        }),
      databases: z.array(database).optional().meta({ description: "Databases to dump." }),
      hooks: hooks.optional().meta({ description: "Commands of your own around the backup." }),
      tags: oneOrMany(tag).optional().meta({ description: "Further tags on the snapshots." }),
      policy: labelSchema.optional().meta({ description: "The policy's name. Default: `default`." }),
      enabled: z.boolean().optional().meta({ description: "Whether the schedule backs it up. Default true." }),
      backup_volumes: z
        .boolean()
        .optional()
        .meta({ description: "Whether files other than Compose and env files are taken. Default true." }),
      backup_compose: z.boolean().optional().meta({ description: "Whether Compose files are taken. Default true." }),
      backup_env: z.boolean().optional().meta({ description: "Whether env files are taken. Default true." }),
      device: nameSchema.optional().meta({ description: "The device on which it runs. Default: this one." }),
    })
    .meta({ title: "App", description: "What you want back together: files and databases of one service." });
}

const databaseEntry = (kinds: readonly DeclaredKind[]) => kindEntry(databaseCommon, kinds);

/** The schemas of one holdfast.yaml. Entries are read one by one, so that a bad one takes no other with it. */
export function configSchema(kinds: Kinds) {
  const destination = kindEntry(destinationCommon, kinds.destinations, "maintenance");
  const database = databaseEntry(kinds.databases);
  const notification = kindEntry(notificationCommon, kinds.notifiers);
  const app = appSchema(database.schema);
  const file = z
    .strictObject({
      destinations: z
        .record(labelSchema, destination.schema)
        .optional()
        .meta({ description: "Where backups go. Default: one repository in Holdfast's own folder." }),
      policies: z.record(labelSchema, policy).optional().meta({
        description:
          "Schedules and retention. `default` applies to every app that names none, and to what another policy leaves out.",
      }),
      apps: z.record(appNameSchema, app).optional().meta({ description: "What is backed up." }),
      notifications: z
        .record(nameSchema, notification.schema)
        .optional()
        .meta({ description: "Who is told what, and how." }),
      daemon: daemonSchema.optional(),
    })
    .meta({
      title: "holdfast.yaml",
      description: "What Holdfast backs up, where to, and when. All of it is optional.",
    });
  const jsonSchema = (): JsonSchema => jsonSchemaOf(file, [destination.parts, database.parts, notification.parts]);
  return {
    file,
    destination: destination.schema,
    notification: notification.schema,
    daemon: daemonSchema,
    policy,
    app,
    jsonSchema,
  };
}

export type ConfigSchema = ReturnType<typeof configSchema>;
export type AppEntry = z.output<ConfigSchema["app"]>;
export type PolicyEntry = z.output<typeof policy>;
export type DestinationEntry = z.output<ConfigSchema["destination"]>;
export type NotificationEntry = z.output<ConfigSchema["notification"]>;
