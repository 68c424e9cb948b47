import type { Route } from "./route.ts";
import { appRoutes } from "./routes/apps.ts";
import { auditRoutes } from "./routes/audit.ts";
import { backupRoutes } from "./routes/backups.ts";
import { configurationRoutes } from "./routes/configurations.ts";
import { destinationActionRoutes } from "./routes/destination-actions.ts";
import { destinationRoutes } from "./routes/destinations.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { docsRoutes } from "./routes/docs.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { iamRoutes } from "./routes/iam.ts";
import { oidcRoutes } from "./routes/oidc.ts";
import { policyRoutes } from "./routes/policies.ts";
import { restoreRoutes } from "./routes/restores.ts";
import { runRoutes } from "./routes/runs.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { snapshotRoutes } from "./routes/snapshots.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { userRoutes } from "./routes/users.ts";

/** In the order of the reference page. */
const described: readonly Route[] = [
  ...destinationRoutes,
  ...destinationActionRoutes,
  ...iamRoutes,
  ...policyRoutes,
  ...configurationRoutes,
  ...appRoutes,
  ...deviceRoutes,
  ...backupRoutes,
  ...snapshotRoutes,
  ...restoreRoutes,
  ...runRoutes,
  ...eventRoutes,
  ...sessionRoutes,
  ...oidcRoutes,
  ...userRoutes,
  ...tokenRoutes,
  ...auditRoutes,
  ...healthRoutes,
];

/** Every route of the API. */
export const allRoutes: readonly Route[] = [...described, ...docsRoutes(described)];
