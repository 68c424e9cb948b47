import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { quoteOption } from "./connection.ts";
import { withDefiners } from "./definers.ts";
import { withoutSandboxLine } from "./sandbox-line.ts";

/** The text in pieces of `size` bytes. */
function pieces(text: string, size: number): Buffer[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

describe.each([1, 3, 10_000])("in pieces of %i bytes", (size) => {
  test.each([
    [
      "MariaDB's sandbox line is left out",
      "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump\nöx",
      "-- MariaDB dump\nöx",
    ],
    ["the line is kept anywhere else", "-- dump\n/*M!999999\\- enable the sandbox mode */ \nx", undefined],
    ["another comment is kept", "/*M!100616 SET x */\n-- dump\n", undefined],
    ["what is shorter than the line is kept", "/*M!", undefined],
    ["nothing stays nothing", "", undefined],
  ])("%s", async (_name, text, expected = text) => {
    const out = await buffer(Readable.from(pieces(text, size)).pipe(withoutSandboxLine()));
    expect(out.toString()).toBe(expected);
  });

  test("definers that are not to be kept are replaced, and nothing else is touched", async () => {
    const text = [
      "CREATE DEFINER=`gone`@`%` PROCEDURE `p`()",
      "/*!50013 DEFINER=`gone`@`%` SQL SECURITY DEFINER */",
      "/*!50003 CREATE*/ /*!50017 DEFINER=`we``ird`@`lan`*/ /*!50003 TRIGGER t",
      "/*!50106 CREATE*/ /*!50117 DEFINER=`root`@`localhost`*/ /*!50106 EVENT e",
      "CREATE TABLE `CREATE DEFINER=` (",
      "INSERT INTO `t` VALUES ('CREATE DEFINER=`gone`@`%`ö'),",
      "('/*!50013 DEFINER=`gone`@`%`');",
      "C",
    ].join("\n");
    const replaced = new Set<string>();
    const out = await buffer(withDefiners(Readable.from(pieces(text, size)), new Set(["root@localhost"]), replaced));
    expect(out.toString()).toBe(
      text
        .replace("CREATE DEFINER=`gone`@`%` PROCEDURE", "CREATE DEFINER=CURRENT_USER PROCEDURE")
        .replace("/*!50013 DEFINER=`gone`@`%` SQL", "/*!50013 DEFINER=CURRENT_USER SQL")
        .replace("DEFINER=`we``ird`@`lan`*/", "DEFINER=CURRENT_USER*/"),
    );
    expect([...replaced]).toEqual(["gone@%", "we`ird@lan"]);
  });
});

test("values of an option file keep their quotes, backslashes and hashes", () => {
  expect(quoteOption(String.raw`it's "a" # \ x`)).toBe(String.raw`"it's \"a\" # \\ x"`);
});
