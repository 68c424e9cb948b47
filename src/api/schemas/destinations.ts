import { z } from "zod";
import { Secret } from "../../base/secrets/secret.ts";
import { rateSchema } from "../../domain/atoms/bytes.ts";
import { durationSchema, durationText } from "../../domain/atoms/duration.ts";
import { labelSchema } from "../../domain/atoms/name.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import { idOf } from "../../domain/ids.ts";
import type { DeclarationTimes } from "../../state/queries/declarations.ts";
import type { DestinationCounts } from "../../state/queries/destination-counts.ts";
import type { KnownDestination } from "../../state/queries/destinations.ts";
import { time } from "../shapes.ts";
import { declaredFields, declaredView, written } from "./declared.ts";
import { troubleSchema } from "./problems.ts";

const text = z.string().min(1).max(1000);
const secret = (description: string) =>
  z
    .string()
    .min(1)
    .max(20_000)
    .meta({ description: `${description} Kept sealed, never shown again.`, format: "password" });

const credentials = {
  access_key: secret("Access key id.").optional(),
  secret_key: secret("Secret access key.").optional(),
  session_token: secret("Session token of temporary keys.").optional(),
  account_id: secret("Account id, or the id of an application key.").optional(),
  account_key: secret("The key that belongs to it.").optional(),
  key: secret("Private SSH key, its content.").optional(),
  username: text.optional(),
  server_password: secret("Password of that user.").optional(),
};
const secretFields = new Set(Object.keys(credentials).filter((name) => name !== "username"));

const common = {
  name: labelSchema.meta({ description: "Cannot be changed later." }),
  password: secret("The repository's password, to take over one that exists. Default: 32 random bytes.").optional(),
  enabled: z.boolean().optional().meta({ description: "A disabled one is neither stored to nor maintained." }),
  append_only: z.boolean().optional().meta({ description: "Nothing is forgotten or pruned with these credentials." }),
  maintenance: z.strictObject(credentials).optional().meta({
    description: "Credentials that take the place of the others when snapshots are forgotten, pruned and checked.",
  }),
  at_once: z.int().min(1).max(100).optional().meta({ description: "So many runs at most use it at once." }),
  lock_wait: written(durationSchema).optional().meta({ description: "How long a lock is waited for, such as 5m." }),
  upload_limit: written(rateSchema).optional().meta({ description: "Such as 5MiB/s." }),
  download_limit: written(rateSchema).optional().meta({ description: "Such as 5MiB/s." }),
};
const connections = z.int().min(1).max(100).optional();

const places = {
  s3: {
    endpoint: text.meta({ description: "The server, with http:// in front when it has no TLS." }),
    bucket: text,
    region: text.optional(),
    prefix: text.optional().meta({ description: "Folder within the bucket." }),
    access_key: credentials.access_key.unwrap(),
    secret_key: credentials.secret_key.unwrap(),
    session_token: credentials.session_token,
    bucket_lookup: z.enum(["auto", "dns", "path"]).optional(),
    connections,
  },
  b2: {
    bucket: text,
    prefix: text.optional(),
    account_id: credentials.account_id.unwrap(),
    account_key: credentials.account_key.unwrap(),
    connections,
  },
  local: {
    device_id: z.uuid().optional().meta({ description: "The device on which it lies; only this one." }),
    path: text.meta({ description: "Absolute path of a folder, created when it is missing." }),
  },
  sftp: {
    host: text,
    port: z.int().min(1).max(65_535).optional(),
    user: text.optional(),
    path: text,
    key: credentials.key,
    known_host: z.string().max(5000).optional().meta({ description: "The server's host key, `ssh-ed25519 AAAA…`." }),
    connections,
  },
  rest: { url: text, username: text.optional(), server_password: credentials.server_password, connections },
  rclone: {
    remote: text.meta({ description: "A remote of rclone's configuration and a path: `gdrive:backups`." }),
    connections,
  },
};
export type CreatableType = keyof typeof places;
export const creatableTypes: readonly CreatableType[] = ["s3", "b2", "local", "sftp", "rest", "rclone"];

const examples: Readonly<Record<CreatableType, { name: string } & Record<string, unknown>>> = {
  s3: {
    name: "Backblaze B2",
    endpoint: "s3.us-west-002.backblazeb2.com",
    bucket: "homelab-backups",
    region: "us-west-002",
    access_key: "…",
    secret_key: "…",
  },
  b2: { name: "B2", bucket: "homelab-backups", account_id: "…", account_key: "…" },
  local: { name: "NAS Backups", path: "/mnt/nfs/backups" },
  sftp: { name: "nas", host: "nas.lan", user: "backup", path: "/backups", known_host: "ssh-ed25519 AAAA…", key: "…" },
  rest: { name: "rest", url: "https://nas.lan:8000/homelab", username: "homelab", server_password: "…" },
  rclone: { name: "drive", remote: "gdrive:backups" },
};

export function newDestinationSchema(type: CreatableType) {
  // What all kinds have is all that a handler reads of it by name.
  const shape: Pick<typeof common, "name" | "password"> = { ...common, ...places[type] };
  const id = `New${type.charAt(0).toUpperCase()}${type.slice(1)}Destination`;
  return z.strictObject(shape).meta({ id, examples: [examples[type]] });
}

const { name: _name, password, ...changeable } = common;
const everyPlace = { ...places.s3, ...places.b2, ...places.sftp, ...places.rest, ...places.rclone };

export const destinationChangesSchema = z
  .strictObject({
    password,
    ...nullable(changeable),
    ...nullable(everyPlace),
    path: text.nullable().optional(),
  })
  .meta({ id: "DestinationChanges", description: "What is left out stays; null takes a field away. The name stays." });

function nullable<Shape extends Record<string, z.ZodType>>(shape: Shape) {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, schema.nullable().optional()])) as {
    [Name in keyof Shape]: z.ZodOptional<z.ZodNullable<Shape[Name]>>;
  };
}

/** The fields as they stand in holdfast.yaml, each secret as one. */
export function destinationFields(body: Record<string, unknown>): Record<string, unknown> {
  const walk = (fields: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => {
        if (key === "maintenance" && typeof value === "object" && value !== null) return [key, walk({ ...value })];
        return [key, secretFields.has(key) && typeof value === "string" ? new Secret(value) : value];
      }),
    );
  const { name: _, password: __, device_id: ___, ...fields } = body;
  return walk(fields);
}

export const destinationSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    type: z.string().meta({ examples: ["s3", "local"] }),
    enabled: z.boolean(),
    append_only: z.boolean(),
    has_maintenance_credentials: z.boolean(),
    location: z
      .string()
      .nullable()
      .meta({ description: "As restic writes it, without secrets; null until it was used." }),
    s3_endpoint: z.string().optional(),
    s3_bucket: z.string().optional(),
    s3_region: z.string().optional(),
    s3_prefix: z.string().optional(),
    b2_bucket: z.string().optional(),
    b2_prefix: z.string().optional(),
    local_device_id: z.uuid().optional(),
    local_path: z.string().optional(),
    sftp_host: z.string().optional(),
    sftp_port: z.int().optional(),
    sftp_user: z.string().optional(),
    sftp_path: z.string().optional(),
    rest_url: z.string().optional(),
    rest_username: z.string().optional(),
    rclone_remote: z.string().optional(),
    at_once: z.int().nullable(),
    lock_wait: z.string().nullable(),
    upload_limit: z.string().nullable(),
    download_limit: z.string().nullable(),
    repo_initialized: z.boolean(),
    repository_id: z.string().nullable().meta({ description: "restic's own id of the repository." }),
    total_snapshots: z.int(),
    total_size: z.int().nullable().meta({ description: "Bytes stored there; null until it was measured." }),
    last_backup_at: time.nullable(),
    last_retained_at: time.nullable(),
    last_pruned_at: time.nullable(),
    ...declaredFields,
    warnings: z.array(troubleSchema).optional().meta({ description: "What the test before its creation found." }),
  })
  .meta({ id: "Destination" });

/** Of a spec what may be shown: a kind's own schema has checked it already, and secrets are objects. */
const shownSpec = z
  .object({
    endpoint: z.string(),
    bucket: z.string(),
    region: z.string(),
    prefix: z.string(),
    path: z.string(),
    host: z.string(),
    port: z.int(),
    user: z.string(),
    url: z.string(),
    username: z.string(),
    remote: z.string(),
  })
  .partial();
type Shown = z.output<typeof shownSpec>;

function placeOf(type: string, spec: unknown, device: string): Partial<z.input<typeof destinationSchema>> {
  const shown: Shown = shownSpec.safeParse(spec).data ?? {};
  const { endpoint, bucket, region, prefix, path, host, port, user, url, username, remote } = shown;
  if (type === "s3") return { s3_endpoint: endpoint, s3_bucket: bucket, s3_region: region, s3_prefix: prefix };
  if (type === "b2") return { b2_bucket: bucket, b2_prefix: prefix };
  if (type === "local") return { local_device_id: idOf("device", device), local_path: path };
  if (type === "sftp") return { sftp_host: host, sftp_port: port, sftp_user: user, sftp_path: path };
  if (type === "rest") return { rest_url: url, rest_username: username };
  return type === "rclone" ? { rclone_remote: remote } : {};
}

/** What is known of a destination besides its declaration. */
export interface DestinationStanding {
  device: string;
  known: KnownDestination | undefined;
  counts: DestinationCounts;
  times: DeclarationTimes | undefined;
}

export function destinationView(
  declared: DestinationDeclaration,
  { device, known, counts, times }: DestinationStanding,
): z.input<typeof destinationSchema> {
  const { name, type, spec, uploadKibPerSecond: upload, downloadKibPerSecond: download, lockWaitMs } = declared;
  return {
    id: idOf("destination", name),
    name,
    type,
    enabled: declared.enabled,
    append_only: declared.appendOnly,
    has_maintenance_credentials: declared.maintenance !== undefined,
    location: known?.location ?? null,
    ...placeOf(type, spec, device),
    at_once: declared.atOnce ?? null,
    lock_wait: lockWaitMs === undefined ? null : durationText(lockWaitMs),
    upload_limit: upload === undefined ? null : `${upload}KiB/s`,
    download_limit: download === undefined ? null : `${download}KiB/s`,
    repo_initialized: known !== undefined,
    repository_id: known?.repository_id ?? null,
    total_snapshots: counts.snapshots,
    total_size: known?.size_bytes ?? null,
    last_backup_at: counts.lastBackupAt,
    last_retained_at: known?.last_retained_at ?? null,
    last_pruned_at: known?.last_pruned_at ?? null,
    ...declaredView(declared.origin, times),
  };
}
