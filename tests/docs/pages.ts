import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

export interface Page {
  /** From the root of the project, such as `docs/restore.md`. */
  path: string;
  text: string;
}

/** A part of a page, and where it begins. */
export interface Piece {
  /** `docs/restore.md:12` */
  place: string;
  text: string;
}

/** The pages that people read: README.md and all of docs/. */
export const pages: readonly Page[] = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
].map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

/** The fenced blocks of a language; blocks that stand in a list lose its indentation. */
export function blocks({ path, text }: Page, language: string): Piece[] {
  const fence = new RegExp(String.raw`^( *)\`\`\`${language}\n(.*?)^\1\`\`\`$`, "gms");
  return [...text.matchAll(fence)].map(({ index, 1: indent = "", 2: body = "" }) => ({
    place: `${path}:${lineAt(text, index) + 1}`,
    text: body.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

/** Each line of the blocks of a language. */
export function lines(page: Page, language: string): Piece[] {
  return blocks(page, language).flatMap(({ place, text }) => {
    const [, first = "0"] = place.split(":");
    return text.split("\n").map((line, index) => ({ place: `${page.path}:${Number(first) + index}`, text: line }));
  });
}

/** What stands between backticks in the running text. */
export function codeSpans(page: Page): Piece[] {
  return matches(page, /`([^`\n]+)`/g);
}

/** Where the links lead to. */
export function links(page: Page): Piece[] {
  return matches(page, /\]\(([^)\s]+)\)/g);
}

/** The anchors that a page's headings get, as GitHub makes them. */
export function anchors(page: Page): string[] {
  return [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function matches(page: Page, pattern: RegExp): Piece[] {
  const text = prose(page);
  return [...text.matchAll(pattern)].map(({ index, 1: found = "" }) => ({
    place: `${page.path}:${lineAt(text, index)}`,
    text: found,
  }));
}

/** The text without its fenced blocks, of which empty lines stay. */
function prose({ text }: Page): string {
  return text.replaceAll(/^( *)```.*?^\1```$/gms, (block) => block.replaceAll(/[^\n]/g, ""));
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
