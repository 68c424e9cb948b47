import { delimiter, dirname, join } from "node:path";
import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Live } from "../../../src/api/live.ts";
import type { Route } from "../../../src/api/route.ts";
import { allRoutes } from "../../../src/api/routes.ts";
import { buildServer } from "../../../src/api/server.ts";
import type { Clock } from "../../../src/base/clock.ts";
import type { AccessScope } from "../../../src/domain/access.ts";
import type { RunId } from "../../../src/domain/names.ts";
import { createToken } from "../../../src/operations/access/tokens.ts";
import { openHoldfast, type Holdfast } from "../../../src/operations/context/holdfast.ts";
import { declaring } from "../../../src/operations/context/redeclare.ts";
import { binaries } from "../../support/binaries.ts";
import { testFolder } from "../../support/folders.ts";

export interface StartOptions {
  /** Text of a holdfast.yaml; a function is given the folder that holds home and configuration. */
  config?: string | ((folder: string) => string);
  environment?: Record<string, string>;
  routes?: readonly Route[];
  clock?: Clock;
}

export interface Answer<Body = unknown> {
  status: number;
  headers: Headers;
  text: string;
  /** The JSON of the answer; undefined when it has none. */
  body: Body;
}

export interface Sending {
  body?: unknown;
  headers?: Record<string, string>;
  /** Whose token goes along; default admin, null none. */
  as?: AccessScope | null;
}

export interface Api {
  /** Such as http://127.0.0.1:41234 */
  url: string;
  folder: string;
  holdfast: Holdfast;
  live: Live;
  /** All that the router knows. */
  routed: { method: string; path: string }[];
  /** Stops listening, as the daemon does when it ends; the end of the test does so too. */
  close(): Promise<void>;
  /** A token of that scope. */
  token(scope: AccessScope): Promise<string>;
  send<Body = unknown>(method: string, path: string, sending?: Sending): Promise<Answer<Body>>;
  /** What was written into the daemon's log. */
  logged: string[];
  /** How often the queue was told of something new, and the declarations read anew. */
  told: { woken: number; redeclared: number; cancelled: RunId[] };
}

/** The API over a real home, state and restic, listening on a free port until the running test ends. */
export async function startApi(options: StartOptions = {}): Promise<Api> {
  const folder = testFolder();
  const home = join(folder, "home");
  const configPath = join(folder, "holdfast.yaml");
  mkdirSync(home);
  const { config = "" } = options;
  writeFileSync(configPath, typeof config === "string" ? config : config(folder));
  const environment = {
    PATH: [dirname(binaries.restic.sid), process.env["PATH"]].join(delimiter),
    HOME: home,
    LANG: "C.UTF-8",
    HOLDFAST_HOME: home,
    ...options.environment,
  };
  const holdfast = await openHoldfast({
    environment,
    cwd: folder,
    config: configPath,
    acting: true,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  const told: Api["told"] = { woken: 0, redeclared: 0, cancelled: [] };
  const logged: string[] = [];
  const live = liveOver(holdfast, told);
  const routed: Api["routed"] = [];
  const app = await buildServer(live, options.routes ?? allRoutes, {
    log: (line) => logged.push(line),
    routed: (method, path) => routed.push({ method, path }),
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    await app.close();
    await holdfast[Symbol.asyncDispose]();
  });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const tokens = new Map<AccessScope, Promise<string>>();
  const token = async (scope: AccessScope): Promise<string> => {
    const made =
      tokens.get(scope) ??
      createToken(holdfast, { name: `test-${scope}`, scope, createdBy: "test" }).then((created) => created.value);
    tokens.set(scope, made);
    return await made;
  };
  return {
    url,
    folder,
    holdfast,
    live,
    routed,
    close: async () => await app.close(),
    token,
    logged,
    told,
    async send(method: string, path: string, { body, headers, as = "admin" }: Sending = {}) {
      const response = await fetch(`${url}${path}`, {
        method,
        redirect: "manual",
        headers: {
          ...(as === null ? {} : { authorization: `Bearer ${await token(as)}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: (isJson && text !== "" ? JSON.parse(text) : undefined) as never,
      };
    },
  };
}

/** As much of a daemon as the API needs: nothing runs from the queue. */
function liveOver(holdfast: Holdfast, told: Api["told"]): Live {
  const stop = new AbortController();
  const working = new Set<Promise<unknown>>();
  const declared = declaring(holdfast);
  onTestFinished(async () => {
    stop.abort();
    await Promise.allSettled(working);
  });
  return {
    holdfast: declared.current,
    async redeclare() {
      told.redeclared++;
      await declared.redeclare();
    },
    wake() {
      told.woken++;
    },
    async cancel(run) {
      told.cancelled.push(run);
      return true;
    },
    async during(work) {
      const going = work({ signal: stop.signal, listen: () => undefined });
      working.add(going);
      try {
        return await going;
      } finally {
        working.delete(going);
      }
    },
    onEvents: () => () => undefined,
  };
}
