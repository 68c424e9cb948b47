import { expect, test } from "vitest";
import { html, prose } from "./html.ts";

test("whatever is not HTML already is escaped", () => {
  const evil = `<script>"x" & 'y'</script>`;
  const safe = "&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;&lt;/script&gt;";
  expect(html`<p title="${evil}">${evil}${[html`<b>${evil}</b>`, 1, undefined]}</p>`.html).toBe(
    `<p title="${safe}">${safe}<b>${safe}</b>1</p>`,
  );
});

test("descriptions have paragraphs, code and links within this server", () => {
  const made = prose("Use `GET <x>`, see [the list](/errors).\n\nNot [elsewhere](https://evil.example).");
  expect(made.map((part) => part.html).join("")).toBe(
    '<p>Use <code>GET &lt;x&gt;</code>, see <a href="/errors">the list</a>.</p><p>Not [elsewhere](https://evil.example).</p>',
  );
});
