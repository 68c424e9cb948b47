import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { shellWords } from "../../src/adapters/sources/shell-words.ts";
import { readConfig } from "../../src/adapters/sources/yaml.ts";
import { isFailure, render } from "../../src/base/errors/error.ts";
import { choose } from "../../src/cli/choose.ts";
import { parse } from "../../src/cli/parse.ts";
import { registry } from "../../src/cli/registry.ts";
import { merge } from "../../src/domain/merge.ts";
import { systemApps, systemSource } from "../../src/domain/system.ts";
import { kinds } from "../config/kinds.ts";
import { anchors, blocks, codeSpans, lines, links, pages, type Page, type Piece } from "./pages.ts";

/** Written from the commands: its blocks show how each one is used, with `[APP…]` and `[options]`. */
const isUsage = ({ path }: Page): boolean => path === join("docs", "commands.md");

/** A block is a whole holdfast.yaml when it begins with one of its sections. */
const isConfiguration = ({ text }: Piece): boolean =>
  /^(#.*\n|\n)*(destinations|policies|apps|notifications):/.test(text);

const configurations = pages.flatMap((page) => blocks(page, "yaml")).filter(isConfiguration);

/** Holdfast's own apps are there without being declared. */
const ownApps = systemSource([
  {
    name: systemApps.database,
    origin: "built in",
    databases: [{ name: "state", type: "sqlite", spec: { path: "/var/lib/holdfast/state.db" } }],
  },
]);

interface CommandLine {
  place: string;
  line: string;
  argv: string[];
}

/** Command lines of blocks and of running text, without what a shell would make of the rest of the line. */
const commandLines: CommandLine[] = pages.flatMap((page) =>
  [...(isUsage(page) ? [] : lines(page, "sh")), ...codeSpans(page)].flatMap(({ place, text }) => {
    const words = shellWords(text).filter((word) => !/^[A-Z_]+=/.test(word));
    const end = words.findIndex((word) => ["|", ">", ";", "&&", "#"].includes(word));
    const [program = "", ...argv] = end === -1 ? words : words.slice(0, end);
    return program === "holdfast" || program === "bin/holdfast" ? [{ place, line: text.trim(), argv }] : [];
  }),
);

describe("the pages in docs/ and the README", () => {
  it("hold configurations and command lines, so that the tests below try something", () => {
    expect(configurations.length).toBeGreaterThan(15);
    expect(commandLines.length).toBeGreaterThan(60);
  });

  it("show configurations without mistakes", () => {
    const problems = configurations.flatMap(({ place, text }) => {
      const declared = readConfig(text, place, { kinds, device: "box" });
      return merge([{ rank: 1, declared }, ownApps], { home: "/var/lib/holdfast", device: "box" }).problems;
    });
    expect(problems.map((found) => render(found).message)).toEqual([]);
  });

  it("show command lines that are understood", async () => {
    const problems = await Promise.all(commandLines.map(misunderstood));
    expect(problems.filter((found) => found !== undefined)).toEqual([]);
  });

  it("link to pages, files and headings that are there", () => {
    const broken = pages.flatMap((page) =>
      links(page)
        .filter(({ text }) => !/^https?:/.test(text) && !leadsSomewhere(page, text))
        .map(({ place, text }) => `${place} ${text}`),
    );
    expect(broken).toEqual([]);
  });
});

function leadsSomewhere(from: Page, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from.path : join(dirname(from.path), path);
  const page = pages.find((one) => one.path === target);
  if (page === undefined) return anchor === undefined && existsSync(target);
  return anchor === undefined || anchors(page).includes(anchor);
}

async function misunderstood({ place, line, argv }: CommandLine): Promise<string | undefined> {
  try {
    const chosen = choose(argv);
    if (chosen.asks !== "run") return undefined;
    const command = await registry.find(({ name }) => name === chosen.name)?.load();
    if (command === undefined) return `${place} ${line}: no such command`;
    parse(command, chosen.rest);
    return undefined;
  } catch (error) {
    if (!isFailure(error, "HF_USAGE")) throw error;
    return `${place} ${line}: ${error.message}`;
  }
}
