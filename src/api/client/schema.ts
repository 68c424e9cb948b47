// Made from the OpenAPI document; a test fails when it differs: `npx vitest run --project integration tests/api -u`.

/* oxlint-disable */

export interface paths {
  "/api/v1/backup/destinations": {
    parameters: { query?: never; path?: never };
    get: /* List destinations */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": { destinations: components["schemas"]["Destination"][] } } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/s3": {
    parameters: { query?: never; path?: never };
    post: /* Add a destination: S3 */ {
      parameters: { path?: never; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["NewS3Destination"] } };
      responses: {
        201: { content: { "application/json": components["schemas"]["Destination"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/b2": {
    parameters: { query?: never; path?: never };
    post: /* Add a destination: Backblaze B2 */ {
      parameters: { path?: never; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["NewB2Destination"] } };
      responses: {
        201: { content: { "application/json": components["schemas"]["Destination"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/local": {
    parameters: { query?: never; path?: never };
    post: /* Add a destination: local */ {
      parameters: { path?: never; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["NewLocalDestination"] } };
      responses: {
        201: { content: { "application/json": components["schemas"]["Destination"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/sftp": {
    parameters: { query?: never; path?: never };
    post: /* Add a destination: SFTP */ {
      parameters: { path?: never; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["NewSftpDestination"] } };
      responses: {
        201: { content: { "application/json": components["schemas"]["Destination"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/rest": {
    parameters: { query?: never; path?: never };
    post: /* Add a destination: REST server */ {
      parameters: { path?: never; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["NewRestDestination"] } };
      responses: {
        201: { content: { "application/json": components["schemas"]["Destination"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/rclone": {
    parameters: { query?: never; path?: never };
    post: /* Add a destination: rclone */ {
      parameters: { path?: never; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["NewRcloneDestination"] } };
      responses: {
        201: { content: { "application/json": components["schemas"]["Destination"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/{id}": {
    parameters: { query?: never; path?: never };
    get: /* Read a destination */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["Destination"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    patch: /* Change a destination */ {
      parameters: { path: { id: string }; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["DestinationChanges"] } };
      responses: {
        200: { content: { "application/json": components["schemas"]["Destination"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    delete: /* Delete a destination */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        204: { content?: never };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/{id}/test": {
    parameters: { query?: never; path?: never };
    post: /* Test a destination */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["DestinationTest"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/{id}/init": {
    parameters: { query?: never; path?: never };
    post: /* Create its repository */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": { repo_initialized: true } } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/{id}/check": {
    parameters: { query?: never; path?: never };
    post: /* Check its repository */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: {
        content: {
          "application/json": {
            /** The structure only, the next part of the data (of all of it in 30 checks), or all. Default part. */ data?:
              | "none"
              | "part"
              | "all";
          };
        };
      };
      responses: {
        202: { content: { "application/json": components["schemas"]["QueuedUpkeep"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/{id}/prune": {
    parameters: { query?: never; path?: never };
    post: /* Free what no snapshot needs */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        202: { content: { "application/json": components["schemas"]["QueuedUpkeep"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/{id}/unlock": {
    parameters: { query?: never; path?: never };
    post: /* Remove stale locks */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["Unlocked"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/{id}/rotate-password": {
    parameters: { query?: never; path?: never };
    post: /* Give its repository a new password */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["PasswordRotation"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/destinations/{id}/iam": {
    parameters: { query?: never; path?: never };
    get: /* The least rights that its keys need */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: {
          content: {
            "application/json": { destination_id: string; rights: components["schemas"]["DestinationRights"] };
          };
        };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/policies": {
    parameters: { query?: never; path?: never };
    get: /* List policies */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": { policies: components["schemas"]["Policy"][] } } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    post: /* Create a policy */ {
      parameters: { path?: never; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["NewPolicy"] } };
      responses: {
        201: { content: { "application/json": components["schemas"]["Policy"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/policies/preview": {
    parameters: { query?: never; path?: never };
    post: /* Preview a retention */ {
      parameters: { path?: never; query?: never };
      requestBody: {
        content: {
          "application/json": {
            /** How many of the newest stay. */ keep_last?: number;
            /** How many hours with one stay. */ keep_hourly?: number;
            /** How many days with one stay. */ keep_daily?: number;
            /** How many weeks with one stay. */ keep_weekly?: number;
            /** How many months with one stay. */ keep_monthly?: number;
            /** How many years with one stay. */ keep_yearly?: number;
            /** All of this time before the newest one stay, such as 1y6m14d12h (m are months). */ keep_within?: string;
            /** Only these apps. */ app_ids?: string[];
            /** `next_app_id` of an earlier answer. */ from_app_id?: string;
          };
        };
      };
      responses: {
        200: { content: { "application/json": components["schemas"]["RetentionPreview"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/policies/{id}": {
    parameters: { query?: never; path?: never };
    get: /* Read a policy */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["Policy"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    patch: /* Change a policy */ {
      parameters: { path: { id: string }; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["PolicyChanges"] } };
      responses: {
        200: { content: { "application/json": components["schemas"]["Policy"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    delete: /* Delete a policy */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        204: { content?: never };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/policies/{id}/preview": {
    parameters: { query?: never; path?: never };
    post: /* Preview a policy's retention */ {
      parameters: { path: { id: string }; query?: never };
      requestBody: {
        content: {
          "application/json": {
            /** How many of the newest stay. */ keep_last?: number;
            /** How many hours with one stay. */ keep_hourly?: number;
            /** How many days with one stay. */ keep_daily?: number;
            /** How many weeks with one stay. */ keep_weekly?: number;
            /** How many months with one stay. */ keep_monthly?: number;
            /** How many years with one stay. */ keep_yearly?: number;
            /** All of this time before the newest one stay, such as 1y6m14d12h (m are months). */ keep_within?: string;
            /** Only these apps. */ app_ids?: string[];
            /** `next_app_id` of an earlier answer. */ from_app_id?: string;
          };
        };
      };
      responses: {
        200: { content: { "application/json": components["schemas"]["RetentionPreview"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/configurations": {
    parameters: { query?: never; path?: never };
    get: /* List configurations */ {
      parameters: {
        path?: never;
        query?: {
          app_id?: string;
          policy_id?: string;
          is_system_backup?: "true" | "false";
          /** `next_cursor` of the page before. */ cursor?: string;
          /** At most so many. Default 100. */ limit?: number;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            "application/json": {
              configurations: components["schemas"]["Configuration"][];
              /** For the page after this one; null on the last. */ next_cursor: string | null;
            };
          };
        };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    post: /* Configure the backup of an app */ {
      parameters: { path?: never; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["NewConfiguration"] } };
      responses: {
        201: { content: { "application/json": components["schemas"]["Configuration"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/configurations/{id}": {
    parameters: { query?: never; path?: never };
    get: /* Read a configuration */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["Configuration"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    patch: /* Change a configuration */ {
      parameters: { path: { id: string }; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["ConfigurationChanges"] } };
      responses: {
        200: { content: { "application/json": components["schemas"]["Configuration"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    delete: /* Take a configuration back to the usual */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        204: { content?: never };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/apps": {
    parameters: { query?: never; path?: never };
    get: /* List apps */ {
      parameters: {
        path?: never;
        query?: {
          /** Only those whose name contains this. */ name?: string;
          policy_id?: string;
          is_system_backup?: "true" | "false";
          enabled?: "true" | "false";
          /** `next_cursor` of the page before. */ cursor?: string;
          /** At most so many. Default 50. */ limit?: number;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            "application/json": {
              apps: components["schemas"]["App"][];
              /** How many there are in all pages. */ total: number;
              /** For the page after this one; null on the last. */ next_cursor: string | null;
            };
          };
        };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    post: /* Declare an app */ {
      parameters: { path?: never; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["NewApp"] } };
      responses: {
        201: { content: { "application/json": components["schemas"]["App"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/apps/{id}": {
    parameters: { query?: never; path?: never };
    get: /* Read an app */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["App"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    patch: /* Change an app that the API declared */ {
      parameters: { path: { id: string }; query?: never };
      requestBody: { content: { "application/json": components["schemas"]["AppChanges"] } };
      responses: {
        200: { content: { "application/json": components["schemas"]["App"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    delete: /* Delete an app that the API declared */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        204: { content?: never };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/devices": {
    parameters: { query?: never; path?: never };
    get: /* List devices */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": { devices: components["schemas"]["Device"][] } } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/devices/{id}": {
    parameters: { query?: never; path?: never };
    get: /* Read a device */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["Device"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/configurations/{id}/backup": {
    parameters: { query?: never; path?: never };
    post: /* Back up now */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: {
        content: {
          "application/json": {
            /** Only to these of the policy's destinations. */ destination_ids?: string[];
            /** Create a repository anew although its destination was used before. Its snapshots are gone then. */ init?: boolean;
          };
        };
      };
      responses: {
        202: { content: { "application/json": components["schemas"]["BackupBegun"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/configurations/{id}/plan": {
    parameters: { query?: never; path?: never };
    get: /* What a backup would do */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["BackupPlan"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/snapshots": {
    parameters: { query?: never; path?: never };
    get: /* List snapshots */ {
      parameters: {
        path?: never;
        query?: {
          app_id?: string;
          configuration_id?: string;
          destination_id?: string;
          run_id?: string;
          status?: "success" | "failed" | "in_progress";
          verdict?: "good" | "partial" | "suspect" | "unproven";
          pinned?: "true" | "false";
          /** Made at this time or later. */ from?: string;
          /** Made before this time. */ to?: string;
          /** Also those that are no longer in the repository. */ forgotten?: "true" | "false";
          /** Also runs that found nothing changed. */ unchanged?: "true" | "false";
          /** `next_cursor` of the page before. What is new meanwhile moves nothing. */ cursor?: string;
          /** At most so many. Default 100. */ limit?: number;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            "application/json": {
              snapshots: components["schemas"]["BackupSnapshot"][];
              /** For the page after this one; null on the last. */ next_cursor: string | null;
            };
          };
        };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/snapshots/{id}": {
    parameters: { query?: never; path?: never };
    get: /* Read a snapshot */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["BackupSnapshot"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/snapshots/{id}/files": {
    parameters: { query?: never; path?: never };
    get: /* List a folder of a snapshot */ {
      parameters: {
        path: { id: string };
        query?: {
          /** Absolute. Default `/`. */ path?: string;
          /** `next_cursor` of the page before. */ cursor?: number;
          /** At most so many. Default 1000. */ limit?: number;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            "application/json": {
              path: string;
              entries: components["schemas"]["SnapshotEntry"][];
              /** How many entries the folder has. */ total: number;
              /** For the page after this one; null on the last. */ next_cursor: string | null;
            };
          };
        };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/snapshots/{id}/download": {
    parameters: { query?: never; path?: never };
    get: /* Download a file or folder of a snapshot */ {
      parameters: {
        path: { id: string };
        query?: {
          /** Absolute. Default `/`. */ path?: string;
          /** For a folder. A zip keeps no owners. */ archive?: "tar" | "zip";
        };
      };
      requestBody?: never;
      responses: {
        200: { content: { "application/octet-stream": string } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/snapshots/{id}/pin": {
    parameters: { query?: never; path?: never };
    post: /* Pin a snapshot, or let it go */ {
      parameters: { path: { id: string }; query?: never };
      requestBody: { content: { "application/json": { pinned: boolean } } };
      responses: {
        200: { content: { "application/json": components["schemas"]["BackupSnapshot"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/snapshots/{id}/accept": {
    parameters: { query?: never; path?: never };
    post: /* Say that a suspect snapshot is right */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["BackupSnapshot"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/snapshots/{id}/restore": {
    parameters: { query?: never; path?: never };
    post: /* Restore a snapshot */ {
      parameters: { path: { id: string }; query?: never };
      requestBody: {
        content: {
          "application/json": {
            /** The machine to restore to; by default the daemon's own. */ target_device_id?: string;
            /** An absent or empty folder below one of daemon.restore_roots. The snapshot's paths follow below it. */ target_path?: string;
            /** Only these files and folders: absolute paths of the snapshot, or the end of exactly one path. Empty: everything. */ files?: string[];
            /** Back to where it was, in place of target_path. What is there is kept until all has succeeded. */ in_place?: boolean;
            /** Databases to load from the snapshot's dumps into their servers: what is in them is replaced. */ databases?:
              | ("none" | "all")
              | string[];
            /** Answer when it has ended; otherwise as soon as it has begun. */ wait?: boolean;
          };
        };
      };
      responses: {
        200: { content: { "application/json": components["schemas"]["Restored"] } };
        202: { content: { "application/json": components["schemas"]["RestoreBegun"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/runs": {
    parameters: { query?: never; path?: never };
    get: /* List runs */ {
      parameters: {
        path?: never;
        query?: {
          kind?: "backup" | "restore" | "retain" | "prune" | "check";
          app_id?: string;
          /** Of upkeep and restores. */ destination_id?: string;
          state?: "queued" | "running" | "success" | "warning" | "failed" | "cancelled";
          /** Queued at this time or later. */ from?: string;
          /** Queued before this time. */ to?: string;
          /** `next_cursor` of the page before. What is new meanwhile moves nothing. */ cursor?: string;
          /** At most so many. Default 100. */ limit?: number;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            "application/json": {
              runs: components["schemas"]["Run"][];
              /** For the page after this one; null on the last. */ next_cursor: string | null;
            };
          };
        };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/runs/{id}": {
    parameters: { query?: never; path?: never };
    get: /* Read a run */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: {
          content: {
            "application/json": {
              id: string;
              kind: "backup" | "restore" | "retain" | "prune" | "check";
              state: "queued" | "running" | "success" | "warning" | "failed" | "cancelled";
              app_id: string | null;
              app: string | null;
              destination_id: string | null;
              /** The only one that it works on; backups have several. */ destination: string | null;
              /** All that it uses, as far as that is known beforehand. */ destinations: string[];
              requested_by: "person" | "schedule";
              dry_run: boolean;
              /** 1, and one more for each retry. */ attempt: number;
              queued_at: string;
              not_before: string | null;
              started_at: string | null;
              finished_at: string | null;
              /** Seconds from its start to its end. */ duration: number | null;
              cancel_requested_at: string | null;
              problems: components["schemas"]["Trouble"][];
              progress: components["schemas"]["RunProgress"] | null;
              events: {
                id: number;
                at: string;
                run_id: string;
                kind?: "backup" | "restore" | "retain" | "prune" | "check";
                app?: string;
                destination?: string;
                type:
                  | "queued"
                  | "started"
                  | "step-started"
                  | "step-finished"
                  | "waiting"
                  | "problem"
                  | "log"
                  | "finished";
                step?: { phase: string; /** A database, a destination, a hook. */ subject: string };
                /** Seconds. */ duration?: number;
                bytes?: number;
                problem?: components["schemas"]["Trouble"];
                /** What is waited for. */ reason?: string;
                line?: string;
                outcome?: "success" | "warning" | "failed" | "cancelled";
                /** The event as a line of the log. */ text: string;
              }[];
            };
          };
        };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/runs/{id}/logs": {
    parameters: { query?: never; path?: never };
    get: /* Read a run's log */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "text/plain": string } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/runs/{id}/cancel": {
    parameters: { query?: never; path?: never };
    post: /* Cancel a run */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        202: { content: { "application/json": components["schemas"]["Run"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/backup/events": {
    parameters: { query?: never; path?: never };
    get: /* Follow runs as they go */ {
      parameters: {
        path?: never;
        query?: {
          /** Only of this run. */ run_id?: string;
          /** Begin after this event's id; Last-Event-ID ranks above it. */ after?: number;
        };
      };
      requestBody?: never;
      responses: {
        200: { content: { "text/event-stream": string } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/methods": {
    parameters: { query?: never; path?: never };
    get: /* How one may sign in here */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["SignInMethods"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/setup": {
    parameters: { query?: never; path?: never };
    post: /* Make the first admin */ {
      parameters: { path?: never; query?: never };
      requestBody: {
        content: {
          "application/json": {
            token: string;
            name: string;
            /** A new one has at least 12 characters. */ password: string;
          };
        };
      };
      responses: {
        201: { content: { "application/json": components["schemas"]["User"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/login": {
    parameters: { query?: never; path?: never };
    post: /* Sign in with name and password */ {
      parameters: { path?: never; query?: never };
      requestBody: {
        content: {
          "application/json": { name: string; /** A new one has at least 12 characters. */ password: string };
        };
      };
      responses: {
        200: { content: { "application/json": components["schemas"]["User"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/logout": {
    parameters: { query?: never; path?: never };
    post: /* Sign out */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        204: { content?: never };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/me": {
    parameters: { query?: never; path?: never };
    get: /* Who I am and what I may do */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["Actor"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/password": {
    parameters: { query?: never; path?: never };
    put: /* Change my password */ {
      parameters: { path?: never; query?: never };
      requestBody: {
        content: {
          "application/json": {
            /** A new one has at least 12 characters. */ current_password: string;
            /** A new one has at least 12 characters. */ new_password: string;
          };
        };
      };
      responses: {
        200: { content: { "application/json": components["schemas"]["User"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/oidc/login": {
    parameters: { query?: never; path?: never };
    get: /* Sign in at the OIDC provider */ {
      parameters: { path?: never; query?: { /** Where to go afterwards. */ to?: string } };
      requestBody?: never;
      responses: {
        302: { content?: never };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/oidc/callback": {
    parameters: { query?: never; path?: never };
    get: /* Where the OIDC provider sends the browser back to */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "text/html": string } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/users": {
    parameters: { query?: never; path?: never };
    get: /* List users */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": { users: components["schemas"]["User"][] } } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    post: /* Add a user */ {
      parameters: { path?: never; query?: never };
      requestBody: {
        content: {
          "application/json": {
            name: string;
            /** A new one has at least 12 characters. */ password: string;
            /** `read` looks; `operate` backs up and restores; `admin` changes what is declared and who may come in. */ scope:
              | "read"
              | "operate"
              | "admin";
          };
        };
      };
      responses: {
        201: { content: { "application/json": components["schemas"]["User"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/users/{id}": {
    parameters: { query?: never; path?: never };
    patch: /* Change what a user may do, or shut them out */ {
      parameters: { path: { id: string }; query?: never };
      requestBody: {
        content: {
          "application/json": {
            /** `read` looks; `operate` backs up and restores; `admin` changes what is declared and who may come in. */ scope?:
              | "read"
              | "operate"
              | "admin";
            disabled?: boolean;
          };
        };
      };
      responses: {
        200: { content: { "application/json": components["schemas"]["User"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    delete: /* Delete a user */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        204: { content?: never };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/users/{id}/password": {
    parameters: { query?: never; path?: never };
    put: /* Set a user's password */ {
      parameters: { path: { id: string }; query?: never };
      requestBody: {
        content: { "application/json": { /** A new one has at least 12 characters. */ password: string } };
      };
      responses: {
        204: { content?: never };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/tokens": {
    parameters: { query?: never; path?: never };
    get: /* List API tokens */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": { tokens: components["schemas"]["Token"][] } } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    post: /* Make an API token */ {
      parameters: { path?: never; query?: never };
      requestBody: {
        content: {
          "application/json": {
            name: string;
            /** `read` looks; `operate` backs up and restores; `admin` changes what is declared and who may come in. */ scope:
              | "read"
              | "operate"
              | "admin";
            /** Default: it does not expire. */ expires_at?: string;
          };
        };
      };
      responses: {
        201: { content: { "application/json": components["schemas"]["NewToken"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/auth/tokens/{id}": {
    parameters: { query?: never; path?: never };
    delete: /* Withdraw an API token */ {
      parameters: { path: { id: string }; query?: never };
      requestBody?: never;
      responses: {
        204: { content?: never };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/audit": {
    parameters: { query?: never; path?: never };
    get: /* Who changed what */ {
      parameters: {
        path?: never;
        query?: {
          actor?: string;
          since?: string;
          until?: string;
          before?: number;
          /** At most so many. Default 100. */ limit?: number;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: { "application/json": { entries: components["schemas"]["AuditEntry"][]; next: number | null } };
        };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/health": {
    parameters: { query?: never; path?: never };
    get: /* Whether the daemon is alive */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["Alive"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/health/backups": {
    parameters: { query?: never; path?: never };
    get: /* Whether backups come in as they should */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": components["schemas"]["BackupHealth"] } };
        503: { content: { "application/json": components["schemas"]["BackupHealth"] } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/metrics": {
    parameters: { query?: never; path?: never };
    get: /* Metrics for Prometheus */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "text/plain": string } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/v1/openapi.json": {
    parameters: { query?: never; path?: never };
    get: /* This API as an OpenAPI 3.1 document */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "application/json": { [name: string]: unknown } } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/docs": {
    parameters: { query?: never; path?: never };
    get: /* This API as a page */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "text/html": string } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/api/docs/style.css": {
    parameters: { query?: never; path?: never };
    get: /* How the pages look */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "text/css": string } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/errors": {
    parameters: { query?: never; path?: never };
    get: /* Every error and what to do about it */ {
      parameters: { path?: never; query?: never };
      requestBody?: never;
      responses: {
        200: { content: { "text/html": string } };
        default: { content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
}

export interface components {
  schemas: {
    /** Who calls, and what they may do. */ Actor: {
      kind: "user" | "token";
      id: string;
      name: string;
      scope: "read" | "operate" | "admin";
    };
    /** The daemon turns, and its state answers. */ Alive: { status: "alive"; version: string };
    App: {
      id: string;
      name: string;
      device_id: string;
      device: string;
      paths: string[];
      exclude: string[];
      databases: { name: string; type: string }[];
      tags: string[];
      has_hooks: boolean;
      configuration_id: string;
      policy_id: string;
      policy: string;
      /** Whether the schedule backs it up. */ enabled: boolean;
      is_system_backup: boolean;
      /** Declared outside of the API: it can only be changed there. */ read_only: boolean;
      /** A file's path, `environment`, `API`, or `built in`. */ declared_in: string;
      /** Null for what is not declared by the API. */ created_at: string | null;
      /** Null for what is not declared by the API. */ updated_at: string | null;
      last_run: {
        id: string;
        status: "success" | "warning" | "failed" | "cancelled";
        started_at: string | null;
        finished_at: string;
        problems: components["schemas"]["Trouble"][];
      } | null;
      current_run: { id: string; kind: string; status: "queued" | "running"; since: string } | null;
      /** Null: the schedule does not back it up. */ next_run_at: string | null;
      /** Seconds since its stalest copy was good; null where one never was. */ age: number | null;
      /** Some destination has no good snapshot within the expected time. */ late: boolean;
      destinations: {
        id: string;
        name: string;
        snapshots: number;
        last_good_at: string | null;
        last_stored_at: string | null;
      }[];
    };
    /** What is left out stays; null takes a field away. */ AppChanges: {
      paths?: string[] | null;
      exclude?: string[] | null;
      /** All of them, with their passwords: they take the place of what is there. */ databases?:
        | components["schemas"]["NewDatabase"][]
        | null;
      tags?: string[] | null;
      policy_id?: string | null;
    };
    AuditEntry: {
      id: number;
      at: string;
      actor: string;
      address: string;
      action: string;
      subject: string;
      status: number;
    };
    B2Key: {
      capabilities: string[];
      /** What makes the key: an argument list for Backblaze's `b2`. */ command: string[];
    };
    /** A backup that was queued. */ BackupBegun: {
      /** The snapshot in the policy's first destination. */ snapshot_id: string;
      status: "in_progress";
      run_id: string;
      /** The app had a backup queued or going on: this is that one. */ follows: boolean;
      snapshots: { id: string; destination_id: string; destination: string }[];
    };
    /** Whether backups come in as they should. */ BackupHealth: {
      status: "healthy" | "unhealthy";
      /** What decides: where databases are declared their dumps (each complete within `daemon.dump_max_age`), else whether an app is late. */ by:
        | "dumps"
        | "apps"
        | "nothing";
      /** How many databases or apps were looked at. */ looked: number;
      /** How many of them make it unhealthy. */ unwell: number;
    };
    /** What a backup would do. */ BackupPlan: {
      configuration_id: string;
      app_id: string;
      app: string;
      device: string;
      /** Commands that run first; limit in seconds. */ before: {
        /** To admins as it is declared, to others the program alone: it may hold secrets. */ command:
          | string
          | string[];
        limit: number;
      }[];
      /** Databases whose moment is fixed. */ pin: { name: string; type: string; replaces: string[] }[];
      dumps: { name: string; type: string; replaces: string[]; export_to?: string }[];
      files: { paths: string[]; missing: string[]; exclude: string[] };
      stores: { destination_id: string; destination: string; hostname: string; tags: string[] }[];
      /** Destinations of the policy that are disabled. */ disabled: string[];
      after: {
        /** To admins as it is declared, to others the program alone: it may hold secrets. */ command:
          | string
          | string[];
        limit: number;
      }[];
      /** What is wrong already and will be a result of the run. */ problems: components["schemas"]["Trouble"][];
      /** What forbids the run altogether. */ refusals: components["schemas"]["Trouble"][];
    };
    /** What one run left in one destination. */ BackupSnapshot: {
      id: string;
      configuration_id: string;
      app_id: string;
      app: string;
      destination_id: string;
      destination: string;
      run_id: string;
      /** restic's own id; null until it is stored. */ restic_snapshot_id: string | null;
      hostname: string;
      paths: string[];
      tags: string[];
      status: "success" | "failed" | "in_progress";
      /** What it is worth. `good`: whole. `partial`: something is missing. `suspect`: its source had collapsed, until a person accepts it. `unproven`: found in the repository by a recovery. */ verdict:
        | ("good" | "partial" | "suspect" | "unproven")
        | null;
      /** Retention never forgets it. */ pinned: boolean;
      /** The run found that nothing had changed and stored nothing: restic_snapshot_id is an earlier one's. */ unchanged: boolean;
      /** Files that its predecessor did not have. Null while it is not known. */ files_new: number | null;
      /** Files that differ from its predecessor's. */ files_changed: number | null;
      /** Files as in its predecessor. */ files_unmodified: number | null;
      /** Bytes that were new to the repository, after deduplication and before compression. */ data_added:
        | number
        | null;
      /** Bytes by which the repository grew: data_added as it is stored, compressed. */ data_added_packed:
        | number
        | null;
      /** Bytes of all files that it holds, which a full restore brings back. */ total_size: number | null;
      /** Files that it holds. */ total_files: number | null;
      /** Seconds that storing took. */ duration: number | null;
      /** What it holds by path and by database: the next run is compared with this. */ parts: {
        name: string;
        files: number;
        bytes: number;
      }[];
      error_message?: string;
      problem?: components["schemas"]["Trouble"];
      started_at: string;
      completed_at?: string;
      /** When its run was queued. */ created_at: string;
      /** Since when it is no longer in the repository. */ forgotten_at?: string;
    };
    Configuration: {
      id: string;
      app_id: string;
      app: string;
      is_system_backup: boolean;
      system_type: ("database" | "platform_config") | null;
      policy_id: string;
      policy: string;
      backup_volumes: boolean;
      backup_compose: boolean;
      backup_env: boolean;
      include_paths: string[];
      exclude_paths: string[];
      enabled: boolean;
      /** The app's source declares every field but include_paths. */ read_only: boolean;
      /** Fields that can only be changed in `declared_in`. */ read_only_fields: string[];
      /** Where the app is declared. */ declared_in: string;
      /** Null as long as nothing was set through the API. */ created_at: string | null;
      updated_at: string | null;
    };
    /** What is left out stays; null takes a field back to the usual. */ ConfigurationChanges: {
      policy_id?: string | null;
      backup_volumes?: boolean | null;
      backup_compose?: boolean | null;
      backup_env?: boolean | null;
      include_paths?: string[] | null;
      exclude_paths?: string[] | null;
      enabled?: boolean | null;
    };
    Destination: {
      id: string;
      name: string;
      type: string;
      enabled: boolean;
      append_only: boolean;
      has_maintenance_credentials: boolean;
      /** As restic writes it, without secrets; null until it was used. */ location: string | null;
      s3_endpoint?: string;
      s3_bucket?: string;
      s3_region?: string;
      s3_prefix?: string;
      b2_bucket?: string;
      b2_prefix?: string;
      local_device_id?: string;
      local_path?: string;
      sftp_host?: string;
      sftp_port?: number;
      sftp_user?: string;
      sftp_path?: string;
      rest_url?: string;
      rest_username?: string;
      rclone_remote?: string;
      at_once: number | null;
      lock_wait: string | null;
      upload_limit: string | null;
      download_limit: string | null;
      repo_initialized: boolean;
      /** restic's own id of the repository. */ repository_id: string | null;
      total_snapshots: number;
      /** Bytes stored there; null until it was measured. */ total_size: number | null;
      last_backup_at: string | null;
      last_retained_at: string | null;
      last_pruned_at: string | null;
      /** Declared outside of the API: it can only be changed there. */ read_only: boolean;
      /** A file's path, `environment`, `API`, or `built in`. */ declared_in: string;
      /** Null for what is not declared by the API. */ created_at: string | null;
      /** Null for what is not declared by the API. */ updated_at: string | null;
      /** What the test before its creation found. */ warnings?: components["schemas"]["Trouble"][];
    };
    /** What is left out stays; null takes a field away. The name stays. */ DestinationChanges: {
      /** The repository's password, to take over one that exists. Default: 32 random bytes. Kept sealed, never shown again. */ password?: string;
      enabled?: boolean | null;
      append_only?: boolean | null;
      maintenance?: {
        /** Access key id. Kept sealed, never shown again. */ access_key?: string;
        /** Secret access key. Kept sealed, never shown again. */ secret_key?: string;
        /** Session token of temporary keys. Kept sealed, never shown again. */ session_token?: string;
        /** Account id, or the id of an application key. Kept sealed, never shown again. */ account_id?: string;
        /** The key that belongs to it. Kept sealed, never shown again. */ account_key?: string;
        /** Private SSH key, its content. Kept sealed, never shown again. */ key?: string;
        username?: string;
        /** Password of that user. Kept sealed, never shown again. */ server_password?: string;
      } | null;
      at_once?: number | null;
      lock_wait?: string | null;
      upload_limit?: string | null;
      download_limit?: string | null;
      endpoint?: string | null;
      bucket?: string | null;
      region?: string | null;
      prefix?: string | null;
      access_key?: string | null;
      secret_key?: string | null;
      session_token?: string | null;
      bucket_lookup?: ("auto" | "dns" | "path") | null;
      connections?: number | null;
      account_id?: string | null;
      account_key?: string | null;
      host?: string | null;
      port?: number | null;
      user?: string | null;
      path?: string | null;
      key?: string | null;
      known_host?: string | null;
      url?: string | null;
      username?: string | null;
      server_password?: string | null;
      remote?: string | null;
    };
    DestinationRights:
      | {
          form: "iam-policy";
          backup: components["schemas"]["IamPolicy"];
          maintenance: components["schemas"]["IamPolicy"];
          /** What else there is to do. */ notes: string[];
        }
      | {
          form: "b2-capabilities";
          backup: components["schemas"]["B2Key"];
          maintenance: components["schemas"]["B2Key"];
          /** What else there is to do. */ notes: string[];
        };
    DestinationTest: {
      destination_id: string;
      outcome: "success" | "warning" | "failed" | "cancelled";
      location: string | null;
      /** `unknown`: it could not be asked. */ repository: "present" | "absent" | "unknown";
      repository_id: string | null;
      /** Only of object stores that could be asked. */ bucket: {
        state: "there" | "absent" | "unseen";
        versioning: "enabled" | "suspended" | "off" | "unseen";
        object_lock: "on" | "off" | "unseen";
        /** How long new objects are locked by themselves. */ default_retention: {
          mode: "governance" | "compliance";
          days: number;
        } | null;
        why_unseen?: string;
      } | null;
      facts: string[];
      problems: components["schemas"]["Trouble"][];
    };
    Device: {
      id: string;
      /** restic's --host of its snapshots. */ name: string;
      /** The machine that Holdfast itself runs on. */ is_this: boolean;
      holdfast_version: string;
      /** Null when there is none that can be used. */ restic_version: string | null;
      app_ids: string[];
    };
    /** A policy as Amazon's IAM, MinIO and others take it. */ IamPolicy: {
      Version: "2012-10-17";
      Statement: { Sid: string; Effect: "Allow"; Action: string[]; Resource: string[] }[];
    };
    /** Hooks are commands and come only from files. */ NewApp: {
      /** Becomes a tag and a folder's name. Cannot be changed later. */ name: string;
      /** Absolute paths of files and folders. */ paths?: string[];
      /** restic's exclude patterns. */ exclude?: string[];
      databases?: components["schemas"]["NewDatabase"][];
      tags?: string[];
      /** The same as its configuration's policy_id. */ policy_id?: string;
    };
    NewB2Destination: {
      /** Cannot be changed later. */ name: string;
      /** The repository's password, to take over one that exists. Default: 32 random bytes. Kept sealed, never shown again. */ password?: string;
      /** A disabled one is neither stored to nor maintained. */ enabled?: boolean;
      /** Nothing is forgotten or pruned with these credentials. */ append_only?: boolean;
      /** Credentials that take the place of the others when snapshots are forgotten, pruned and checked. */ maintenance?: {
        /** Access key id. Kept sealed, never shown again. */ access_key?: string;
        /** Secret access key. Kept sealed, never shown again. */ secret_key?: string;
        /** Session token of temporary keys. Kept sealed, never shown again. */ session_token?: string;
        /** Account id, or the id of an application key. Kept sealed, never shown again. */ account_id?: string;
        /** The key that belongs to it. Kept sealed, never shown again. */ account_key?: string;
        /** Private SSH key, its content. Kept sealed, never shown again. */ key?: string;
        username?: string;
        /** Password of that user. Kept sealed, never shown again. */ server_password?: string;
      };
      /** So many runs at most use it at once. */ at_once?: number;
      /** How long a lock is waited for, such as 5m. */ lock_wait?: string;
      /** Such as 5MiB/s. */ upload_limit?: string;
      /** Such as 5MiB/s. */ download_limit?: string;
      bucket: string;
      prefix?: string;
      /** Account id, or the id of an application key. Kept sealed, never shown again. */ account_id: string;
      /** The key that belongs to it. Kept sealed, never shown again. */ account_key: string;
      connections?: number;
    };
    NewConfiguration: {
      app_id?: string;
      /** Of Holdfast itself, in place of an app. */ is_system_backup?: boolean;
      system_type?: "database" | "platform_config";
      policy_id?: string;
      /** Whether files other than Compose and env files are taken. Default true. */ backup_volumes?: boolean;
      /** Whether Compose files are taken. Default true. */ backup_compose?: boolean;
      /** Whether env files are taken. Default true. */ backup_env?: boolean;
      /** Absolute paths that are taken besides the app's own. */ include_paths?: string[];
      /** restic's exclude patterns: what they match is left out besides what the app leaves out. */ exclude_paths?: string[];
      /** Whether the schedule backs it up. Default true. */ enabled?: boolean;
    };
    /** Fields as in holdfast.yaml: host, port, database, username, path, … */ NewDatabase: {
      type: string;
      /** Unique within the app. Default: the database's or the file's name. */ name?: string;
      /** Kept sealed. */ password?: string;
    };
    NewLocalDestination: {
      /** Cannot be changed later. */ name: string;
      /** The repository's password, to take over one that exists. Default: 32 random bytes. Kept sealed, never shown again. */ password?: string;
      /** A disabled one is neither stored to nor maintained. */ enabled?: boolean;
      /** Nothing is forgotten or pruned with these credentials. */ append_only?: boolean;
      /** Credentials that take the place of the others when snapshots are forgotten, pruned and checked. */ maintenance?: {
        /** Access key id. Kept sealed, never shown again. */ access_key?: string;
        /** Secret access key. Kept sealed, never shown again. */ secret_key?: string;
        /** Session token of temporary keys. Kept sealed, never shown again. */ session_token?: string;
        /** Account id, or the id of an application key. Kept sealed, never shown again. */ account_id?: string;
        /** The key that belongs to it. Kept sealed, never shown again. */ account_key?: string;
        /** Private SSH key, its content. Kept sealed, never shown again. */ key?: string;
        username?: string;
        /** Password of that user. Kept sealed, never shown again. */ server_password?: string;
      };
      /** So many runs at most use it at once. */ at_once?: number;
      /** How long a lock is waited for, such as 5m. */ lock_wait?: string;
      /** Such as 5MiB/s. */ upload_limit?: string;
      /** Such as 5MiB/s. */ download_limit?: string;
      /** The device on which it lies; only this one. */ device_id?: string;
      /** Absolute path of a folder, created when it is missing. */ path: string;
    };
    /** What is left out comes from the policy `default`. */ NewPolicy: {
      name: string;
      description?: string;
      /** Cron, five fields, such as `0 2 * * *`; or a nickname such as @daily. */ schedule?: string;
      /** Whether the schedule starts runs. Default true. */ enabled?: boolean;
      /** Time zone of the schedule, such as Europe/Berlin. Default: the daemon's. */ timezone?: string;
      /** Times in which the schedule starts nothing, such as `Mon-Fri 08:00-18:00`. */ blackout?: string[];
      /** Each run starts up to this much later, such as 2h. Default 2h; `0s` for none. */ jitter?: string;
      /** Alarm when the newest good snapshot is older, such as 26h. Default: what the schedule promises. */ expected_age?: string;
      /** How many of the newest stay. */ keep_last?: number;
      /** How many hours with one stay. */ keep_hourly?: number;
      /** How many days with one stay. */ keep_daily?: number;
      /** How many weeks with one stay. */ keep_weekly?: number;
      /** How many months with one stay. */ keep_monthly?: number;
      /** How many years with one stay. */ keep_yearly?: number;
      /** All of this time before the newest one stay, such as 1y6m14d12h (m are months). */ keep_within?: string;
      /** Default: those of the policy `default`, which are all when it names none. */ destination_ids?: string[];
      /** A scheduled run stores nothing when nothing has changed. Default true. */ skip_unchanged?: boolean;
    };
    NewRcloneDestination: {
      /** Cannot be changed later. */ name: string;
      /** The repository's password, to take over one that exists. Default: 32 random bytes. Kept sealed, never shown again. */ password?: string;
      /** A disabled one is neither stored to nor maintained. */ enabled?: boolean;
      /** Nothing is forgotten or pruned with these credentials. */ append_only?: boolean;
      /** Credentials that take the place of the others when snapshots are forgotten, pruned and checked. */ maintenance?: {
        /** Access key id. Kept sealed, never shown again. */ access_key?: string;
        /** Secret access key. Kept sealed, never shown again. */ secret_key?: string;
        /** Session token of temporary keys. Kept sealed, never shown again. */ session_token?: string;
        /** Account id, or the id of an application key. Kept sealed, never shown again. */ account_id?: string;
        /** The key that belongs to it. Kept sealed, never shown again. */ account_key?: string;
        /** Private SSH key, its content. Kept sealed, never shown again. */ key?: string;
        username?: string;
        /** Password of that user. Kept sealed, never shown again. */ server_password?: string;
      };
      /** So many runs at most use it at once. */ at_once?: number;
      /** How long a lock is waited for, such as 5m. */ lock_wait?: string;
      /** Such as 5MiB/s. */ upload_limit?: string;
      /** Such as 5MiB/s. */ download_limit?: string;
      /** A remote of rclone's configuration and a path: `gdrive:backups`. */ remote: string;
      connections?: number;
    };
    NewRestDestination: {
      /** Cannot be changed later. */ name: string;
      /** The repository's password, to take over one that exists. Default: 32 random bytes. Kept sealed, never shown again. */ password?: string;
      /** A disabled one is neither stored to nor maintained. */ enabled?: boolean;
      /** Nothing is forgotten or pruned with these credentials. */ append_only?: boolean;
      /** Credentials that take the place of the others when snapshots are forgotten, pruned and checked. */ maintenance?: {
        /** Access key id. Kept sealed, never shown again. */ access_key?: string;
        /** Secret access key. Kept sealed, never shown again. */ secret_key?: string;
        /** Session token of temporary keys. Kept sealed, never shown again. */ session_token?: string;
        /** Account id, or the id of an application key. Kept sealed, never shown again. */ account_id?: string;
        /** The key that belongs to it. Kept sealed, never shown again. */ account_key?: string;
        /** Private SSH key, its content. Kept sealed, never shown again. */ key?: string;
        username?: string;
        /** Password of that user. Kept sealed, never shown again. */ server_password?: string;
      };
      /** So many runs at most use it at once. */ at_once?: number;
      /** How long a lock is waited for, such as 5m. */ lock_wait?: string;
      /** Such as 5MiB/s. */ upload_limit?: string;
      /** Such as 5MiB/s. */ download_limit?: string;
      url: string;
      username?: string;
      /** Password of that user. Kept sealed, never shown again. */ server_password?: string;
      connections?: number;
    };
    NewS3Destination: {
      /** Cannot be changed later. */ name: string;
      /** The repository's password, to take over one that exists. Default: 32 random bytes. Kept sealed, never shown again. */ password?: string;
      /** A disabled one is neither stored to nor maintained. */ enabled?: boolean;
      /** Nothing is forgotten or pruned with these credentials. */ append_only?: boolean;
      /** Credentials that take the place of the others when snapshots are forgotten, pruned and checked. */ maintenance?: {
        /** Access key id. Kept sealed, never shown again. */ access_key?: string;
        /** Secret access key. Kept sealed, never shown again. */ secret_key?: string;
        /** Session token of temporary keys. Kept sealed, never shown again. */ session_token?: string;
        /** Account id, or the id of an application key. Kept sealed, never shown again. */ account_id?: string;
        /** The key that belongs to it. Kept sealed, never shown again. */ account_key?: string;
        /** Private SSH key, its content. Kept sealed, never shown again. */ key?: string;
        username?: string;
        /** Password of that user. Kept sealed, never shown again. */ server_password?: string;
      };
      /** So many runs at most use it at once. */ at_once?: number;
      /** How long a lock is waited for, such as 5m. */ lock_wait?: string;
      /** Such as 5MiB/s. */ upload_limit?: string;
      /** Such as 5MiB/s. */ download_limit?: string;
      /** The server, with http:// in front when it has no TLS. */ endpoint: string;
      bucket: string;
      region?: string;
      /** Folder within the bucket. */ prefix?: string;
      /** Access key id. Kept sealed, never shown again. */ access_key: string;
      /** Secret access key. Kept sealed, never shown again. */ secret_key: string;
      /** Session token of temporary keys. Kept sealed, never shown again. */ session_token?: string;
      bucket_lookup?: "auto" | "dns" | "path";
      connections?: number;
    };
    NewSftpDestination: {
      /** Cannot be changed later. */ name: string;
      /** The repository's password, to take over one that exists. Default: 32 random bytes. Kept sealed, never shown again. */ password?: string;
      /** A disabled one is neither stored to nor maintained. */ enabled?: boolean;
      /** Nothing is forgotten or pruned with these credentials. */ append_only?: boolean;
      /** Credentials that take the place of the others when snapshots are forgotten, pruned and checked. */ maintenance?: {
        /** Access key id. Kept sealed, never shown again. */ access_key?: string;
        /** Secret access key. Kept sealed, never shown again. */ secret_key?: string;
        /** Session token of temporary keys. Kept sealed, never shown again. */ session_token?: string;
        /** Account id, or the id of an application key. Kept sealed, never shown again. */ account_id?: string;
        /** The key that belongs to it. Kept sealed, never shown again. */ account_key?: string;
        /** Private SSH key, its content. Kept sealed, never shown again. */ key?: string;
        username?: string;
        /** Password of that user. Kept sealed, never shown again. */ server_password?: string;
      };
      /** So many runs at most use it at once. */ at_once?: number;
      /** How long a lock is waited for, such as 5m. */ lock_wait?: string;
      /** Such as 5MiB/s. */ upload_limit?: string;
      /** Such as 5MiB/s. */ download_limit?: string;
      host: string;
      port?: number;
      user?: string;
      path: string;
      /** Private SSH key, its content. Kept sealed, never shown again. */ key?: string;
      /** The server's host key, `ssh-ed25519 AAAA…`. */ known_host?: string;
      connections?: number;
    };
    NewToken: {
      id: string;
      name: string;
      /** `read` looks; `operate` backs up and restores; `admin` changes what is declared and who may come in. */ scope:
        | "read"
        | "operate"
        | "admin";
      created_by: string;
      created_at: string;
      expires_at: string | null;
      /** To the minute. */ last_used_at: string | null;
      revoked_at: string | null;
      /** Shown now and never again. Send it as `Authorization: Bearer hf_…`. */ token: string;
    };
    PasswordRotation: {
      /** How many old passwords were taken away. */ removed: number;
      /** Only what an interrupted rotation had left to do was done. */ finished: boolean;
      problems: components["schemas"]["Trouble"][];
    };
    Policy: {
      id: string;
      name: string;
      description: string;
      /** It applies to every app whose configuration names no other. */ is_default: boolean;
      /** Null: the schedule starts nothing. */ schedule: string | null;
      enabled: boolean;
      /** Null: the daemon's own. */ timezone: string | null;
      blackout: string[];
      jitter: string;
      /** Null: what the schedule promises. */ expected_age: string | null;
      keep_last: number;
      keep_hourly: number;
      keep_daily: number;
      keep_weekly: number;
      keep_monthly: number;
      keep_yearly: number;
      keep_within: string | null;
      destination_ids: string[];
      skip_unchanged: boolean;
      /** Declared outside of the API: it can only be changed there. */ read_only: boolean;
      /** A file's path, `environment`, `API`, or `built in`. */ declared_in: string;
      /** Null for what is not declared by the API. */ created_at: string | null;
      /** Null for what is not declared by the API. */ updated_at: string | null;
    };
    /** null takes a field back to that of the policy `default`; of the rules, once none of its own is left. */ PolicyChanges: {
      description?: string | null;
      schedule?: string | null;
      enabled?: boolean | null;
      timezone?: string | null;
      blackout?: string[] | null;
      jitter?: string | null;
      expected_age?: string | null;
      keep_last?: number | null;
      keep_hourly?: number | null;
      keep_daily?: number | null;
      keep_weekly?: number | null;
      keep_monthly?: number | null;
      keep_yearly?: number | null;
      keep_within?: string | null;
      destination_ids?: string[] | null;
      skip_unchanged?: boolean | null;
    };
    /** What went wrong (RFC 9457). */ Problem: {
      /** Where the code is explained. */ type: string;
      title: string;
      status: number;
      /** What happened, in one sentence. */ detail: string;
      /** The request's id; the daemon's log names it too. */ instance: string;
      code: string;
      /** What to do next; may be empty. */ hint: string;
      params: { [name: string]: string };
      /** The run that failed. */ run_id?: string;
      errors?: { path: string; message: string }[];
    };
    /** Follow it under runs. */ QueuedUpkeep: { run_id: string; status: "queued" };
    RestoreBegun: { run_id: string; status: "in_progress" };
    /** What a restore brought back. */ Restored: {
      success: boolean;
      message: string;
      /** Null after a restore in place. */ restored_path: string | null;
      run_id: string;
      /** Regular files that are there now. */ files: number;
      bytes: number;
      /** Every file was compared with what the repository holds. */ verified: boolean;
      databases: {
        name: string;
        type: string;
        rows: number;
        /** Seconds. */ duration: number;
        problem?: components["schemas"]["Trouble"];
      }[];
      /** Warnings. */ problems: components["schemas"]["Trouble"][];
    };
    /** Which snapshots would stay, and why; newest first. */ RetentionPreview: {
      previews: {
        app_id: string;
        app: string;
        destination_id: string;
        destination: string;
        /** Nothing is forgotten there from here, whatever the rules say. */ append_only: boolean;
        kept: number;
        forgotten: number;
        snapshots: {
          id: string;
          restic_snapshot_id: string;
          time: string;
          verdict: "good" | "partial" | "suspect" | "unproven";
          pinned: boolean;
          keep: boolean;
          reasons: string[];
        }[];
      }[];
      /** Ask again from this app on; null when these were all. */ next_app_id: string | null;
    };
    /** One execution of a plan. */ Run: {
      id: string;
      kind: "backup" | "restore" | "retain" | "prune" | "check";
      state: "queued" | "running" | "success" | "warning" | "failed" | "cancelled";
      app_id: string | null;
      app: string | null;
      destination_id: string | null;
      /** The only one that it works on; backups have several. */ destination: string | null;
      /** All that it uses, as far as that is known beforehand. */ destinations: string[];
      requested_by: "person" | "schedule";
      dry_run: boolean;
      /** 1, and one more for each retry. */ attempt: number;
      queued_at: string;
      not_before: string | null;
      started_at: string | null;
      finished_at: string | null;
      /** Seconds from its start to its end. */ duration: number | null;
      cancel_requested_at: string | null;
      problems: components["schemas"]["Trouble"][];
    };
    /** How far the step at work is. */ RunProgress: {
      step: { phase: string; /** A database, a destination, a hook. */ subject: string };
      bytes_done: number;
      bytes_total?: number;
      files_done?: number;
      files_total?: number;
      seconds_left?: number;
    };
    SignInMethods: {
      /** Nobody has been set up yet: the set-up token makes the first admin. */ setup_needed: boolean;
      password: boolean;
      oidc: boolean;
    };
    /** A file or folder in a snapshot. */ SnapshotEntry: {
      name: string;
      path: string;
      type: "file" | "dir" | "symlink" | "other";
      /** Bytes. */ size: number;
      /** Permissions, octal. */ mode: string;
      mtime: string;
    };
    Token: {
      id: string;
      name: string;
      /** `read` looks; `operate` backs up and restores; `admin` changes what is declared and who may come in. */ scope:
        | "read"
        | "operate"
        | "admin";
      created_by: string;
      created_at: string;
      expires_at: string | null;
      /** To the minute. */ last_used_at: string | null;
      revoked_at: string | null;
    };
    /** A problem of a run, a step or a snapshot. */ Trouble: {
      code: string;
      /** What happened, in one sentence. */ message: string;
      /** What to do next; may be empty. */ hint: string;
    };
    Unlocked: {
      removed: { host: string; pid: number; user: string; exclusive: boolean; created_at: string }[];
      remaining: { host: string; pid: number; user: string; exclusive: boolean; created_at: string }[];
    };
    User: {
      id: string;
      name: string;
      /** `read` looks; `operate` backs up and restores; `admin` changes what is declared and who may come in. */ scope:
        | "read"
        | "operate"
        | "admin";
      has_password: boolean;
      /** Signs in by OIDC; then the scope is set anew at each sign-in. */ oidc: boolean;
      created_at: string;
      disabled_at: string | null;
    };
  };
}
