/** Text that is HTML already. */
export interface Html {
  html: string;
}

export type Part = Html | string | number | undefined | readonly Part[];

/** Makes HTML of a template; whatever is not HTML already is escaped. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.reduce((text, string, index) => text + textOf(parts[index - 1]) + string) };
}

function textOf(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "object") return "html" in part ? part.html : part.map(textOf).join("");
  return escapeHtml(String(part));
}

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character);
}

/** Paragraphs, `code` and [links](/within) of a description. */
export function prose(text: string): Html[] {
  return text.split(/\n{2,}/).map((paragraph) => {
    const parts = paragraph.split(/(`[^`]+`|\[[^\]]+\]\(\/[^)]*\))/).map((part): Part => {
      if (part.startsWith("`") && part.endsWith("`") && part.length > 2) return html`<code>${part.slice(1, -1)}</code>`;
      const [, name, to] = /^\[([^\]]+)\]\(([^)]*)\)$/.exec(part) ?? [];
      return name === undefined ? part : html`<a href="${to}">${name}</a>`;
    });
    return html`<p>${parts}</p>`;
  });
}

/** A page of its own, without scripts: readable on a phone, at night, and offline. */
export function page(title: string, body: Part, head?: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="stylesheet" href="/api/docs/style.css" />
        ${head}
      </head>
      <body>
        ${body}
      </body>
    </html>`.html;
}
