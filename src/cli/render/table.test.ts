import { expect, it } from "vitest";
import type { Look } from "./look.ts";
import { table } from "./table.ts";
import { widthOf } from "./text.ts";

const look: Look = { color: false, unicode: true, columns: 40 };

it("aligns columns, numbers to the right", () => {
  const lines = table(
    look,
    [{ title: "app" }, { title: "files", align: "right" }],
    [
      ["immich", "12,410"],
      ["gitea", "7"],
    ],
  );
  expect(lines).toEqual(["app      files", "immich  12,410", "gitea        7"]);
});

it("cuts what may be cut, and leaves the rest whole", () => {
  const [line = ""] = table(
    look,
    [{ cut: "middle" }, {}],
    [["/srv/immich/upload/library/admin/2024/img.jpg", "12.4 GiB"]],
  );
  expect(widthOf(line)).toBeLessThanOrEqual(40);
  expect(line).toMatch(/^\/srv\/.*….*img\.jpg {2}12\.4 GiB$/);
});

it("drops optional columns when cutting is not enough, and gives the others their width back", () => {
  const lines = table(
    look,
    [{ cut: "end", least: 10 }, { optional: true }, {}],
    [["paperless-documents-x", "2026-11-20 02:14 exactly", "here"]],
  );
  expect(lines).toEqual(["paperless-documents-x  here"]);
});

it("leaves out columns that are empty throughout", () => {
  expect(table(look, [{}, {}, {}], [["a", "", "b"]])).toEqual(["a  b"]);
});

it("keeps the alignment under colours", () => {
  const rows = [
    [{ text: "ok", tone: "good" as const }, "x"],
    [{ text: "failed", tone: "failed" as const }, "y"],
  ];
  const [first = "", second = ""] = table({ ...look, color: true }, [{}, {}], rows);
  expect(widthOf(first)).toBe(widthOf(second));
  expect(first).toContain("\u001b[32m");
});
