import { html, page, prose, type Html } from "../html.ts";
import type { OpenApi, Operation, Parameter } from "../openapi.ts";
import { field, fields, typeOf } from "./fields.ts";

interface Call {
  method: string;
  path: string;
  operation: Operation;
}

/** The reference page, from the OpenAPI document: plain HTML that needs neither scripts nor a network. */
export function referencePage(document: OpenApi): string {
  const calls = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): Call => ({ method, path, operation })),
  );
  return page(
    "Holdfast's API",
    html`<h1>Holdfast’s API</h1>
      ${prose(document.info.description)}
      <p><a href="/api/v1/openapi.json">openapi.json</a> is the same for programs (OpenAPI 3.1).</p>
      <nav aria-label="Contents">
        <ul>
          ${document.tags.map(({ name }) => html`<li><a href="#${anchor(name)}">${name}</a></li>`)}
          <li><a href="#schemas">Schemas</a></li>
        </ul>
      </nav>
      ${document.tags.map(({ name }) =>
        group(
          name,
          calls.filter(({ operation }) => operation.tags.includes(name)),
        ),
      )}
      <h2 id="schemas">Schemas</h2>
      ${Object.entries(document.components.schemas).map(
        ([name, schema]) =>
          html`<section class="call" id="schema-${name}">
            <h3>${name}</h3>
            ${schema.description === undefined ? "" : prose(schema.description)}
            ${fields(schema) ?? html`<p class="type">${typeOf(schema)}</p>`}
          </section> `,
      )}`,
  );
}

function group(name: string, calls: readonly Call[]): Html {
  return html`<h2 id="${anchor(name)}">${name}</h2>
    <ul>
      ${calls.map(
        ({ method, path, operation }) =>
          html`<li>
            <a href="#${operation.operationId}">${operation.summary}</a>
            <span class="quiet">${method.toUpperCase()} ${path}</span>
          </li>`,
      )}
    </ul>
    ${calls.map(section)}`;
}

function section({ method, path, operation }: Call): Html {
  const { parameters = [], requestBody } = operation;
  const access = operation["x-scope"];
  const body = requestBody?.content["application/json"].schema;
  return html`<section class="call" id="${operation.operationId}">
    <span class="scope" title="The scope that a caller needs">${access === "open" ? "no sign-in" : access}</span>
    <h3><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code></h3>
    <p><strong>${operation.summary}.</strong></p>
    ${operation.description === undefined ? "" : prose(operation.description)}
    ${parameterList("Path", parameters, "path")}${parameterList("Query", parameters, "query")}
    ${
      body === undefined
        ? ""
        : html`<h4>Body ${requestBody?.required === true ? "" : "(may be left out)"}</h4>
            ${fields(body) ?? html`<p class="type">${typeOf(body)}</p>`}`
    }
    ${answers(operation)}
  </section> `;
}

function parameterList(title: string, all: readonly Parameter[], where: Parameter["in"]): Html | undefined {
  const those = all.filter((one) => one.in === where);
  if (those.length === 0) return undefined;
  return html`<h4>${title}</h4>
    <ul class="fields">
      ${those.map((one) => field(one.name, one.schema, one.required, one.description))}
    </ul>`;
}

function answers({ responses }: Operation): Html[] {
  return Object.entries(responses)
    .filter(([status]) => status !== "default")
    .map(([status, { content = {} }]) => {
      const [media, found] = Object.entries(content)[0] ?? [];
      if (found === undefined) return html`<h4>Answer ${status}: nothing</h4>`;
      if (media !== "application/json") return html`<h4>Answer ${status}: ${media}</h4>`;
      return html`<details>
        <summary>Answer ${status}: ${typeOf(found.schema)}</summary>
        ${fields(found.schema)}
      </details>`;
    });
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll(/\W+/g, "-");
}
