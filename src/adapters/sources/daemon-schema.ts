import { z } from "zod";
import { cronSchema } from "../../domain/atoms/cron.ts";
import { durationSchema } from "../../domain/atoms/duration.ts";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import type { DaemonSettings } from "../../domain/daemon-settings.ts";

const many = z.int().min(1).max(1000);
const names = z.array(z.string().min(1, "a value that is not empty")).optional();

const address = /^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/;

const listen = z
  .string()
  .transform((text, context) => {
    const [, host, port] = address.exec(text) ?? [];
    if (host !== undefined && Number(port) <= 65_535)
      return { host: host.replaceAll(/[[\]]/g, ""), port: Number(port) };
    context.addIssue({ code: "custom", message: "an address and a port, such as 127.0.0.1:8420 or [::1]:8420" });
    return z.NEVER;
  })
  .meta({ description: "Address and port. Default `127.0.0.1:8420`." });

const oidc = z
  .strictObject({
    issuer: z.url({ protocol: /^https?$/, error: "the issuer's address" }).meta({ description: "The provider." }),
    client_id: z.string().min(1, "a client id").meta({ description: "As registered there." }),
    client_secret: secretRefSchema.optional().meta({ description: "As registered there; public clients have none." }),
    claim: z.string().min(1, "a claim").optional().meta({
      description: "The claim that says who may do what, such as `groups`. Default `email`.",
    }),
    trust_email: z
      .boolean()
      .optional()
      .meta({
        description:
          "E-mail addresses count also when the provider does not say that it has verified them: for one where nobody can " +
          "change their own. Default false.",
      }),
    admins: names.meta({ description: "Values of the claim that may do everything." }),
    operators: names.meta({ description: "Values that may back up and restore." }),
    readers: names.meta({ description: "Values that may look." }),
  })
  .meta({ title: "OIDC", description: "Sign-in by an OpenID Connect provider." });

/** The daemon's section of a holdfast.yaml. */
export const daemonSchema = z
  .strictObject({
    listen: listen.optional(),
    public_url: z
      .url({ protocol: /^https?$/, error: "an http:// or https:// address" })
      .optional()
      .meta({ description: "How people reach it, when that is not the address it listens on." }),
    limits: z
      .strictObject({
        runs: many.optional().meta({ description: "Runs at once. Default 4." }),
        per_device: many.optional().meta({ description: "Runs at once per device. Default 4." }),
        per_destination: many.optional().meta({ description: "Runs at once per destination. Default 4." }),
      })
      .optional()
      .meta({ description: "How much goes on at once." }),
    maintenance: z
      .strictObject({
        retain: cronSchema.optional().meta({ description: 'When destinations are thinned. Default `"30 4 * * *"`.' }),
        prune: cronSchema.optional().meta({ description: 'When space is freed. Default `"0 5 * * 0"`.' }),
        check: cronSchema.optional().meta({
          description: 'When a part of the data is read and checked: of all of it in 30 checks. Default `"0 6 * * *"`.',
        }),
      })
      .optional()
      .meta({ description: "Upkeep of the destinations, when no backup waits for them." }),
    grace: durationSchema.optional().meta({ description: "How long runs may go on when it is stopped. Default 20s." }),
    dump_max_age: durationSchema.optional().meta({
      description: "`holdfast healthcheck` wants a complete dump of each database no older than this. Default 48h.",
    }),
    restore_roots: z.array(z.string().startsWith("/", "an absolute path")).optional().meta({
      description:
        "Folders below which the API may restore. Default /tmp, /var/tmp, /srv, /mnt, /media and Holdfast's own `restores`.",
    }),
    open_metrics: z.boolean().optional().meta({ description: "`/metrics` wants no token. Default false." }),
    history: durationSchema
      .optional()
      .meta({ description: "How long runs, their events and the audit log are remembered. Default 400d." }),
    oidc: oidc.optional(),
  })
  .transform((entry): DaemonSettings => {
    const { limits, maintenance } = entry;
    return defined({
      listen: entry.listen,
      publicUrl: entry.public_url,
      limits:
        limits === undefined
          ? undefined
          : defined({ runs: limits.runs, perDevice: limits.per_device, perDestination: limits.per_destination }),
      maintenance: maintenance === undefined ? undefined : defined(maintenance),
      graceMs: entry.grace,
      dumpMaxAgeMs: entry.dump_max_age,
      restoreRoots: entry.restore_roots,
      openMetrics: entry.open_metrics,
      historyMs: entry.history,
      oidc:
        entry.oidc === undefined
          ? undefined
          : {
              issuer: entry.oidc.issuer,
              clientId: entry.oidc.client_id,
              ...(entry.oidc.client_secret === undefined ? {} : { clientSecret: entry.oidc.client_secret }),
              claim: entry.oidc.claim ?? "email",
              ...(entry.oidc.trust_email === undefined ? {} : { trustEmail: entry.oidc.trust_email }),
              admins: entry.oidc.admins ?? [],
              operators: entry.oidc.operators ?? [],
              readers: entry.oidc.readers ?? [],
            },
    });
  })
  .meta({ title: "Daemon", description: "How `holdfast serve` works." });

type Defined<Entry> = { [Key in keyof Entry]?: Exclude<Entry[Key], undefined> };

/** Without the fields that are undefined. */
function defined<Entry extends object>(entry: Entry): Defined<Entry> {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as Defined<Entry>;
}
