import { describe, expect, test, vi } from "vitest";
import { setupToken } from "../../src/operations/access/setup.ts";
import { engineNames, newTarget, type EngineName } from "../support/state-engines.ts";
import { startApi, type Api, type Sending, type StartOptions } from "./support/start-api.ts";

const password = "correct horse battery";

interface UserBody {
  id: string;
  name: string;
  scope: string;
}

interface ProblemBody {
  code: string;
  detail: string;
  hint: string;
}

/** Signs in and gives what a browser would send from then on. */
async function signIn(api: Api, name: string, secret = password): Promise<Sending> {
  const answer = await api.send("POST", "/api/v1/auth/login", { as: null, body: { name, password: secret } });
  expect(answer.status).toBe(200);
  return { as: null, headers: { cookie: cookieOf(answer.headers) } };
}

function cookieOf(headers: Headers): string {
  return headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

async function addUser(api: Api, name: string, scope: string): Promise<UserBody> {
  const added = await api.send<UserBody>("POST", "/api/v1/auth/users", { body: { name, password, scope } });
  expect(added.status).toBe(201);
  return added.body;
}

/** The API with its state there. */
async function startOn(engine: EngineName, options: StartOptions = {}): Promise<Api> {
  const target = await newTarget(engine);
  const environment = typeof target === "string" ? {} : { DATABASE_URL: target.reveal() };
  return await startApi({ ...options, environment });
}

describe.each(engineNames)("access, with the state on %s,", (engine) => {
  test("the set-up token makes the first admin, once", async () => {
    const api = await startOn(engine);
    const methods = async () => (await api.send("GET", "/api/v1/auth/methods", { as: null })).body;
    expect(await methods()).toEqual({ setup_needed: true, password: true, oidc: false });
    const first = await setupToken(api.holdfast);
    const second = await setupToken(api.holdfast);

    const wrong = { token: `${first}x`, name: "ada", password };
    const refused = await api.send<ProblemBody>("POST", "/api/v1/auth/setup", { as: null, body: wrong });
    expect([refused.status, refused.body.code]).toEqual([403, "HF_SETUP_REFUSED"]);

    const made = await api.send<UserBody>("POST", "/api/v1/auth/setup", { as: null, body: { ...wrong, token: first } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: "ada", scope: "admin" });
    const me = await api.send("GET", "/api/v1/auth/me", { as: null, headers: { cookie: cookieOf(made.headers) } });
    expect(me.body).toMatchObject({ kind: "user", name: "ada", scope: "admin" });

    const again = await api.send<ProblemBody>("POST", "/api/v1/auth/setup", {
      as: null,
      body: { token: second, name: "eve", password },
    });
    expect([again.status, again.body.code]).toEqual([409, "HF_SETUP_DONE"]);
    expect(await setupToken(api.holdfast)).toBeUndefined();
    expect(await methods()).toEqual({ setup_needed: false, password: true, oidc: false });
  });

  test("two who hold set-up tokens at once make one admin", async () => {
    const api = await startOn(engine);
    const tokens = [await setupToken(api.holdfast), await setupToken(api.holdfast)];
    const answers = await Promise.all(
      tokens.map((token, index) =>
        api.send("POST", "/api/v1/auth/setup", { as: null, body: { token, name: `user${index}`, password } }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
  });

  test("a session ends by signing out, by a new password, and when its user is shut out or deleted", async () => {
    const api = await startOn(engine);
    const ada = await addUser(api, "ada", "operate");
    const me = async (session: Sending) => (await api.send("GET", "/api/v1/auth/me", session)).status;

    const one = await signIn(api, "ada");
    const two = await signIn(api, "ada");
    expect((await api.send("POST", "/api/v1/auth/logout", one)).status).toBe(204);
    expect([await me(one), await me(two)]).toEqual([401, 200]);

    const next = "another horse entirely";
    const wrong = await api.send<ProblemBody>("PUT", "/api/v1/auth/password", {
      ...two,
      body: { current_password: "not the right one", new_password: next },
    });
    expect([wrong.status, wrong.body.code]).toEqual([401, "HF_LOGIN_FAILED"]);
    const changed = await api.send("PUT", "/api/v1/auth/password", {
      ...two,
      body: { current_password: password, new_password: next },
    });
    expect(changed.status).toBe(200);
    expect(await me(two)).toBe(401);
    expect(await me({ as: null, headers: { cookie: cookieOf(changed.headers) } })).toBe(200);

    const three = await signIn(api, "ada", next);
    await api.send("PATCH", `/api/v1/auth/users/${ada.id}`, { body: { disabled: true } });
    expect(await me(three)).toBe(401);
    const shut = await api.send<ProblemBody>("POST", "/api/v1/auth/login", {
      as: null,
      body: { name: "ada", password: next },
    });
    expect([shut.status, shut.body.code]).toEqual([401, "HF_LOGIN_FAILED"]);
    await api.send("PATCH", `/api/v1/auth/users/${ada.id}`, { body: { disabled: false } });
    expect(await me(three)).toBe(401);
    const four = await signIn(api, "ada", next);
    expect((await api.send("DELETE", `/api/v1/auth/users/${ada.id}`)).status).toBe(204);
    expect(await me(four)).toBe(401);
  });

  test("nobody takes the last admin away", async () => {
    const api = await startOn(engine);
    const ada = await addUser(api, "ada", "admin");
    const eve = await addUser(api, "eve", "admin");
    const change = async (id: string, body: unknown) =>
      (await api.send("PATCH", `/api/v1/auth/users/${id}`, { body })).status;
    expect(await change(eve.id, { disabled: true })).toBe(200);
    for (const body of [{ disabled: true }, { scope: "operate" }]) expect(await change(ada.id, body)).toBe(409);
    expect((await api.send("DELETE", `/api/v1/auth/users/${ada.id}`)).status).toBe(409);
    expect((await api.send("DELETE", `/api/v1/auth/users/${eve.id}`)).status).toBe(204);
    const two = await addUser(api, "two", "admin");
    const both = await Promise.all([change(ada.id, { scope: "read" }), change(two.id, { scope: "read" })]);
    expect(new Set(both)).toEqual(new Set([200, 409]));
  });

  test("a token is shown once, works within its scope and time, and is worth nothing once withdrawn", async () => {
    let at = Date.now();
    const api = await startOn(engine, { clock: { now: () => new Date(at) } });
    const expires = new Date(at + 3_600_000).toISOString();
    const made = await api.send<{ id: string; token: string }>("POST", "/api/v1/auth/tokens", {
      body: { name: "prometheus", scope: "read", expires_at: expires },
    });
    expect(made.status).toBe(201);
    const { id, token } = made.body;
    expect(token).toMatch(/^hf_[\w-]{43}$/);
    const use = async (method: string, path: string) =>
      (await api.send(method, path, { as: null, headers: { authorization: `Bearer ${token}` } })).status;
    expect(await use("GET", "/api/v1/auth/me")).toBe(200);
    expect(await use("GET", "/api/v1/auth/users")).toBe(403);

    const listed = await api.send<{ tokens: { id: string }[] }>("GET", "/api/v1/auth/tokens");
    expect(listed.body.tokens.find((one) => one.id === id)).toMatchObject({
      name: "prometheus",
      scope: "read",
      created_by: "token:test-admin",
      expires_at: expires,
      last_used_at: new Date(at).toISOString(),
    });
    expect(listed.text).not.toContain(token);
    const stored = JSON.stringify(await api.holdfast.state.selectFrom("tokens").selectAll().execute());
    expect(stored).not.toContain(token);

    at += 3_600_000;
    expect(await use("GET", "/api/v1/auth/me")).toBe(401);
    at -= 3_600_000;
    expect((await api.send("DELETE", `/api/v1/auth/tokens/${id}`)).status).toBe(204);
    expect(await use("GET", "/api/v1/auth/me")).toBe(401);
    const past = await api.send<ProblemBody>("POST", "/api/v1/auth/tokens", {
      body: { name: "late", scope: "read", expires_at: "2001-01-01T00:00:00Z" },
    });
    expect(past.status).toBe(400);
    const lines = await api.send("POST", "/api/v1/auth/tokens", { body: { name: "a\nssh-rsa b", scope: "read" } });
    expect(lines.status).toBe(400);
  });

  test("every change is in the audit log with who, from where, what and how it ended; passwords are in no place", async () => {
    const api = await startOn(engine);
    await addUser(api, "ada", "admin");
    const ada = await signIn(api, "ada");
    await api.send("POST", "/api/v1/auth/login", { as: null, body: { name: "ada", password: "wrong password" } });
    await api.send("POST", "/api/v1/auth/login", { as: null, body: { name: password, password } });
    await api.send("POST", "/api/v1/auth/users", { ...ada, body: { name: "eve", password, scope: "read" } });
    await api.send("POST", "/api/v1/auth/users", { ...ada, body: { name: "eve", password, scope: "read" } });
    await api.send("POST", "/api/v1/auth/users", { as: null, body: { name: "mallory", password, scope: "admin" } });

    type Entry = { id: number; actor: string; action: string; subject: string; status: number; address: string };
    const page = async (query: string) =>
      (await api.send<{ entries: Entry[]; next: number | null }>("GET", `/api/v1/audit${query}`, ada)).body;
    const told = (await page("")).entries.map(({ actor, action, subject, status }) => [actor, action, subject, status]);
    expect(told).toEqual([
      ["user:ada", "POST /api/v1/auth/users", "user eve", 409],
      ["user:ada", "POST /api/v1/auth/users", "user eve", 201],
      ["anonymous", "POST /api/v1/auth/login", "sign-in of an unknown name", 401],
      ["anonymous", "POST /api/v1/auth/login", "sign-in of ada", 401],
      ["user:ada", "POST /api/v1/auth/login", "sign-in of ada", 200],
      ["token:test-admin", "POST /api/v1/auth/users", "user ada", 201],
    ]);
    const first = await page("?limit=2");
    const second = await page(`?limit=2&before=${first.next}`);
    expect([...first.entries, ...second.entries].map(({ id }) => id)).toEqual([6, 5, 4, 3]);
    expect((await page("?actor=user:ada")).entries).toHaveLength(3);
    for (const table of ["audit", "users", "sessions"] as const) {
      const rows = JSON.stringify(await api.holdfast.state.selectFrom(table).selectAll().execute());
      expect(rows).not.toContain(password);
      expect(rows).not.toContain("wrong password");
    }
  });
});

test("the session cookie is for this server's pages alone, and secure where people come by https", async () => {
  const plain = await startApi();
  await addUser(plain, "ada", "read");
  const body = { name: "ada", password };
  const [cookie = ""] = (await plain.send("POST", "/api/v1/auth/login", { as: null, body })).headers.getSetCookie();
  expect(cookie).toMatch(/^holdfast_session=[\w-]{43}; /);
  expect(cookie).toContain("HttpOnly");
  expect(cookie).toContain("SameSite=Strict");
  expect(cookie).not.toContain("Secure");
  const rows = await plain.holdfast.state.selectFrom("sessions").select("hash").execute();
  expect(JSON.stringify(rows)).not.toContain(/=([\w-]{43});/.exec(cookie)?.[1]);

  const secure = await startApi({ config: "daemon: { public_url: https://backup.home.example }" });
  await addUser(secure, "ada", "read");
  const [other = ""] = (await secure.send("POST", "/api/v1/auth/login", { as: null, body })).headers.getSetCookie();
  expect(other).toContain("Secure");
});

test("a session ends after a week without use, and after thirty days whatever happens", async () => {
  let at = Date.now();
  const api = await startApi({ clock: { now: () => new Date(at) } });
  const days = (count: number): number => count * 86_400_000;
  await addUser(api, "ada", "read");
  const used = await signIn(api, "ada");
  const idle = await signIn(api, "ada");
  const me = async (session: Sending) => (await api.send("GET", "/api/v1/auth/me", session)).status;
  for (let day = 0; day < 24; day += 6) {
    at += days(6);
    expect(await me(used)).toBe(200);
  }
  expect(await me(idle)).toBe(401);
  at += days(6.5);
  expect(await me(used)).toBe(401);
});

test("too many wrong passwords shut the account's door for a while, and say for how long", async () => {
  const api = await startApi();
  await addUser(api, "ada", "read");
  await addUser(api, "eve", "read");
  const attempt = async (name: string, secret: string) =>
    await api.send<ProblemBody>("POST", "/api/v1/auth/login", { as: null, body: { name, password: secret } });
  // Answers to what is unknown look like those to what is wrong.
  const unknown = await attempt("nobody", password);
  const wrong = await attempt("ada", "wrong password");
  expect({ ...unknown.body, instance: "" }).toEqual({ ...wrong.body, instance: "" });
  const many = await Promise.all(Array.from({ length: 12 }, async () => await attempt("ada", "wrong password")));
  expect(many.some(({ status }) => status === 429)).toBe(true);
  const shut = await attempt("ada", password);
  expect(shut.status).toBe(429);
  expect(Number(shut.headers.get("retry-after"))).toBeGreaterThan(60);
  const told = await api.send<{ entries: { subject: string; status: number }[] }>("GET", "/api/v1/audit");
  const refused = told.body.entries.filter(({ status }) => status === 429);
  expect(refused.map(({ subject }) => subject)).toEqual(["sign-in: too many attempts"]);
  // Others get in from the same address, until it has guessed too often itself.
  expect((await attempt("eve", password)).status).toBe(200);
  for (let guess = 0; guess < 30; guess++) await attempt(`guess${guess}`, "x");
  expect((await attempt("eve", password)).status).toBe(429);
});

test("how long a refused sign-in takes does not tell whether the name is known", async () => {
  const api = await startApi();
  await addUser(api, "ada", "read");
  const { isPassword } = await import("../../src/operations/access/passwords.ts");
  const { findUser } = await import("../../src/state/queries/users.ts");
  const ada = await findUser(api.holdfast.state, { name: "ada" });
  const time = async (hash: string | undefined): Promise<number> => {
    const began = performance.now();
    expect(await isPassword("wrong password", hash)).toBe(false);
    return performance.now() - began;
  };
  const fastest = async (hash: string | undefined): Promise<number> => {
    const times: number[] = [];
    for (let round = 0; round < 5; round++) times.push(await time(hash));
    return Math.min(...times);
  };
  const [known, unknown] = [await fastest(ada?.passwordHash), await fastest(undefined)];
  expect(unknown).toBeGreaterThan(known / 4);
  expect(unknown).toBeLessThan(known * 4);
});

test("pages of another origin change nothing, whatever cookies come along", async () => {
  const api = await startApi();
  await addUser(api, "ada", "admin");
  const { headers = {} } = await signIn(api, "ada");
  const body = { name: "eve", password, scope: "read" };
  const send = async (more: Record<string, string>) =>
    (await api.send("POST", "/api/v1/auth/users", { as: null, headers: { ...headers, ...more }, body })).status;
  expect(await send({ "sec-fetch-site": "cross-site", origin: "https://evil.example" })).toBe(403);
  expect(await send({ "sec-fetch-site": "same-site", origin: "http://other.localhost" })).toBe(403);
  expect(await send({ origin: "https://evil.example" })).toBe(403);
  expect(await send({ origin: "null" })).toBe(403);
  expect(await send({ origin: api.url, "sec-fetch-site": "same-origin" })).toBe(201);

  const login = await api.send("POST", "/api/v1/auth/login", {
    as: null,
    headers: { origin: "https://evil.example" },
    body: { name: "ada", password },
  });
  expect(login.status).toBe(403);
  const read = await api.send("GET", "/api/v1/auth/me", {
    as: null,
    headers: { ...headers, origin: "https://evil.example" },
  });
  expect([...read.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
});

vi.setConfig({ testTimeout: 60_000 });
