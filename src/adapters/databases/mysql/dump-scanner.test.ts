import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DumpScanner, type ScannedDump } from "./dump-scanner.ts";

/** Feeds the dump in pieces of `size` bytes. */
function scan(text: string, { size = 7, qualified = false } = {}): ScannedDump {
  const bytes = Buffer.from(text);
  const scanner = new DumpScanner(qualified);
  for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size));
  return scanner.end();
}

const begin = "-- MariaDB dump\n/*!40101 SET NAMES utf8mb4 */;\n\n--\n";
const shop = "-- Current Database: `shop`\n--\n\nCREATE DATABASE `shop`;\n\nUSE `shop`;\n";
const end = "\n-- Dump completed on 2026-01-02  3:04:05\n";

describe("rows", () => {
  test("are counted in MariaDB's form, a row per line, and in MySQL's, all on one", () => {
    const rows = "(1,'a'),(2,NULL),(3,0x00ff)";
    for (const values of [`VALUES\n${rows.replaceAll("),(", "),\n(")}`, `VALUES ${rows}`]) {
      expect(scan(`${begin}${shop}INSERT INTO \`t\` ${values};\n${end}`).counts).toEqual({ t: 3 });
    }
  });

  test("are counted over several statements, and a table without any has none", () => {
    const text =
      "CREATE TABLE `t` (\n  `id` int\n);\nCREATE TABLE `none` (\n);\nINSERT INTO `t` VALUES (1);\nINSERT INTO `t` VALUES (2),(3);\n";
    expect(scan(begin + shop + text + end).counts).toEqual({ t: 3, none: 0 });
  });

  test("are not taken from what looks like rows within strings, names and lists of columns", () => {
    const text = String.raw`INSERT INTO ${"`a``VALUES (` (`x`, `VALUES`)"} VALUES ('),(\'\\'),(';\n('),('(((');` + "\n";
    expect(scan(begin + shop + text + end).counts).toEqual({ "a`VALUES (": 3 });
  });

  test("are not taken from the bodies of routines", () => {
    const text =
      "DELIMITER ;;\nCREATE PROCEDURE p()\nBEGIN\nINSERT INTO `t` VALUES (1),(2);\nEND ;;\nDELIMITER ;\nINSERT INTO `t` VALUES (1);\n";
    expect(scan(begin + shop + text + end).counts).toEqual({ t: 1 });
  });

  test("are counted right for any text, in pieces of any size", () => {
    const escaped = (text: string): string =>
      text.replaceAll(/[\\'\n\r\0]/g, (found) => `\\${{ "\n": "n", "\r": "r", "\0": "0" }[found] ?? found}`);
    const texts = fc.array(
      fc.array(fc.string({ unit: fc.constantFrom("'", "\\", "(", ")", ",", ";", "\n", "`", "é", "a") }), {
        minLength: 1,
        maxLength: 3,
      }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 2000 }), fc.boolean(), (rows, size, lines) => {
        const values = rows.map((row) => `(${row.map((text) => `'${escaped(text)}'`).join(",")})`);
        const statement = `INSERT INTO \`t\` VALUES${lines ? "\n" : " "}${values.join(lines ? ",\n" : ",")};\n`;
        const found = scan(begin + shop + statement + end, { size });
        return found.counts["t"] === rows.length && found.complete;
      }),
      { numRuns: 500 },
    );
  });
});

test("only a dump with its end mark as the last thing is complete", () => {
  const whole = `${begin}${shop}INSERT INTO \`t\` VALUES (1);\n${end}`;
  expect(scan(whole).complete).toBe(true);
  expect(scan(whole.slice(0, -45)).complete).toBe(false);
  expect(scan("").complete).toBe(false);
  expect(scan(`${begin}${shop}INSERT INTO \`t\` VALUES ('\\n-- Dump completed');\n`).complete).toBe(false);
  expect(scan(`${whole}INSERT INTO \`t\` VALUES (1);\nUNLOCK TABLES;\n`).complete).toBe(false);
});

test("the parts of every database are found again by their bytes", () => {
  const events = "-- Dumping events for database 'shop'\nEVENTS\n";
  const routines = "-- Dumping routines for database 'shop'\nROUTINES\n--\n";
  const other = "-- Current Database: `ot``her`\n--\nUSE `ot``her`;\n";
  const views = "-- Current Database: `shop`\n--\nUSE `shop`;\nVIEWS\n";
  const text = `${begin}${shop}TABLES\n${events}${routines}${other}ÖTHER\n--\n${views}${end}`;
  const found = scan(text);
  const bytes = Buffer.from(text);
  const at = ({ start, end: stop }: { start: number; end: number }): string => bytes.subarray(start, stop).toString();
  expect(at(found.preamble)).toBe(begin);
  expect(
    found.databases.map(({ name, body, events: part }) => ({ name, body: body.map(at), events: part.map(at) })),
  ).toEqual([
    { name: "shop", body: ["TABLES\n", routines, `VIEWS\n${end}`], events: [events] },
    { name: "ot`her", body: ["ÖTHER\n--\n"], events: [] },
  ]);
});

test("what the dump program was not allowed to read is told", () => {
  const text = `${begin}${shop}-- insufficient privileges to SHOW CREATE PROCEDURE \`p\`\n${end}`;
  expect(scan(text).withheld).toEqual(["insufficient privileges to SHOW CREATE PROCEDURE `p`"]);
});
