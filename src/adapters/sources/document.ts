import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type YAMLMap,
} from "yaml";
import { problem, type Problem } from "../../base/errors/error.ts";

export type Path = readonly (string | number)[];

/** A text in YAML or JSON of which every value's place is known. */
export interface SourceDocument {
  /** Syntax errors; with any of them the rest is not to be trusted. */
  problems: Problem[];
  root: Node | null;
  /** Members of a map in the order of the file, merge keys included; undefined when it is no map. */
  members(node: Node | null): Member[] | undefined;
  /** The plain value of a node; a problem when an alias in it leads nowhere or explodes. */
  plain(node: Node | null, path: Path): { value: unknown } | { problem: Problem };
  /** Keys that stand twice in one map, anywhere at or below `node`. */
  duplicates(node: Node | null, path: Path): Problem[];
  /** `FILE:LINE:COLUMN PATH` of a value, or of what is nearest above it; with `key`, of the key itself. */
  place(path: Path, at?: "value" | "key"): string;
}

export interface Member {
  key: string;
  keyNode: Node;
  value: Node | null;
}

/** What the parser's codes mean. Its own sentences quote the text, which may hold a secret. */
const syntaxErrors: Readonly<Record<string, [expected: string, found: string]>> = {
  TAB_AS_INDENT: ["spaces for indentation", "a tab"],
  BAD_INDENT: ["every entry of a list or map at the same depth", "other indentation"],
  MISSING_CHAR: ["the end of a quoted text, list or map", "none"],
  MULTILINE_IMPLICIT_KEY: ["a key and its colon on one line", "a line break"],
  BLOCK_AS_IMPLICIT_KEY: ["a simple text as key", "a nested map or list (is a line break missing?)"],
  MULTIPLE_DOCS: ["one document", "several, divided by ---"],
  BAD_ALIAS: ["an alias such as *name", "something else after *"],
  DUPLICATE_KEY: ["each key once", "a key that stands twice"],
  UNEXPECTED_TOKEN: [
    "YAML",
    "something that does not belong here (quote texts that hold : # { } [ ] or begin with @ ` %)",
  ],
  BAD_DQ_ESCAPE: ["a known escape in double quotes", "an unknown one (use single quotes to take \\ as it is)"],
  BAD_SCALAR_START: ["a value", "a character that must be quoted"],
  IMPOSSIBLE: ["YAML", "something that cannot be read"],
};

/** As JavaScript's objects hold it: `007:` and `null:` are texts there. */
function keyText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Parses `text`; positions in messages are those in `name`, which is a file or a variable (then lines are left out). */
export function parseSource(text: string, name: string, options: { lines: boolean; help: string }): SourceDocument {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false, merge: true });
  const spot = (offset: number | undefined): string => {
    const { line, col } = counter.linePos(offset ?? 0);
    return options.lines ? `${name}:${line}:${col}` : name;
  };
  const invalid = (place: string, expected: string, found: string): Problem =>
    problem("HF_CONFIG_INVALID", { place, expected, found, suggestion: options.help });

  const place: SourceDocument["place"] = (path, at = "value") => {
    const { node, key } = walk(document, path);
    const offset = (at === "key" ? key : (node ?? key))?.range?.[0];
    return [spot(offset), dotted(path)].filter((part) => part !== "").join(" ");
  };
  return {
    problems: document.errors.map((error) => {
      const [expected, found] = syntaxErrors[error.code] ?? ["YAML", `a mistake (${error.code})`];
      return invalid(spot(error.pos[0]), expected, found);
    }),
    root: document.contents,
    members: (node) => membersOf(document, node),
    plain: (node, path) => {
      try {
        return { value: node === null ? null : node.toJS(document, { maxAliasCount: 100 }) };
      } catch (error) {
        // Thrown for aliases without an anchor and for those that expand without bound.
        if (!(error instanceof ReferenceError)) throw error;
        return {
          problem: invalid(place(path), "aliases of anchors that stand above them, at most 100 times", "another alias"),
        };
      }
    },
    duplicates: (node, path) =>
      duplicatesBelow(node, path).map(({ key, keyNode, path: inside }) =>
        invalid(
          `${spot(keyNode.range?.[0])} ${dotted([...inside, key])}`,
          "each key once",
          `"${key}" for the second time`,
        ),
      ),
    place,
  };
}

/** `apps.immich.paths[0]`. */
export function dotted(path: Path): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${part}`))
    .join("");
}

function resolved(document: Document, node: Node | null): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

function ownMembers(map: YAMLMap): Member[] {
  return map.items.flatMap(({ key, value }) => {
    if (!isNode(key)) return [];
    return [{ key: isScalar(key) ? keyText(key.value) : "", keyNode: key, value: isNode(value) ? value : null }];
  });
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

function isMergeKey({ keyNode }: Member): boolean {
  return isScalar(keyNode) && keyNode.type === "PLAIN" && keyNode.source === "<<";
}

/** `outer` holds the maps that are being merged: a map may name itself. */
function membersOf(document: Document, node: Node | null, outer: readonly Node[] = []): Member[] | undefined {
  const map = resolved(document, node);
  if (!isMap(map) || outer.includes(map)) return undefined;
  const all = ownMembers(map);
  const own = all.filter((member) => !isMergeKey(member));
  const merged = all.filter(isMergeKey).flatMap(({ value }) => {
    const from = resolved(document, value);
    const maps = isSeq(from) ? from.items.filter(isNode) : [from];
    return maps.flatMap((one) => membersOf(document, one, [...outer, map]) ?? []);
  });
  const seen = new Set(own.map(({ key }) => key));
  return [...own, ...merged.filter(({ key }) => !seen.has(key) && seen.add(key))];
}

/** The node at `path` and its key's node; of the deepest one that exists when the path goes beyond. */
function walk(document: Document, path: Path): { node: Node | null; key: Node | null } {
  let node: Node | null = document.contents;
  let key: Node | null = null;
  for (const part of path) {
    const here = resolved(document, node);
    if (isSeq(here)) {
      const item = here.items[Number(part)];
      if (!isNode(item)) break;
      [node, key] = [item, item];
      continue;
    }
    const member = membersOf(document, here)?.find((one) => one.key === String(part));
    if (member === undefined) break;
    [node, key] = [member.value, member.keyNode];
  }
  return { node, key };
}

function duplicatesBelow(node: Node | null, path: Path): (Member & { path: Path })[] {
  if (isSeq(node))
    return node.items.flatMap((item, index) => (isNode(item) ? duplicatesBelow(item, [...path, index]) : []));
  if (!isMap(node)) return [];
  const seen = new Set<string>();
  return ownMembers(node).flatMap((member) => {
    const twice = seen.has(member.key) && !isMergeKey(member);
    seen.add(member.key);
    return [...(twice ? [{ ...member, path }] : []), ...duplicatesBelow(member.value, [...path, member.key])];
  });
}
