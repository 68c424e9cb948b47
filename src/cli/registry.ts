import type { Command } from "./command.ts";

export interface Registered {
  name: string;
  group: "Every day" | "Getting it back" | "Upkeep" | "Setting up";
  load: () => Promise<Command>;
}

/** All commands, in the order of the help. Loaded one by one: `status` does not pay for `restore`. */
export const registry: readonly Registered[] = [
  { name: "backup", group: "Every day", load: async () => (await import("./commands/backup.ts")).backupCommand },
  { name: "status", group: "Every day", load: async () => (await import("./commands/status.ts")).statusCommand },
  { name: "list", group: "Every day", load: async () => (await import("./commands/list.ts")).listCommand },
  { name: "plan", group: "Every day", load: async () => (await import("./commands/plan.ts")).planCommand },
  {
    name: "restore",
    group: "Getting it back",
    load: async () => (await import("./commands/restore.ts")).restoreCommand,
  },
  {
    name: "recover",
    group: "Getting it back",
    load: async () => (await import("./commands/recover.ts")).recoverCommand,
  },
  { name: "retain", group: "Upkeep", load: async () => (await import("./commands/retain.ts")).retainCommand },
  { name: "prune", group: "Upkeep", load: async () => (await import("./commands/prune.ts")).pruneCommand },
  { name: "check", group: "Upkeep", load: async () => (await import("./commands/check.ts")).checkCommand },
  { name: "stats", group: "Upkeep", load: async () => (await import("./commands/stats.ts")).statsCommand },
  { name: "unlock", group: "Upkeep", load: async () => (await import("./commands/unlock.ts")).unlockCommand },
  { name: "settle", group: "Upkeep", load: async () => (await import("./commands/settle.ts")).settleCommand },
  {
    name: "healthcheck",
    group: "Upkeep",
    load: async () => (await import("./commands/healthcheck.ts")).healthcheckCommand,
  },
  {
    name: "keys rotate",
    group: "Upkeep",
    load: async () => (await import("./commands/keys-rotate.ts")).keysRotateCommand,
  },
  {
    name: "password rotate",
    group: "Upkeep",
    load: async () => (await import("./commands/password-rotate.ts")).passwordRotateCommand,
  },
  { name: "serve", group: "Setting up", load: async () => (await import("./commands/serve.ts")).serveCommand },
  { name: "start", group: "Setting up", load: async () => (await import("./commands/start.ts")).startCommand },
  { name: "doctor", group: "Setting up", load: async () => (await import("./commands/doctor.ts")).doctorCommand },
  {
    name: "notify test",
    group: "Setting up",
    load: async () => (await import("./commands/notify-test.ts")).notifyTestCommand,
  },
  {
    name: "destination test",
    group: "Setting up",
    load: async () => (await import("./commands/destination-test.ts")).destinationTestCommand,
  },
  { name: "iam", group: "Setting up", load: async () => (await import("./commands/iam.ts")).iamCommand },
  {
    name: "user add",
    group: "Setting up",
    load: async () => (await import("./commands/user-add.ts")).userAddCommand,
  },
  {
    name: "user password",
    group: "Setting up",
    load: async () => (await import("./commands/user-password.ts")).userPasswordCommand,
  },
  {
    name: "token create",
    group: "Setting up",
    load: async () => (await import("./commands/token-create.ts")).tokenCreateCommand,
  },
  {
    name: "config check",
    group: "Setting up",
    load: async () => (await import("./commands/config-check.ts")).configCheckCommand,
  },
  {
    name: "config schema",
    group: "Setting up",
    load: async () => (await import("./commands/config-schema.ts")).configSchemaCommand,
  },
];
