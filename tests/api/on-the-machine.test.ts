import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/run.ts";
import { memoryTerminal } from "../support/memory-terminal.ts";
import { startApi, type Api } from "./support/start-api.ts";

/** `holdfast ARGS` on the machine whose daemon that is. */
async function run(api: Api, ...argv: string[]) {
  const terminal = memoryTerminal();
  const environment = { ...api.holdfast.environment };
  const code = await runCommandLine(argv, { terminal, environment, cwd: api.folder });
  return { code, out: terminal.outText(), err: terminal.errText() };
}

const login = async (api: Api, name: string, password: string) =>
  (await api.send("POST", "/api/v1/auth/login", { as: null, body: { name, password } })).status;

test("whoever is on the machine makes a user who can sign in, and lets one in again who is locked out", async () => {
  const api = await startApi();
  const added = await run(api, "user", "add", "ada", "--json");
  const ada = JSON.parse(added.out) as { id: string; name: string; scope: string; password: string };
  expect([added.code, ada.name, ada.scope]).toEqual([0, "ada", "admin"]);
  expect(await login(api, "ada", ada.password)).toBe(200);
  expect((await run(api, "user", "add", "ada")).code).toBe(2);
  expect((await run(api, "user", "add", "a b")).code).toBe(2);

  await run(api, "user", "add", "eve");
  await api.send("PATCH", `/api/v1/auth/users/${ada.id}`, { body: { disabled: true } });
  const file = join(api.folder, "password");
  writeFileSync(file, "chosen by a person\nanother line\n");
  const again = await run(api, "user", "password", "ada", "--password-file", file);
  expect(again).toMatchObject({ code: 0, err: "" });
  expect(again.out).not.toContain("chosen by a person");
  expect(await login(api, "ada", ada.password)).toBe(401);
  expect(await login(api, "ada", "chosen by a person")).toBe(200);
  expect((await run(api, "user", "password", "nobody")).err).toContain("There are: ada, eve.");

  const audit = await api.send<{ entries: { action: string; actor: string; subject: string }[] }>(
    "GET",
    "/api/v1/audit",
  );
  expect(audit.body.entries).toContainEqual(
    expect.objectContaining({
      actor: expect.stringMatching(/^machine:/),
      action: "holdfast user add",
      subject: "user ada",
    }),
  );
});

test("whoever is on the machine makes a token that works for as long as it was asked for", async () => {
  const api = await startApi();
  const made = await run(api, "token", "create", "prometheus", "--scope", "read", "--expires", "90d");
  expect(made.code).toBe(0);
  const token = /hf_[\w-]{43}/.exec(made.out)?.[0];
  const headers = { authorization: `Bearer ${token}` };
  const me = await api.send("GET", "/api/v1/auth/me", { as: null, headers });
  expect(me.body).toMatchObject({ kind: "token", name: "prometheus", scope: "read" });
  const { body } = await api.send<{ tokens: { name: string; expires_at: string }[] }>("GET", "/api/v1/auth/tokens");
  const days =
    (Date.parse(body.tokens.find(({ name }) => name === "prometheus")?.expires_at ?? "") - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(89.9);
  expect(days).toBeLessThan(90.1);
  expect((await run(api, "token", "create", "x", "--expires", "soon")).code).toBe(2);
});
