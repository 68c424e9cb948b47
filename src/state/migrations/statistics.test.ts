import { expect, it } from "vitest";
import { emptySqlite } from "../dialects/sqlite.ts";
import { migrate } from "./migrate.ts";

it("assumes something of every index that the migrations make, for each of its columns", async () => {
  const state = emptySqlite(":memory:");
  await migrate(state);
  const query = (text: string, ...values: string[]): unknown[][] =>
    state.connection
      .prepare<string[], unknown[]>(text)
      .raw()
      .all(...values);
  const made = query(
    "SELECT name FROM sqlite_master WHERE type = 'index' AND sql <> '' AND tbl_name NOT IN ('alerts')",
  );
  const columns = made.map(
    ([name]) => `${String(name)}: ${query("SELECT * FROM pragma_index_info(?)", String(name)).length}`,
  );
  const rows = query("SELECT idx, stat FROM sqlite_stat1");
  const assumed = rows.map(([name, stat]) => `${String(name)}: ${String(stat).split(" ").length - 1}`);
  expect(assumed.sort()).toEqual(columns.sort());
  await state.db.destroy();
});
