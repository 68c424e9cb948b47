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
  { name: "start", group: "Setting up", load: async () => (await import("./commands/start.ts")).startCommand },
  { name: "doctor", group: "Setting up", load: async () => (await import("./commands/doctor.ts")).doctorCommand },
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
