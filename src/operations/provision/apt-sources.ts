import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One place that apt fetches packages from. */
export interface AptSource {
  uri: string;
  suite: string;
  components: readonly string[];
}

/** What apt on this machine is told to use: sources.list(5), the one-line files and the deb822 files. */
export async function readAptSources(folder = "/etc/apt"): Promise<AptSource[]> {
  const parts = join(folder, "sources.list.d");
  const names = await orEmpty(readdir(parts), []);
  const files = [join(folder, "sources.list"), ...names.toSorted().map((name) => join(parts, name))];
  const found: AptSource[] = [];
  for (const file of files) {
    if (file.endsWith(".list")) found.push(...parseOneLineSources(await orEmpty(readFile(file, "utf8"), "")));
    if (file.endsWith(".sources")) found.push(...parseDeb822Sources(await orEmpty(readFile(file, "utf8"), "")));
  }
  return found;
}

/** `deb [options] URI SUITE COMPONENT…`, one to a line. */
export function parseOneLineSources(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const words = line
      .replace(/#.*/, "")
      .replace(/^(\s*deb\s+)\[[^\]]*\]/, "$1")
      .trim()
      .split(/\s+/);
    const [type, uri, suite, ...components] = words;
    return type === "deb" && uri !== undefined && suite !== undefined ? [{ uri, suite, components }] : [];
  });
}

/** Stanzas of `Name: value` lines with continuation lines; a stanza may name several URIs and suites. */
export function parseDeb822Sources(text: string): AptSource[] {
  const withoutComments = text.replaceAll(/^#.*\n?/gm, "");
  return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = fieldsOf(stanza);
    const words = (name: string): string[] => (fields.get(name) ?? "").split(/\s+/).filter((word) => word !== "");
    if (!words("types").includes("deb") || ["no", "false", "0"].includes(fields.get("enabled")?.toLowerCase() ?? ""))
      return [];
    return words("uris").flatMap((uri) =>
      words("suites").map((suite) => ({ uri, suite, components: words("components") })),
    );
  });
}

function fieldsOf(stanza: string): Map<string, string> {
  const unfolded = stanza.replaceAll(/\n[ \t]+/g, " ");
  const fields = new Map<string, string>();
  for (const line of unfolded.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return fields;
}

const rollingSuites = ["stable", "oldstable", "testing", "unstable", "sid"];

/**
 * The addresses that may be Debian mirrors, the likeliest first: those that serve the release `codename` (or a rolling
 * suite) with its component main. Other makers' archives can look alike; Debian's keyring tells them apart later.
 */
export function debianMirrors(sources: readonly AptSource[], codename: string | undefined): string[] {
  const candidates = sources.filter(
    ({ uri, suite, components }) =>
      !uri.startsWith("cdrom:") && components.includes("main") && (suite === codename || rollingSuites.includes(suite)),
  );
  const named = (uri: string): number => (/debian(\.list)?\/?$/.test(uri) ? 0 : 1);
  return [...new Set(candidates.map(({ uri }) => uri))].toSorted((a, b) => named(a) - named(b));
}

async function orEmpty<T>(reading: Promise<T>, empty: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return empty;
    throw error;
  }
}
