import { expect, test } from "vitest";
import { browser, startOidc, type OidcPerson } from "../support/oidc.ts";
import { startApi, type Api } from "./support/start-api.ts";

async function start(daemon = ""): Promise<Api & { people: Map<string, OidcPerson>; login: string; issuer: string }> {
  const { issuer, clientId, clientSecret, people, register } = await startOidc();
  const api = await startApi({
    config: `daemon:
  oidc:
    issuer: ${issuer}
    client_id: ${clientId}
    client_secret: { env: OIDC_SECRET }
    claim: groups
    admins: [home-admins]
    operators: [family]
    readers: [guests]
${daemon}`,
    environment: { OIDC_SECRET: clientSecret },
  });
  register(`${api.url}/api/v1/auth/oidc/callback`);
  return { ...api, people, issuer, login: `${api.url}/api/v1/auth/oidc/login` };
}

const sessionHeader = (cookies: Map<string, string>, names = ["holdfast_session"]): Record<string, string> => ({
  cookie: names.map((name) => `${name}=${cookies.get(name)}`).join("; "),
});

test("whoever the provider knows and the configuration lists comes in, with the scope of their groups now", async () => {
  const api = await start();
  api.people.set("sub-ada", { preferred_username: "ada", groups: ["family"] });
  const ada = browser();
  const end = await ada.signIn(`${api.login}?to=/apps`, "sub-ada");
  expect(end.response.status).toBe(200);
  expect(end.text).toContain("Signed in as ada");
  expect(end.text).toContain('content="0; url=/apps"');
  const headers = sessionHeader(ada.cookiesOf(api.url));
  const me = await api.send("GET", "/api/v1/auth/me", { as: null, headers });
  expect(me.body).toMatchObject({ kind: "user", name: "ada", scope: "operate" });

  api.people.set("sub-ada", { preferred_username: "ada", groups: ["home-admins", "guests"] });
  const again = browser();
  await again.signIn(api.login, "sub-ada");
  const users = await api.send<{ users: unknown[] }>("GET", "/api/v1/auth/users", {
    as: null,
    headers: sessionHeader(again.cookiesOf(api.url)),
  });
  expect(users.body.users).toEqual([
    expect.objectContaining({ name: "ada", scope: "admin", oidc: true, has_password: false }),
  ]);

  const audit = await api.send<{ entries: { actor: string; subject: string }[] }>("GET", "/api/v1/audit");
  expect(audit.body.entries).toContainEqual(
    expect.objectContaining({ actor: "user:ada", subject: "sign-in of ada by OIDC", status: 200 }),
  );
});

test("who is in no listed group is told so on a page, gets no session, and loses the ones they had", async () => {
  const api = await start();
  api.people.set("sub-eve", { preferred_username: "eve", groups: ["family"] });
  const before = browser();
  await before.signIn(api.login, "sub-eve");
  api.people.set("sub-eve", { preferred_username: "eve", groups: ["strangers"] });
  const eve = browser();
  const end = await eve.signIn(api.login, "sub-eve");
  expect(end.response.status).toBe(403);
  expect(end.text).toContain("eve may not come in");
  expect(end.text).toContain("strangers");
  expect(eve.cookiesOf(api.url).has("holdfast_session")).toBe(false);
  const old = await api.send("GET", "/api/v1/auth/me", { as: null, headers: sessionHeader(before.cookiesOf(api.url)) });
  expect(old.status).toBe(401);
});

test("an answer of the provider is worth nothing in a browser that did not begin the sign-in", async () => {
  const api = await start();
  api.people.set("sub-ada", { preferred_username: "ada", groups: ["family"] });
  const stolen = `${api.url}/api/v1/auth/oidc/callback?code=stolen&state=guessed&iss=${encodeURIComponent(api.issuer)}`;
  const bare = await browser().go(stolen);
  expect(bare.response.status).toBe(502);
  expect(bare.text).toContain("this browser did not begin it");

  // One that began its own sign-in, and is then sent the answer to another's.
  const victim = browser();
  const begun = await fetch(api.login, { redirect: "manual" });
  for (const line of begun.headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    victim.cookiesOf(api.url).set(name, value);
  }
  const crossed = await victim.go(stolen);
  expect(crossed.response.status).toBe(502);
  expect(crossed.text).toContain("state");
  expect(victim.cookiesOf(api.url).has("holdfast_session")).toBe(false);
});

test("a name that is taken is not taken over", async () => {
  const api = await start();
  await api.send("POST", "/api/v1/auth/users", {
    body: { name: "ada", password: "correct horse battery", scope: "admin" },
  });
  api.people.set("sub-other", { preferred_username: "ada", groups: ["guests"] });
  const other = browser();
  await other.signIn(api.login, "sub-other");
  const me = await api.send("GET", "/api/v1/auth/me", { as: null, headers: sessionHeader(other.cookiesOf(api.url)) });
  expect(me.body).toMatchObject({ name: `ada@${new URL(api.issuer).host.replace(":", "-")}`, scope: "read" });
});

test("a page elsewhere is not where the sign-in ends", async () => {
  const api = await start();
  for (const to of ["//evil.example", "https://evil.example", "/\\evil.example"]) {
    const answer = await api.send("GET", `/api/v1/auth/oidc/login?to=${encodeURIComponent(to)}`, { as: null });
    expect(answer.status).toBe(400);
  }
});

test("a cookie that somebody else has set leads nowhere else, and nobody makes Holdfast ask the provider without end", async () => {
  const api = await start();
  const begun = await fetch(api.login, { redirect: "manual" });
  const [, value = ""] = /^holdfast_oidc=([^;]*)/.exec(begun.headers.getSetCookie()[0] ?? "") ?? [];
  const flow = JSON.parse(Buffer.from(value, "base64url").toString("utf8")) as Record<string, string>;
  const forged = Buffer.from(JSON.stringify({ ...flow, to: "https://evil.example" })).toString("base64url");
  const back = browser();
  back.cookiesOf(api.url).set("holdfast_oidc", forged);
  const end = await back.go(`${api.url}/api/v1/auth/oidc/callback?code=x&state=${flow["state"]}`);
  expect(end.text).toContain("this browser did not begin it");
  const answers = await Promise.all(
    Array.from({ length: 30 }, async () => await fetch(api.login, { redirect: "manual" })),
  );
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
});

test("a provider that does not answer is told as such", async () => {
  const api = await startApi({
    config: "daemon: { oidc: { issuer: 'http://127.0.0.1:9', client_id: x, admins: [a] } }",
  });
  const answer = await api.send<{ code: string }>("GET", "/api/v1/auth/oidc/login", { as: null });
  expect(answer.status).toBe(502);
  expect(answer.body.code).toBe("HF_OIDC_FAILED");
});
