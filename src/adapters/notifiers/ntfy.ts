import { z } from "zod";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import { notificationKinds, type NotificationKind } from "../../domain/notification.ts";
import { caCert, line, webAddress } from "./fields.ts";
import { notifierKind, usualForPeople } from "./kind.ts";

/** ntfy's own names and numbers (docs.ntfy.sh/publish, "Message priority"). */
const priorities = { min: 1, low: 2, default: 3, high: 4, max: 5, urgent: 5 } as const;
export type PriorityName = keyof typeof priorities;
const priority = z.enum(Object.keys(priorities) as [PriorityName, ...PriorityName[]]);

const usualPriority: Record<NotificationKind, PriorityName> = {
  started: "min",
  success: "low",
  warning: "default",
  failure: "high",
  stale: "high",
  recovered: "default",
  drill: "default",
  maintenance: "low",
  test: "default",
};

/** Names that ntfy shows as pictures. */
const picture: Record<NotificationKind, string> = {
  started: "hourglass_flowing_sand",
  success: "white_check_mark",
  warning: "warning",
  failure: "rotating_light",
  stale: "calendar",
  recovered: "white_check_mark",
  drill: "test_tube",
  maintenance: "broom",
  test: "bell",
};

const spec = z
  .strictObject({
    url: webAddress.optional().meta({ description: "The server. Default https://ntfy.sh." }),
    topic: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, "a topic of letters, digits, dash and underscore, at most 64")
      .meta({ description: "The topic that you subscribe to. On ntfy.sh choose one that nobody guesses." }),
    token: secretRefSchema.optional().meta({ description: "Access token, where the topic wants one." }),
    username: line.optional().meta({ description: "User, where there is no token." }),
    password: secretRefSchema.optional().meta({ description: "Password of that user." }),
    priorities: z.partialRecord(z.enum(notificationKinds), priority).optional().meta({
      description: "Priority per kind of notification. Default: failure and stale high, success low, started min.",
    }),
    tags: z.array(line).max(10).optional().meta({ description: "Further tags; ntfy shows many as pictures." }),
    click: webAddress.optional().meta({ description: "Opened when the notification is tapped." }),
    ca_cert: caCert.optional(),
  })
  .refine(({ token, username }) => token === undefined || username === undefined, {
    message: "either a token, or a username and its password",
    path: ["token"],
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    message: "username and password together",
    path: ["username"],
  })
  .meta({ title: "ntfy", description: "Push notifications by [ntfy](https://ntfy.sh), or a server of your own." });

export type NtfySpec = z.output<typeof spec>;

/** What ntfy is told of a kind of notification. */
export function lookOf(spec: NtfySpec, kind: NotificationKind): { priority: number; tags: string[] } {
  const priority = priorities[spec.priorities?.[kind] ?? usualPriority[kind]];
  return { priority, tags: [picture[kind], ...(spec.tags ?? [])] };
}

/** An ntfy server. */
export const ntfy = notifierKind({
  type: "ntfy",
  usual: usualForPeople,
  spec,
  // Loaded when it is opened: what only reads the configuration does not wait for it.
  open: async (spec, context) => (await import("./ntfy-notifier.ts")).ntfyNotifier(spec, context),
});
