import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { z } from "zod";
import type { ProblemDocument } from "../../src/api/problems.ts";
import { route, type Route } from "../../src/api/route.ts";
import { failure } from "../../src/base/errors/error.ts";
import { Secret } from "../../src/base/secrets/secret.ts";
import { startApi, type Api } from "./support/start-api.ts";

const common = { access: "read", tag: "Test", summary: "Test" } as const;

const routes: readonly Route[] = [
  route({
    ...common,
    method: "POST",
    path: "/api/v1/things/:id",
    params: z.strictObject({ id: z.uuid() }),
    query: z.strictObject({ limit: z.coerce.number().int().max(10).default(5) }),
    body: z.strictObject({ name: z.string().max(5), keep: z.strictObject({ daily: z.int() }) }),
    answers: { 201: z.object({ name: z.string(), limit: z.int() }) },
    run: async ({ body, query }) => ({ name: body.name, limit: query.limit, password: "hunter2hunter2" }),
  }),
  route({ ...common, method: "GET", path: "/api/v1/things", answers: { 200: z.object({}) }, run: async () => ({}) }),
  route({
    ...common,
    method: "GET",
    path: "/api/v1/bug",
    answers: { 200: z.object({}) },
    run: async () => {
      throw new Error("no such column: passwort");
    },
  }),
  route({
    ...common,
    method: "GET",
    path: "/api/v1/broken-promise",
    answers: { 200: z.object({ n: z.int() }) },
    run: async () => ({ n: "x" }),
  }),
  route({
    ...common,
    method: "GET",
    path: "/api/v1/secret",
    answers: { 200: z.object({}) },
    run: async () => {
      const secret = new Secret("wJalrXUtnFEMI/K7MDENG");
      throw failure("HF_PROGRAM_FAILED", {
        program: "restic",
        how: "exit 1",
        detail: `key ${secret.reveal()} refused`,
      });
    },
  }),
  route({
    ...common,
    method: "DELETE",
    path: "/api/v1/things/:id",
    answers: { 204: "nothing" },
    run: async () => undefined,
  }),
  route({
    ...common,
    method: "GET",
    path: "/api/v1/gone",
    answers: { 200: z.object({}) },
    run: async ({ signal, live }) => {
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve());
        live.wake();
      });
      live.wake();
      return {};
    },
  }),
];

const id = "0a59d3f0-7d5d-4c5c-8c0f-2f0c2c3c6f11";
const thing = { name: "n", keep: { daily: 7 } };

/** Sends bytes as they are: what a client library would not send. */
async function raw(api: Api, text: string): Promise<string> {
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  socket.end(text);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

test("what is nested beyond any use, or wrong in thousands of places, is refused in few words", async () => {
  const api = await startApi({ routes });
  const path = `/api/v1/things/${id}`;
  const levels = 3000;
  const deep = await api.send<ProblemDocument>("POST", path, {
    body: '{"a":'.repeat(levels) + "1" + "}".repeat(levels),
  });
  expect([deep.status, deep.body.code]).toEqual([400, "HF_REQUEST_MALFORMED"]);
  const names = Array.from({ length: 50_000 }, (_, index) => [`${index}`, "\0"]);
  const many = await api.send<ProblemDocument>("POST", path, { body: Object.fromEntries(names) });
  expect([many.status, many.body.code]).toEqual([400, "HF_REQUEST_INVALID"]);
  const long = await api.send("POST", path, { body: { ...thing, ["unknown".repeat(100_000)]: 1 } });
  for (const { text } of [deep, many, long]) expect(text.length).toBeLessThan(10_000);
  expect(api.logged).toEqual([]);
});

test("a request that fits is answered with what the answer's schema names, and nothing else", async () => {
  const api = await startApi({ routes });
  const answer = await api.send("POST", `/api/v1/things/${id}?limit=7`, { body: thing });
  expect([answer.status, answer.body]).toEqual([201, { name: "n", limit: 7 }]);
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect((await api.send("DELETE", `/api/v1/things/${id}`)).text).toBe("");
});

test("what does not fit is told field by field, all at once; unknown fields are refused everywhere", async () => {
  const api = await startApi({ routes });
  const body = { name: "too long", keep: { daily: "7", weekly: 4 }, colour: "red" };
  const answer = await api.send<ProblemDocument>("POST", "/api/v1/things/x?limit=99&page=2", { body });
  expect(answer.status).toBe(400);
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  expect(answer.body).toMatchObject({
    type: "/errors#HF_REQUEST_INVALID",
    title: "Request invalid",
    status: 400,
    code: "HF_REQUEST_INVALID",
    instance: `urn:uuid:${answer.headers.get("x-request-id")}`,
  });
  const told = (answer.body.errors ?? []).map(({ path }) => path);
  expect(told.sort()).toEqual([
    "body",
    "body.keep",
    "body.keep.daily",
    "body.name",
    "params.id",
    "query",
    "query.limit",
  ]);
  expect(JSON.stringify(answer.body.errors)).toContain("colour");
  const nul = await api.send<ProblemDocument>("POST", `/api/v1/things/${id}`, { body: { ...thing, name: "a\0" } });
  expect(nul.body.errors).toEqual([{ path: "body.name", message: "a text without NUL characters" }]);
  const nothing = await api.send<ProblemDocument>("DELETE", `/api/v1/things/${id}`, { body: { force: true } });
  expect(nothing.body.errors).toEqual([{ path: "body", message: "nothing is expected" }]);
});

test("what cannot be read is a problem too: bad JSON, other media, too much, too long, no HTTP", async () => {
  const api = await startApi({ routes });
  const path = `/api/v1/things/${id}`;
  const send = async (body: string, headers: Record<string, string> = {}) => {
    const answer = await api.send<ProblemDocument>("POST", path, { body, headers });
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    return [answer.status, answer.body.code];
  };
  expect(await send("{nope")).toEqual([400, "HF_REQUEST_MALFORMED"]);
  expect(await send('{"__proto__":{"a":1}}')).toEqual([400, "HF_REQUEST_MALFORMED"]);
  expect(await send("name=n", { "content-type": "application/x-www-form-urlencoded" })).toEqual([415, "HF_MEDIA_TYPE"]);
  expect(await send(JSON.stringify({ name: "x".repeat(1_100_000) }))).toEqual([413, "HF_BODY_TOO_LARGE"]);
  expect(await send("")).toEqual([400, "HF_REQUEST_INVALID"]);
  const long = await api.send<ProblemDocument>("DELETE", `/api/v1/things/${"x".repeat(600)}`);
  expect([long.status, long.body.code]).toEqual([400, "HF_REQUEST_MALFORMED"]);
  const bad = await api.send<ProblemDocument>("GET", "/api/v1/%ff");
  expect([bad.status, bad.body.code]).toEqual([400, "HF_REQUEST_MALFORMED"]);
  expect(await raw(api, "this is no HTTP\r\n\r\n")).toMatch(/^HTTP\/1.1 400 [\s\S]*HF_REQUEST_MALFORMED/);
  const header = `x-long: ${"y".repeat(20_000)}`;
  expect(await raw(api, `GET /api/v1/things HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 431 [\s\S]*HF_HEADERS_TOO_LARGE/,
  );
});

test("other paths are 404, other methods 405 with those that are taken; HEAD is GET without the body", async () => {
  const api = await startApi({ routes });
  const none = await api.send<ProblemDocument>("GET", "/api/v1/nothing?secret=1");
  expect([none.status, none.body.detail]).toEqual([404, "There is nothing at /api/v1/nothing."]);
  const other = await api.send<ProblemDocument>("PUT", `/api/v1/things/${id}`, { body: thing });
  expect([other.status, other.headers.get("allow")]).toEqual([405, "POST, DELETE"]);
  const preflight = await api.send("OPTIONS", "/api/v1/things", { headers: { origin: "https://evil.example" } });
  expect(preflight.status).toBe(405);
  expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  const head = await api.send("HEAD", "/api/v1/things");
  expect([head.status, head.text]).toEqual([200, ""]);
});

test("a bug is told to the log and to nobody else", async () => {
  const api = await startApi({ routes });
  for (const path of ["/api/v1/bug", "/api/v1/broken-promise"]) {
    const answer = await api.send<ProblemDocument>("GET", path);
    expect([answer.status, answer.body.code]).toEqual([500, "HF_INTERNAL"]);
    expect(answer.text).not.toMatch(/passwort|schema|\.ts|\\n +at /);
    expect(api.logged.at(-1)).toContain(answer.headers.get("x-request-id"));
  }
  expect(api.logged[0]).toContain("no such column: passwort");
  expect(api.logged[1]).toContain("n: Invalid input");
});

test("a secret that a program printed is blanked out", async () => {
  const api = await startApi({ routes });
  const answer = await api.send<ProblemDocument>("GET", "/api/v1/secret");
  expect(answer.body).toMatchObject({
    status: 502,
    code: "HF_PROGRAM_FAILED",
    params: { detail: "key [secret] refused" },
  });
  expect(answer.text).not.toContain("wJalr");
});

test("a name that DNS may make point here is refused; addresses, own names and token holders are not", async () => {
  const api = await startApi({ routes, config: "daemon: { public_url: https://backup.home.example }" });
  const ask = async (host: string, more = ""): Promise<string> =>
    (await raw(api, `GET /api/v1/things HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n`)).slice(9, 12);
  for (const host of [
    "evil.example",
    "evil.example:8420",
    "127.0.0.1.evil.example",
    "backup.home.example.evil.example",
    "",
  ]) {
    expect([host, await ask(host)]).toEqual([host, "421"]);
  }
  for (const host of [
    "127.0.0.1:8420",
    "localhost",
    "192.168.1.4",
    "[::1]:8420",
    "backup.home.example",
    "nas",
    "nas.local",
  ]) {
    expect([host, await ask(host)]).toEqual([host, "401"]);
  }
  expect(await ask("evil.example", `Authorization: Bearer ${await api.token("read")}\r\n`)).toBe("200");
  expect(await ask("evil.example", "Authorization: Basic eDp5\r\n")).toBe("421");
  const open = await startApi();
  const login = "POST /api/v1/auth/login HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer hf_x\r\n";
  expect(await raw(open, `${login}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 421 /);
});

test("every answer carries the headers that keep a browser on the safe side", async () => {
  const api = await startApi({ routes });
  for (const path of ["/api/v1/things", "/nothing"]) {
    const { headers } = await api.send("GET", path);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  }
  expect((await api.send("GET", "/api/v1/things")).headers.get("cache-control")).toBe("no-store");
});

test("a handler hears when its client has gone", async () => {
  const api = await startApi({ routes });
  const token = await api.token("read");
  const client = new AbortController();
  const asked = fetch(`${api.url}/api/v1/gone`, {
    headers: { authorization: `Bearer ${token}` },
    signal: client.signal,
  });
  await expect.poll(() => api.told.woken).toBe(1);
  client.abort();
  await expect(asked).rejects.toThrow(/abort/i);
  await expect.poll(() => api.told.woken).toBe(2);
});

test("a server that closes ends what only reads, and waits for no connection that is kept open for later", async () => {
  const api = await startApi({ routes });
  const kept = connect(Number(new URL(api.url).port), "127.0.0.1");
  await once(kept, "connect");
  const stream = api.send("GET", "/api/v1/gone");
  await expect.poll(() => api.told.woken).toBe(1);
  const began = performance.now();
  await api.close();
  expect(performance.now() - began).toBeLessThan(2000);
  expect((await stream).status).toBe(200);
});
