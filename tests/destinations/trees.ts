import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, readlinkSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const slash = Buffer.from("/");

/** Folders, links, an empty file, one of several megabytes, and names that break careless programs. */
export function plantTree(folder: string): void {
  mkdirSync(join(folder, "deep/er [and] *odd?"), { recursive: true });
  writeFileSync(join(folder, "large.bin"), randomBytes(3_000_000));
  writeFileSync(join(folder, "empty"), "");
  for (const name of oddNames) writeFileSync(join(folder, name), `content of ${name}`);
  writeFileSync(join(folder, "deep/er [and] *odd?/file \\ here"), "deep");
  writeFileSync(join(folder, "deep/er [and] *odd?/other"), "beside it");
  writeFileSync(Buffer.concat([Buffer.from(folder), slash, invalidUtf8]), "bytes");
  symlinkSync("empty", join(folder, "link"));
}

export const oddNames = [
  "two\nlines",
  `"double" and 'single'`,
  "-dash",
  "--exclude=x",
  "$HOME",
  "#hash",
  " blank ",
  "ünï\u2028code",
];
const invalidUtf8 = Buffer.from([0x62, 0xff, 0xfe, 0x0a, 0x64]);

/** Every entry with its type and content; equal for equal trees, whatever their names are made of. */
export function contentOf(folder: string | Buffer, under = ""): Map<string, string> {
  const found = new Map<string, string>();
  const base = Buffer.from(folder);
  for (const name of readdirSync(base, { encoding: "buffer" })) {
    const path = Buffer.concat([base, slash, name]);
    const key = `${under}/${name.toString("latin1")}`;
    const stats = lstatSync(path);
    if (stats.isDirectory()) {
      found.set(key, "folder");
      for (const [below, content] of contentOf(path, key)) found.set(below, content);
    } else if (stats.isSymbolicLink()) found.set(key, `link ${readlinkSync(path)}`);
    else found.set(key, `file ${readFileSync(path).toString("latin1")}`);
  }
  return found;
}
