import { Transform } from "node:stream";
import { quoteIdentifier } from "./identifiers.ts";
import { conninfo } from "./connection.ts";
import { retarget } from "./properties.ts";
import { connectedTo } from "./script-reader.ts";

const newline = 10;

/**
 * Rewrites a script of pg_dumpall so that each database of `names` is loaded under its new name. What stands before
 * the first database (roles, tablespaces) and the databases that are not in `names` are left out.
 */
export function renamedCluster(names: ReadonlyMap<string, string>): Transform {
  const created = new Set<string>();
  let rest = Buffer.alloc(0);
  let inData = false;
  let wanted = false;
  let inDatabase = false;

  const definition = (line: string): string => {
    if (line.startsWith("\\connect ")) {
      const database = connectedTo(line);
      const name = names.get(database);
      inDatabase = true;
      wanted = name !== undefined;
      if (name === undefined) return "";
      // The server's own databases are dumped without a statement that creates them.
      const create = created.has(database) ? "" : `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0;\n`;
      created.add(database);
      return `${create}\\connect -reuse-previous=on ${psqlQuoted(conninfo(name))}\n`;
    }
    const about = retarget(line);
    if (about === undefined) return wanted && inDatabase ? `${line}\n` : "";
    const name = names.get(about.database);
    if (name === undefined) return "";
    if (line.startsWith("CREATE DATABASE ")) created.add(about.database);
    return `${about.as(name)}\n`;
  };

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const out: (Buffer | string)[] = [];
      let start = 0;
      for (let end = text.indexOf(newline); end !== -1; end = text.indexOf(newline, start)) {
        if (inData) {
          inData = !(end - start === 2 && text[start] === 0x5c && text[start + 1] === 0x2e);
          if (wanted) out.push(text.subarray(start, end + 1));
        } else {
          const line = text.toString("utf8", start, end);
          inData = line.startsWith("COPY ") && line.endsWith(" FROM stdin;");
          out.push(definition(line));
        }
        start = end + 1;
      }
      rest = Buffer.from(text.subarray(start));
      done(null, Buffer.concat(out.map((part) => (typeof part === "string" ? Buffer.from(part) : part))));
    },
  });
}

/** An argument of a psql command in double quotes. */
const psqlQuoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
