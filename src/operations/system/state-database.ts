import type { Secret } from "../../base/secrets/secret.ts";
import { readAddress } from "../../state/dialects/address.ts";

/** How the client tools reach the PostgreSQL database of an address. Throws HF_STATE_ADDRESS. */
export function stateDatabase(address: Secret, database?: string): { type: "postgres"; spec: Record<string, unknown> } {
  const text = address.reveal();
  const { host, port, user, password, database: own } = readAddress(text);
  const sslmode = new URL(text.replace(/@(?=[/?#]|$)/, "@localhost")).searchParams.get("sslmode") ?? undefined;
  const fields = {
    host,
    port,
    username: user,
    // libpq's own rule (PostgreSQL manual, 34.1.2).
    database: database ?? own ?? user,
    sslmode,
    password: password === undefined ? undefined : { from: "plain", value: password },
  };
  return {
    type: "postgres",
    spec: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  };
}
