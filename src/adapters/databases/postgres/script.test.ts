import { Readable } from "node:stream";
import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { quoteIdentifier, readIdentifier } from "./identifiers.ts";
import { databaseStatements, retarget } from "./properties.ts";
import { roleOf } from "./roles.ts";
import { connectedTo, readScript } from "./script-reader.ts";
import { renamedCluster } from "./cluster-script.ts";
import { statementsOf } from "./statements.ts";

const script = String.raw`--
-- PostgreSQL database dump
--
\restrict KEY
CREATE TABLE public.orders (
    id integer
);
CREATE UNLOGGED TABLE "odd ""s; --"."T FROM stdin;" (
    id integer
);
COPY public.spatial_ref_sys (srid) FROM stdin;
1000001
\.
COPY public.orders (id, note) FROM stdin;
1	COPY public.fake (id) FROM stdin;
2	-- PostgreSQL database dump complete
3	\\.
\.
COPY "odd ""s; --"."T FROM stdin;" (id) FROM stdin;
\.
--
-- PostgreSQL database dump complete
--

\unrestrict KEY

`;

/** In pieces of every size, as a pipe would deliver it. */
const inPieces = (text: string, size: number): Readable => {
  const bytes = Buffer.from(text);
  return Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    ),
  );
};

describe("a script of pg_dump", () => {
  it("is read to its end mark, and its rows are counted, however it is cut into chunks", async () => {
    for (const size of [1, 7, 64, 100_000]) {
      expect(await readScript(inPieces(script, size))).toEqual({
        counts: { "public.orders": 3, 'odd "s; --.T FROM stdin;': 0 },
        databases: [],
        filled: new Set(),
        complete: true,
      });
    }
  });

  it("is not complete when it is cut anywhere before its end mark", async () => {
    const end = script.lastIndexOf("complete\n") + "complete".length;
    for (let length = 0; length <= end; length += 1) {
      expect((await readScript(inPieces(script.slice(0, length), 50))).complete, `cut at ${length}`).toBe(false);
    }
  });

  it("is split into statements at semicolons that end one", () => {
    const text = `-- a; comment\nCREATE ROLE "a;b";\n\\restrict k;\nALTER ROLE x PASSWORD 'it''s; "x"';\nDO $q$ a; b $q$;\nSET x = E'\\';'`;
    expect(statementsOf(text)).toEqual([
      `CREATE ROLE "a;b"`,
      `ALTER ROLE x PASSWORD 'it''s; "x"'`,
      "DO $q$ a; b $q$",
      `SET x = E'\\';'`,
    ]);
  });

  it("has its database renamed in every statement about it, and in no other", () => {
    const statements = databaseStatements(
      `CREATE DATABASE shop WITH TEMPLATE = template0; ALTER DATABASE shop OWNER TO "x y"; CREATE TABLE shop (id int);
       REVOKE CONNECT,TEMPORARY ON DATABASE shop FROM PUBLIC; ALTER ROLE "x y" IN DATABASE shop SET a TO 'b'`,
      'new "one',
    );
    expect(statements).toEqual([
      `CREATE DATABASE "new ""one" WITH TEMPLATE = template0`,
      `ALTER DATABASE "new ""one" OWNER TO "x y"`,
      `REVOKE CONNECT,TEMPORARY ON DATABASE "new ""one" FROM PUBLIC`,
      `ALTER ROLE "x y" IN DATABASE "new ""one" SET a TO 'b'`,
    ]);
    expect(retarget("ALTER DATABASE other SET a TO 'b'")?.database).toBe("other");
  });

  it("tells which role a statement is about", () => {
    expect(roleOf(`CREATE ROLE "a ""b"`)).toBe(`a "b`);
    expect(roleOf("ALTER ROLE x WITH LOGIN PASSWORD 'y'")).toBe("x");
    expect(roleOf(`GRANT "the group" TO member WITH INHERIT TRUE GRANTED BY postgres`)).toBe("member");
    expect(roleOf("GRANT SELECT ON TABLE t TO x")).toBeUndefined();
  });
});

describe("a script of pg_dumpall", () => {
  const cluster = String.raw`CREATE ROLE x;
\connect template1
COMMENT ON DATABASE template1 IS 'x';
CREATE DATABASE shop WITH TEMPLATE = template0;
ALTER DATABASE shop OWNER TO x;
\connect shop
ALTER DATABASE shop SET a TO 'b';
COPY public.t (id) FROM stdin;
ALTER DATABASE shop
\connect elsewhere
\.
SELECT 1;
\connect -reuse-previous=on "dbname='it''s'"
SELECT 2;
`;

  it("tells which databases it fills, also when it is a table of an extension", async () => {
    const text = String.raw`\connect a
CREATE TABLE public.t (
COPY public.t (id) FROM stdin;
1
\.
\connect b
COPY public.t (id) FROM stdin;
1
\.
\connect c
`;
    const { counts, databases, filled } = await readScript(inPieces(text, 9));
    expect(counts).toEqual({ "a/public.t": 1 });
    expect(databases).toEqual(["a", "b", "c"]);
    expect(filled).toEqual(new Set(["a", "b"]));
  });

  it("is rewritten to other names, outside of its data, and without what is not wanted", async () => {
    for (const size of [3, 100_000]) {
      const parts: Buffer[] = [];
      for await (const chunk of inPieces(cluster, size).pipe(renamedCluster(new Map([["shop", "new"]])))) {
        parts.push(chunk as Buffer);
      }
      expect(Buffer.concat(parts).toString()).toBe(String.raw`CREATE DATABASE "new" WITH TEMPLATE = template0;
ALTER DATABASE "new" OWNER TO x;
\connect -reuse-previous=on "dbname='new'"
ALTER DATABASE "new" SET a TO 'b';
COPY public.t (id) FROM stdin;
ALTER DATABASE shop
\connect elsewhere
\.
SELECT 1;
`);
    }
  });

  it("names its databases in both of psql's ways", () => {
    expect(connectedTo(String.raw`\connect shop`)).toBe("shop");
    expect(connectedTo(String.raw`\connect "my shop"`)).toBe("my shop");
    expect(connectedTo(String.raw`\connect -reuse-previous=on "dbname='a\\b\'c""d'"`)).toBe(String.raw`a\b'c"d`);
  });
});

it("reads back every identifier that it quotes", () => {
  assert(
    property(string({ minLength: 1 }), (name) => {
      expect(readIdentifier(`${quoteIdentifier(name)}.x`)).toEqual({ name, rest: ".x" });
    }),
  );
});
