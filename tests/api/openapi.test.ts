import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { holdfastClient } from "../../src/api/client/client.ts";
import { openApiOf, type JsonSchema, type OpenApi } from "../../src/api/openapi.ts";
import { errorsPage } from "../../src/api/reference/errors.ts";
import { referencePage } from "../../src/api/reference/reference.ts";
import { allRoutes } from "../../src/api/routes.ts";
import { catalogue } from "../../src/base/errors/catalogue.ts";
import { printClientTypes } from "./support/print-client.ts";
import { startApi } from "./support/start-api.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const document = openApiOf(allRoutes);

/** As `npm run format` would leave it. */
function formatted(text: string, name: string): string {
  const program = join(root, "node_modules", ".bin", "oxfmt");
  const done = spawnSync(program, ["--stdin-filepath", name], { encoding: "utf8", cwd: root, input: text });
  if (done.status !== 0) throw new Error(`oxfmt failed: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

describe("the OpenAPI document", () => {
  test("is docs/openapi.json, to the letter", async () => {
    const text = formatted(JSON.stringify(document), "openapi.json");
    await expect(text).toMatchFileSnapshot(join(root, "docs", "openapi.json"));
  });

  test("is what the server serves, to anybody", async () => {
    const api = await startApi();
    const answer = await api.send<OpenApi>("GET", "/api/v1/openapi.json", { as: null });
    expect(answer.body).toEqual(document);
  });

  test("names every operation differently, and every parameter of its path", () => {
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.values(item).map((operation) => ({ path, operation })),
    );
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
      const told = (operation.parameters ?? []).filter((one) => one.in === "path").map(({ name }) => name);
      expect([path, told]).toEqual([path, inPath]);
    }
  });

  test("has schemas that are valid JSON Schema 2020-12 and point at nothing that is missing", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: "doc", components: document.components });
    for (const name of Object.keys(document.components.schemas)) {
      expect(ajv.compile({ $ref: `doc#/components/schemas/${name}` })).toBeTypeOf("function");
    }
    const refs = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((found) => found[1]);
    expect(refs.filter((name) => document.components.schemas[name ?? ""] === undefined)).toEqual([]);
  });

  test("takes no unknown field anywhere in a request", () => {
    const lax: string[] = [];
    const look = (where: string, schema: JsonSchema): void => {
      if (schema.properties !== undefined && schema.additionalProperties !== false) lax.push(where);
      const name = schema.$ref?.replace("#/components/schemas/", "");
      if (name !== undefined && !where.includes(`<${name}>`)) {
        look(`${where}<${name}>`, document.components.schemas[name] ?? {});
      }
      for (const [field, one] of Object.entries(schema.properties ?? {})) look(`${where}.${field}`, one);
      for (const one of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]) look(where, one);
      if (schema.items) look(`${where}[]`, schema.items);
      if (typeof schema.additionalProperties === "object") look(`${where}.*`, schema.additionalProperties);
    };
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, { requestBody }] of Object.entries(item)) {
        if (requestBody !== undefined) look(`${method} ${path}`, requestBody.content["application/json"].schema);
      }
    }
    // Each kind of database has fields of its own, which its own schema checks.
    expect(lax.filter((where) => !where.endsWith("<NewDatabase>"))).toEqual([]);
  });
});

describe("the typed client", () => {
  test("is generated from the document", async () => {
    const types = formatted(printClientTypes(document), "schema.ts");
    await expect(types).toMatchFileSnapshot(join(root, "src", "api", "client", "schema.ts"));
  });

  test("talks to a real server", async () => {
    const api = await startApi();
    const client = holdfastClient({ url: api.url, token: await api.token("admin") });
    const made = await client.POST("/api/v1/auth/tokens", { body: { name: "grafana", scope: "read" } });
    expect(made.data?.token).toMatch(/^hf_/);
    const listed = await client.GET("/api/v1/auth/tokens");
    expect(listed.data?.tokens.map(({ name }) => name)).toContain("grafana");
    const gone = await client.DELETE("/api/v1/auth/tokens/{id}", { params: { path: { id: made.data?.id ?? "" } } });
    expect(gone.response.status).toBe(204);
    const audit = await client.GET("/api/v1/audit", { params: { query: { limit: 1 } } });
    expect(audit.data?.entries).toMatchObject([{ action: "DELETE /api/v1/auth/tokens/:id", subject: "token grafana" }]);
    const refused = await holdfastClient({ url: api.url }).GET("/api/v1/auth/users");
    expect(refused.error?.code).toBe("HF_SIGN_IN");
    expect(refused.data).toBeUndefined();
  });
});

describe("the reference page", () => {
  const page = referencePage(document);

  test("shows every call with its scope, and links to nothing that is missing", () => {
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map((found) => found[1]));
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map((found) => found[1]);
    expect(links.filter((link) => !ids.has(link))).toEqual([]);
    for (const item of Object.values(document.paths)) {
      for (const { operationId } of Object.values(item)) expect(ids).toContain(operationId);
    }
  });

  test("needs no script, no network and no style of its own, so that the strict policy lets it be", async () => {
    const api = await startApi();
    const answer = await api.send("GET", "/api/docs", { as: null });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(answer.text).not.toMatch(/<script|<img|<iframe| style=| on\w+=|(?:src|href)="(?!\/|#)/);
    const style = await api.send("GET", "/api/docs/style.css", { as: null });
    expect(style.headers.get("content-type")).toBe("text/css; charset=utf-8");
    expect(style.text).not.toMatch(/url\(|@import/);
  });

  test("has every code on the page that problems point to", async () => {
    for (const code of Object.keys(catalogue)) expect(errorsPage()).toContain(`id="${code}"`);
    const api = await startApi();
    expect((await api.send("GET", "/errors", { as: null })).text).toContain("HF_UNKNOWN_NAME");
  });
});
