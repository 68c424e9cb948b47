import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { yamlSource } from "../../src/adapters/sources/yaml.ts";
import { render } from "../../src/base/errors/error.ts";
import { kinds } from "./kinds.ts";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "holdfast-config-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

const read = async (path: string) => {
  const declared = await yamlSource(path, { kinds, device: "box" }).read();
  return { ...declared, told: declared.problems.map((found) => render(found).message) };
};

describe("a holdfast.yaml on disk", () => {
  it("that is not there, or is a folder, is named", async () => {
    const here = await folder();
    expect((await read(join(here, "no.yaml"))).told).toEqual([
      `The configuration ${here}/no.yaml cannot be read: there is no such file.`,
    ]);
    await mkdir(join(here, "holdfast.yaml"));
    expect((await read(join(here, "holdfast.yaml"))).told[0]).toContain("EISDIR");
  });

  it("is read with a byte order mark, Windows line ends and names beyond ASCII in paths", async () => {
    const path = join(await folder(), "holdfast.yaml");
    await writeFile(path, "\uFEFFapps:\r\n  a:\r\n    paths: [\"/srv/Überfälle und 'mehr'\"]\r\n");
    expect(await read(path)).toMatchObject({ told: [], apps: [{ paths: ["/srv/Überfälle und 'mehr'"] }] });
  });

  it("of which an alias multiplies without bound is refused and not expanded", async () => {
    const path = join(await folder(), "holdfast.yaml");
    const lines = ["apps:", "  a:", "    tags: &t0 [x]"];
    for (let level = 1; level < 12; level++) {
      lines.push(
        `  n${level}:`,
        `    tags: &t${level} [${Array.from({ length: 10 }, () => `*t${level - 1}`).join(", ")}]`,
      );
    }
    await writeFile(path, `${lines.join("\n")}\n`);
    const started = performance.now();
    const { apps, told } = await read(path);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(apps.map(({ name }) => name)).toEqual(["a"]);
    expect(told.length).toBeGreaterThanOrEqual(11);
  });

  it("with a hundred apps of which every second is wrong declares the other fifty", async () => {
    const path = join(await folder(), "holdfast.yaml");
    const lines = Array.from(
      { length: 100 },
      (_, index) => `  app${index}: { paths: ${index % 2 === 0 ? "/srv" : "srv"}/${index} }`,
    );
    await writeFile(path, `apps:\n${lines.join("\n")}\n`);
    await chmod(path, 0o600);
    const { apps, told } = await read(path);
    expect(apps).toHaveLength(50);
    expect(told).toHaveLength(50);
    expect(told[0]).toBe(
      `${path}:3:18 apps.app1.paths: expected an absolute path, such as /srv/immich, found "srv/1".`,
    );
  });
});
