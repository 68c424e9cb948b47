import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { bytesOfName, systemPath } from "../../src/base/files/names.ts";
import { walk } from "../../src/base/files/walk.ts";
import { childEnvironment } from "../../src/base/process/environment.ts";
import { execute } from "../../src/base/process/execute.ts";
import { compile } from "../../src/domain/excludes/compile.ts";
import { binaries } from "../support/binaries.ts";
import { rounds } from "../support/effort.ts";
import { suiteFolder } from "../support/folders.ts";
import { cheapen } from "../retention/sealed-repository.ts";

const cases = rounds({ short: 100, long: 3000 });

/** Names that patterns are likely to trip over; the last is not UTF-8. */
const awkward = [
  "a",
  "b",
  "ab",
  "A",
  "cache",
  "Cache",
  ".hidden",
  "x.log",
  "y.log",
  "*",
  "?",
  "[",
  "[a]",
  "]",
  "a]",
  "-a",
  "^",
  "\\",
  "a\\b",
  "!a",
  " ",
  "a b",
  "**",
  "...",
  "ü",
  "日本",
  "#a",
  "$HOME",
  "~",
  "{a,b}",
  "new\nline",
  '"q"',
  "😀",
  "\udcff",
  "a\udcfe.log",
];

describe("excludes, with the real restic as oracle", () => {
  const folder = suiteFolder();
  let root: string;
  let repository: string;

  const call = async (args: string[]): Promise<string[]> => {
    const lines: string[] = [];
    const environment = childEnvironment({
      RESTIC_REPOSITORY: repository,
      RESTIC_PASSWORD: "oracle",
      RESTIC_CACHE_DIR: join(folder(), "cache"),
    });
    const exit = await execute(
      { argv: [binaries.restic.sid, ...args], env: environment },
      { onLine: (line) => lines.push(line) },
    );
    if (exit.code !== 0) throw new Error(`restic ${args.join(" ")}: ${exit.stderr}`);
    return lines;
  };

  /** What restic would take, and how many files and bytes it counts. */
  const ask = async (patterns: string[]): Promise<{ items: string[]; files: number; bytes: number }> => {
    const options = ["--dry-run", "-vv", "--json", "--no-lock", "--no-cache", "--force"];
    const lines = await call(["backup", ...options, root, ...patterns.map((pattern) => `--exclude=${pattern}`)]);
    const messages = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const items = messages
      .filter((message) => message["message_type"] === "verbose_status" && message["action"] === "new")
      .map((message) => String(message["item"]))
      .filter((item) => item.startsWith(`${root}/`) && item !== `${root}/`);
    const summary = messages.find((message) => message["message_type"] === "summary");
    return {
      items: items.sort(),
      files: Number(summary?.["total_files_processed"]),
      bytes: Number(summary?.["total_bytes_processed"]),
    };
  };

  beforeAll(async () => {
    root = join(folder(), "tree");
    repository = join(folder(), "repository");
    buildTree(root);
    await call(["init"]);
    await cheapen(repository, "oracle");
  });

  it("leaves out exactly what restic leaves out, and counts as it does", { timeout: 1_800_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pattern, { minLength: 1, maxLength: 5 }), async (written) => {
        const patterns = written.map((text) => text.replace("ROOT", root));
        const theirs = await ask(patterns);
        const taken: string[] = [];
        const excluded = compile(patterns);
        const walked = await walk([root], (path, isFolder) => {
          const out = excluded(path);
          if (!out) taken.push(inMessages(isFolder ? `${path}/` : path));
          return out;
        });
        // restic names no symbolic links in its messages.
        expect(taken.filter((item) => !item.endsWith("/a-link")).sort()).toEqual(theirs.items);
        expect({ files: walked.files, bytes: walked.bytes }).toEqual({ files: theirs.files, bytes: theirs.bytes });
      }),
      { numRuns: cases },
    );
  });

  it("refuses the patterns that restic refuses, and no others", async () => {
    const doubtful = [
      "[",
      "a[",
      "[]",
      "[]a]",
      "[^]",
      "[a-]",
      "[-a]",
      "[a",
      "\\",
      "a\\",
      "[\\]",
      "[a-b-c]",
      "x/[/y",
      "![",
    ];
    const sound = ["[a]", "[^a]", "a]", "\\[", "[\\]]", "[a\\-]", "[!a]", "[[]", "**", "!", "[z-a]", "[^^]", "{a,b}"];
    for (const text of [...doubtful, ...sound]) {
      let ours = true;
      try {
        compile([text]);
      } catch {
        ours = false;
      }
      const theirs = await ask([text]).then(
        () => true,
        () => false,
      );
      expect({ text, accepted: ours }).toEqual({ text, accepted: theirs });
    }
  });
});

/** Two levels of all awkward names, and a few deep folders. */
function buildTree(root: string): void {
  const file = (path: string): void => writeFileSync(systemPath(path), path.slice(root.length));
  for (const [index, name] of awkward.entries()) {
    const folder = `${root}/${name}`;
    mkdirSync(systemPath(folder), { recursive: true });
    for (const [other, inner] of awkward.entries()) {
      if ((index + other) % 4 === 0) file(`${folder}/${inner}`);
    }
  }
  for (const path of ["a/b/cache/x.log", "cache/b/a/ab", "a/a/a/b", "x/a/y/b/z.log", "b/c/d/e", ".hidden/a/b"]) {
    mkdirSync(join(root, "b", "deep", path, ".."), { recursive: true });
    file(join(root, "b", "deep", path));
  }
  linkSync(join(root, "b", "deep", "b", "c", "d", "e"), join(root, "b", "deep", "hard"));
  symlinkSync("a", join(root, "b", "a-link"));
}

/** restic's JSON shows every byte that is not UTF-8 as U+FFFD. */
const inMessages = (path: string): string => bytesOfName(path).toString("utf8");

const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...awkward.filter((name) => !name.includes("[") && !name.includes("\\") && !/[\udc80-\udcff]/u.test(name)),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "*",
      "**",
      "?",
      "??",
      "*.log",
      "a*",
      "*a",
      "*a*",
      "[ab]",
      "[^a]",
      "[a-c]b",
      "\\*",
      "\\?",
      "\\[",
      "\\[a\\]",
      "[[]",
      "a\\\\b",
      "[\\]]",
      "[^^]",
      "[!a]",
      "?.log",
      "*.*",
      "c*e",
      ".*",
      "[A-Z]*",
      "[\u0080-\uffff]*",
      "[^\u0001-\u007f]*",
      "[\ufffd]*",
      "*[^\ufffd]",
      "\\!a",
      "\\\\",
      "***",
      "**a",
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(".", "..", "") },
);
const pattern = fc
  .tuple(
    fc.constantFrom("", "", "", "", "!", "!"),
    fc.constantFrom("", "", "", "ROOT/", "ROOT/", "ROOT/**/", "/", "/**/", "**/", "./", "tree/"),
    fc.array(piece, { minLength: 1, maxLength: 4 }),
    fc.constantFrom("", "", "", "/", "/**", "/*", "//"),
  )
  .map(([negation, start, pieces, end]) => `${negation}${start}${pieces.join("/")}${end}`)
  // Most of these exclude the whole tree, which tells little.
  .filter((text) => !/^(\/|\*\*\/)?\*{1,3}(\/\**)*$/.test(text));
