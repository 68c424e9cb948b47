import { expect, test } from "vitest";
import { hiddenBy } from "./rights.ts";

const usage = "GRANT USAGE ON *.* TO `backup`@`%` IDENTIFIED BY PASSWORD '*…'";

test.each([
  [["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"], []],
  [[usage, "GRANT ALL PRIVILEGES ON `shop`.* TO `backup`@`%`"], []],
  [[usage, "GRANT SELECT, SHOW VIEW, EVENT, TRIGGER ON `shop`.* TO `backup`@`%`"], ["procedures and functions"]],
  [
    [
      usage,
      "GRANT SELECT, EVENT, TRIGGER ON `shop`.* TO `backup`@`%`",
      "GRANT SELECT ON `mysql`.`proc` TO `backup`@`%`",
    ],
    [],
  ],
  [["GRANT SELECT, LOCK TABLES ON *.* TO `backup`@`%`"], ["triggers"]],
  [["GRANT SHOW_ROUTINE ON *.* TO `backup`@`%`", "GRANT SELECT ON `shop`.* TO `backup`@`%`"], ["triggers"]],
  [
    [usage, "GRANT SELECT ON `other`.* TO `backup`@`%`"],
    ["procedures and functions", "triggers"],
  ],
  [[usage, "GRANT `readers` TO `backup`@`%`"], []],
])("%j hides %j", (grants, hidden) => {
  expect(hiddenBy(grants, ["shop"])).toEqual(hidden);
});
