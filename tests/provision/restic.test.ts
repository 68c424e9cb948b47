import { access, readdir, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { localDevice } from "../../src/adapters/devices/local.ts";
import { withDebianSuite } from "../../src/operations/provision/debian.ts";
import { ownRestic, provideRestic } from "../../src/operations/provision/restic.ts";
import { binaries } from "../support/binaries.ts";
import { testFolder } from "../support/folders.ts";

const systemPath = "/usr/sbin:/usr/bin:/sbin:/bin";
/** Asked to leave the machine's own packages alone. */
const untouched = { mayInstall: false };

afterEach(() => void vi.unstubAllEnvs());

test("the restic in Holdfast's home goes before the one on the PATH", async () => {
  const home = testFolder();
  await withDebianSuite("trixie", localDevice(), (suite) => suite.unpack("restic", join(home, "fetched")));
  await symlink(join(home, "fetched/usr/bin"), join(home, "bin"));
  vi.stubEnv("PATH", `${dirname(binaries.restic.sid)}:${systemPath}`);
  expect((await provideRestic(home, localDevice(), untouched)).path).toBe(ownRestic(home));
});

test("a restic on the PATH that is new enough is used, and nothing is fetched", async () => {
  const home = testFolder();
  vi.stubEnv("PATH", `${dirname(binaries.restic.trixie)}:${systemPath}`);
  expect(await provideRestic(home, localDevice(), untouched)).toMatchObject({
    path: binaries.restic.trixie,
    version: "0.18.0",
  });
  expect(await readdir(home)).toEqual([]);
});

test("one on the PATH that is too old is passed over: a newer one is fetched into Holdfast's home", async () => {
  const home = testFolder();
  const temporary = testFolder();
  vi.stubEnv("TMPDIR", temporary);
  vi.stubEnv("PATH", `${dirname(binaries.restic.bookworm)}:${systemPath}`);
  const steps: string[] = [];
  const found = await provideRestic(home, localDevice(), { ...untouched, tell: (step) => steps.push(step) });
  expect(found.path).toBe(ownRestic(home));
  expect(Number(found.version.split(".")[1])).toBeGreaterThanOrEqual(19);
  expect(steps).toEqual(["Fetching restic from Debian's packages"]);
  expect((await stat(found.path)).mode & 0o777).toBe(0o755);
  expect(await readdir(join(home, "bin"))).toEqual(["restic"]);
  expect(await readdir(temporary)).toEqual([]);
});

test("a package that the suite does not have is named", async () => {
  const folder = testFolder();
  const fetching = withDebianSuite("trixie", localDevice(), (suite) => suite.unpack("no-such-package", folder));
  await expect(fetching).rejects.toMatchObject({ code: "HF_PACKAGE_UNAVAILABLE" });
  await expect(fetching).rejects.toThrow(/no-such-package of trixie cannot be fetched: E: Unable to locate/);
});

test("without apt the one error says what to install", async () => {
  const home = testFolder();
  vi.stubEnv("PATH", home);
  const providing = provideRestic(home, localDevice(), untouched);
  await expect(providing).rejects.toMatchObject({ code: "HF_RESTIC_UNOBTAINABLE" });
  await expect(providing).rejects.toThrow(/apt-get is not installed/);
  await expect(access(ownRestic(home))).rejects.toMatchObject({ code: "ENOENT" });
});
