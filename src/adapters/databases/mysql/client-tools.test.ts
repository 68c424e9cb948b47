import { describe, expect, test } from "vitest";
import { parseVersion, toolsFor, type ClientTools } from "./client-tools.ts";

const tools = (text: string): ClientTools => {
  const version = parseVersion(text);
  return { version, dump: `${version.flavour}-dump-tool`, client: version.flavour };
};

test.each([
  ["mariadb-dump  Ver 10.19 Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)", "mariadb", "10.11.19"],
  ["mariadb-dump from 11.8.2-MariaDB, client 10.19 for Linux (x86_64)", "mariadb", "11.8.2"],
  ["mysqldump  Ver 8.4.3 for Linux on x86_64 (MySQL Community Server - GPL)", "mysql", "8.4.3"],
  ["mysqldump  Ver 10.13 Distrib 5.7.44, for linux-glibc2.12 (x86_64)", "mysql", "5.7.44"],
  ["10.11.19-MariaDB-0+deb12u1", "mariadb", "10.11.19"],
  ["5.5.5-10.6.18-MariaDB", "mariadb", "10.6.18"],
  ["8.0.39-0ubuntu0.22.04.1", "mysql", "8.0.39"],
])("reads the version in %s", (text, flavour, number) => {
  expect(parseVersion(text)).toEqual({ flavour, number });
});

describe("the tools for a server", () => {
  const mariadbTools = tools("mariadb-dump from 11.8.2-MariaDB");
  const mysqlTools = tools("mysqldump  Ver 8.4.3");

  test("are those of its own kind", () => {
    expect(toolsFor([mariadbTools, mysqlTools], parseVersion("8.4.3"), "shop")).toBe(mysqlTools);
    expect(toolsFor([mysqlTools, mariadbTools], parseVersion("10.6.1-MariaDB"), "shop")).toBe(mariadbTools);
  });

  test("are the others where its own are not installed, or too old", () => {
    expect(toolsFor([mariadbTools], parseVersion("8.4.3"), "shop")).toBe(mariadbTools);
    const old = tools("mysqldump  Ver 10.13 Distrib 5.7.44");
    expect(toolsFor([old, mariadbTools], parseVersion("8.4.3"), "shop")).toBe(mariadbTools);
  });

  test.each([
    ["mysqldump  Ver 10.13 Distrib 5.7.44", "8.0.39", "8.0"],
    ["mysqldump  Ver 10.15 Distrib 10.1.48-MariaDB", "10.11.6-MariaDB", "10.3"],
  ])("%s is refused for %s", (client, server, needed) => {
    expect(() => toolsFor([tools(client)], parseVersion(server), "shop")).toThrow(
      expect.objectContaining({
        code: "HF_CLIENT_TOO_OLD",
        problem: expect.objectContaining({ params: expect.objectContaining({ needed }) }),
      }),
    );
  });
});
