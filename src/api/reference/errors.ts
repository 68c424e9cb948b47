import type { CatalogueEntry } from "../../base/errors/entry.ts";
import { catalogue } from "../../base/errors/catalogue.ts";
import { html, page } from "../html.ts";

/** What every code means: where the `type` of a problem points. */
export function errorsPage(): string {
  const entries: [string, CatalogueEntry][] = Object.entries(catalogue);
  return page(
    "Holdfast's errors",
    html`<h1>Holdfast’s errors</h1>
      <p>
        Every problem has a code. What stands in braces is in the problem’s <code>params</code>.
        <a href="/api/docs">The API</a>
      </p>
      <dl class="errors">
        ${entries.map(
          ([code, { message, hint, status }]) =>
            html`<dt id="${code}">${code} <span class="quiet">${status}</span></dt>
              <dd>${message}</dd>
              ${/^(\{\w+\})?$/.test(hint) ? "" : html`<dd class="quiet">${hint}</dd>`} `,
        )}
      </dl>`,
  );
}
