import { onTestFinished } from "vitest";
import { startHoldfast, type HoldfastOptions, type Outcome } from "./holdfast.ts";

export interface Answer<T> {
  status: number;
  body: T;
}

/** A running `holdfast serve`, and an admin's token for its API. */
export interface Daemon {
  pid: number;
  url: string;
  token: string;
  /** From the start of the process until it said that it is ready. */
  readyMs: number;
  /** Asks the API; JSON in and out. */
  api<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  /** The same, and fails the test on any other status than `status`. */
  ask<T = unknown>(method: string, path: string, body?: unknown, status?: number): Promise<T>;
  /** Ends it as systemd would. */
  stop(): Promise<Outcome>;
  kill(): Promise<Outcome>;
  ended: Promise<Outcome>;
}

const password = "correct horse battery staple";

/** Starts a daemon on a free port, for the running test; with `token` it is one that an earlier one on the same state gave. */
export async function startDaemon(options: HoldfastOptions, known?: { token: string }): Promise<Daemon> {
  const began = performance.now();
  const running = startHoldfast(["serve", "--json", "--listen", "127.0.0.1:0"], options);
  // A test that fails leaves it running otherwise.
  onTestFinished(() => running.kill("SIGKILL"));
  const said = await running.says(/\{"type":"ready".*\}\n/s);
  const readyMs = performance.now() - began;
  const line = said.split("\n").find((one) => one.startsWith('{"type":"ready"')) ?? "{}";
  const ready = JSON.parse(line) as { address: string; setupToken?: string };
  const token = known?.token ?? (await firstToken(ready));
  const api = async <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> => {
    const response = await fetch(`${ready.address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = (response.headers.get("content-type") ?? "").includes("json");
    return { status: response.status, body: (json ? JSON.parse(text) : text) as T };
  };
  const end = async (signal: NodeJS.Signals): Promise<Outcome> => {
    running.kill(signal);
    return await running.ended;
  };
  return {
    pid: running.pid,
    url: ready.address,
    token,
    readyMs,
    api,
    async ask<T>(method: string, path: string, body?: unknown, status = 200) {
      const answer = await api<T>(method, path, body);
      if (answer.status === status) return answer.body;
      throw new Error(`${method} ${path}: ${answer.status}, expected ${status}: ${JSON.stringify(answer.body)}`);
    },
    stop: async () => await end("SIGTERM"),
    kill: async () => await end("SIGKILL"),
    ended: running.ended,
  };
}

/** The first user is made with the set-up token, and makes a token for the tests. */
async function firstToken({ address, setupToken }: { address: string; setupToken?: string }): Promise<string> {
  const post = async (path: string, body: object, cookie = ""): Promise<Response> =>
    await fetch(`${address}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: address, cookie },
      body: JSON.stringify(body),
    });
  const setup = await post("/api/v1/auth/setup", { token: setupToken, name: "admin", password });
  if (!setup.ok) throw new Error(`set-up: ${setup.status} ${await setup.text()}`);
  const cookie = (setup.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const made = await post("/api/v1/auth/tokens", { name: "tests", scope: "admin" }, cookie);
  if (!made.ok) throw new Error(`token: ${made.status} ${await made.text()}`);
  return ((await made.json()) as { token: string }).token;
}
