import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command, Executor, Exit } from "../../base/process/command.ts";
import { failure } from "../../base/errors/error.ts";
import { debianMirrors, readAptSources } from "./apt-sources.ts";

/** Debian's own keys; apt refuses an archive that they did not sign. */
const keyrings = ["/usr/share/keyrings/debian-archive-keyring.pgp", "/usr/share/keyrings/debian-archive-keyring.gpg"];
const proxyVariables = ["http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"];

/** A suite of Debian, opened for fetching single packages. */
export interface DebianSuite {
  /** Fetches package `name` and unpacks it into the folder `into`, which is made when it is missing. */
  unpack(name: string, into: string): Promise<void>;
}

/**
 * Opens `suite` (sid, trixie) beside the system's apt, which is not touched: sources, indexes and cache lie in a
 * temporary folder that is gone after `use`. The mirror is the one of this machine's own apt sources. No root needed.
 * Throws HF_DEBIAN_UNAVAILABLE, HF_PACKAGE_UNAVAILABLE or HF_PROGRAM_MISSING.
 */
export async function withDebianSuite<T>(
  suite: string,
  device: Executor,
  use: (opened: DebianSuite) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const mirrors = debianMirrors(await readAptSources(), await codename());
  const keyring = keyrings.find((path) => existsSync(path));
  if (mirrors.length === 0)
    throw failure("HF_DEBIAN_UNAVAILABLE", {
      suite,
      detail: "no Debian mirror is named in this machine's apt sources",
    });
  if (keyring === undefined)
    throw failure("HF_DEBIAN_UNAVAILABLE", {
      suite,
      detail: "Debian's keyring is not installed (package debian-archive-keyring)",
    });

  const folder = await mkdtemp(join(tmpdir(), "holdfast-apt-"));
  try {
    // apt fetches as the user _apt when it is started by root: that user must get in here.
    await chmod(folder, 0o755);
    const run = (argv: Command["argv"], cwd: string): Promise<Exit> =>
      device.run({ argv, cwd, env: environment() }, signal === undefined ? {} : { signal });
    await update(mirrors, suite, keyring, folder, run);
    return await use({ unpack: (name, into) => unpack(name, suite, into, folder, run) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Run = (argv: Command["argv"], cwd: string) => Promise<Exit>;

/** The first mirror that serves the suite, signed by Debian, is the one that is used. */
async function update(mirrors: string[], suite: string, keyring: string, folder: string, run: Run): Promise<void> {
  await mkdir(join(folder, "lists"));
  await mkdir(join(folder, "cache"));
  await writeFile(join(folder, "apt.conf"), configuration(folder));
  let complaint = "";
  for (const mirror of mirrors) {
    await writeFile(
      join(folder, "debian.sources"),
      `Types: deb\nURIs: ${mirror}\nSuites: ${suite}\nComponents: main\nSigned-By: ${keyring}\n`,
    );
    const exit = await run(["apt-get", "-c", join(folder, "apt.conf"), "-q", "update"], folder);
    if (exit.code === 0) return;
    complaint ||= complaintOf(exit);
  }
  throw failure("HF_DEBIAN_UNAVAILABLE", { suite, detail: complaint });
}

async function unpack(name: string, suite: string, into: string, folder: string, run: Run): Promise<void> {
  const downloads = await mkdtemp(join(folder, "download-"));
  const exit = await run(["apt-get", "-c", join(folder, "apt.conf"), "-q", "download", `${name}/${suite}`], downloads);
  const file = (await readdir(downloads)).find((found) => found.endsWith(".deb"));
  if (exit.code !== 0 || file === undefined)
    throw failure("HF_PACKAGE_UNAVAILABLE", { package: name, suite, detail: complaintOf(exit) });
  await mkdir(into, { recursive: true });
  const unpacked = await run(["dpkg-deb", "-x", join(downloads, file), into], folder);
  if (unpacked.code !== 0)
    throw failure("HF_PACKAGE_UNAVAILABLE", { package: name, suite, detail: complaintOf(unpacked) });
}

/** Read after the machine's own configuration, so that its proxies hold; its hooks after an update do not. */
function configuration(folder: string): string {
  return [
    `Dir::Etc::SourceList "${folder}/debian.sources";`,
    `Dir::Etc::SourceParts "/dev/null";`,
    `Dir::Etc::Preferences "/dev/null";`,
    `Dir::Etc::PreferencesParts "/dev/null";`,
    `Dir::State::Lists "${folder}/lists";`,
    `Dir::Cache "${folder}/cache";`,
    `#clear APT::Update::Pre-Invoke;`,
    `#clear APT::Update::Post-Invoke;`,
    `#clear APT::Update::Post-Invoke-Success;`,
    `APT::Update::Error-Mode "any";`,
    `Acquire::AllowInsecureRepositories "false";`,
    `Acquire::Languages "none";`,
    `Acquire::PDiffs "false";`,
    `Acquire::Retries "3";`,
    "",
  ].join("\n");
}

function environment(): Record<string, string> {
  const proxies = proxyVariables.flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { LC_ALL: "C", ...Object.fromEntries(proxies) };
}

/** apt's own first error line, which names the cause; the lines after it are consequences. */
function complaintOf(exit: Exit): string {
  const lines = `${exit.stderr}\n${exit.stdout}`.split("\n").map((line) => line.trim());
  return (
    lines.find((line) => /^(E|Err|dpkg-deb: error):/.test(line)) ??
    lines.find((line) => line !== "") ??
    `exit ${exit.code ?? exit.signal}`
  );
}

async function codename(): Promise<string | undefined> {
  if (!existsSync("/etc/os-release")) return undefined;
  return /^VERSION_CODENAME="?([a-z]+)/m.exec(await readFile("/etc/os-release", "utf8"))?.[1];
}
