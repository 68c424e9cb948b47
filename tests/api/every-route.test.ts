import { describe, expect, test } from "vitest";
import { allRoutes } from "../../src/api/routes.ts";
import { accessScopes } from "../../src/domain/access.ts";
import { startApi } from "./support/start-api.ts";

/** Some path of that route; what stands for the parameters exists nowhere. */
const pathOf = (path: string): string => path.replaceAll(/:\w+/g, "0a59d3f0-7d5d-4c5c-8c0f-2f0c2c3c6f11");

const closed = allRoutes.filter(({ access }) => access !== "open");
const named = closed.map((one) => ({ ...one, name: `${one.method} ${one.path}` }));

/** What anybody may ask. A route that is added here is a decision. */
const open = [
  "GET /api/v1/auth/methods",
  "POST /api/v1/auth/setup",
  "POST /api/v1/auth/login",
  "POST /api/v1/auth/logout",
  "GET /api/v1/auth/oidc/login",
  "GET /api/v1/auth/oidc/callback",
  "GET /api/v1/openapi.json",
  "GET /api/docs",
  "GET /api/docs/style.css",
  "GET /errors",
  "GET /health",
  "GET /health/backups",
];

describe("every route of the router", () => {
  test("is closed, but for those that are meant to be open", () => {
    const found = allRoutes.filter(({ access }) => access === "open").map(({ method, path }) => `${method} ${path}`);
    expect(found.sort()).toEqual(open.sort());
  });

  test("wants a sign-in, or takes nothing at all", async () => {
    const api = await startApi();
    expect(api.routed.length).toBeGreaterThan(allRoutes.length);
    for (const { method, path } of api.routed) {
      const name = `${method === "HEAD" ? "GET" : method} ${path}`;
      if (open.includes(name)) continue;
      const anonymous = await api.send(method, pathOf(path), { as: null });
      const isRoute = named.some((one) => one.name === name);
      expect([name, anonymous.status]).toEqual([name, isRoute ? 401 : 405]);
    }
  });

  test("wants a valid sign-in, and a scope that is large enough", async () => {
    const api = await startApi();
    for (const { method, path, access, name } of named) {
      const anonymous = await api.send<{ code: string }>(method, pathOf(path), { as: null });
      expect([name, anonymous.status, anonymous.body.code]).toEqual([name, 401, "HF_SIGN_IN"]);
      expect(anonymous.headers.get("www-authenticate")).toContain("Bearer");
      const headers = { authorization: "Bearer hf_wrong" };
      const wrong = await api.send<{ code: string }>(method, pathOf(path), { as: null, headers });
      expect([name, wrong.status, wrong.body.code]).toEqual([name, 401, "HF_CREDENTIALS_REFUSED"]);
      for (const as of accessScopes.slice(
        0,
        accessScopes.findIndex((scope) => scope === access),
      )) {
        const little = await api.send<{ code: string }>(method, pathOf(path), { as });
        expect([name, as, little.status, little.body.code]).toEqual([name, as, 403, "HF_SCOPE_TOO_SMALL"]);
      }
    }
  });

  test("changes nothing as a GET, and as anything else wants more than to read", () => {
    const own = new Set([
      "PUT /api/v1/auth/password",
      // They only calculate, with what does not fit into a query.
      "POST /api/v1/backup/policies/preview",
      "POST /api/v1/backup/policies/:id/preview",
    ]);
    const lax = named.filter(({ method, access, name }) => method !== "GET" && access === "read" && !own.has(name));
    expect(lax.map(({ name }) => name)).toEqual([]);
  });
});
