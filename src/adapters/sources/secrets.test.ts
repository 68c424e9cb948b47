import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { render, toProblem } from "../../base/errors/error.ts";
import type { Executor } from "../../base/process/command.ts";
import { childEnvironment } from "../../base/process/environment.ts";
import { execute } from "../../base/process/execute.ts";
import { secretRefSchema, type SecretRef } from "../../domain/atoms/secret-ref.ts";
import { resolveSecret } from "./secrets.ts";

const executor: Executor = {
  wrap: ({ argv }) => ({ argv, env: childEnvironment() }),
  run: ({ argv }, io) => execute({ argv, env: childEnvironment() }, io),
};

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-secrets-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const resolve = async (written: unknown, environment: Record<string, string> = {}): Promise<string> =>
  (
    await resolveSecret(secretRefSchema.parse(written), {
      environment,
      executor,
      openSealed: () => Promise.reject(new Error("none")),
    })
  ).reveal();
const refusal = async (written: unknown, environment: Record<string, string> = {}): Promise<string> => {
  const error: unknown = await resolve(written, environment).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const found = toProblem(error);
  expect(found.code).toBe("HF_SECRET_UNAVAILABLE");
  return render(found).message;
};

describe("a secret", () => {
  it("is the value itself, a variable's, a file's or what a command prints", async () => {
    await writeFile(join(folder, "pw"), "from a file\n");
    expect(await resolve("plain value")).toBe("plain value");
    expect(await resolve({ env: "DB_PASSWORD" }, { DB_PASSWORD: " spaces stay \n" })).toBe(" spaces stay \n");
    expect(await resolve({ file: join(folder, "pw") })).toBe("from a file");
    expect(await resolve({ command: ["printf", "%s\\n", "from a command"] })).toBe("from a command");
  });

  it("loses exactly one line end at its end", async () => {
    await writeFile(join(folder, "pw"), "two\n\n");
    expect(await resolve({ file: join(folder, "pw") })).toBe("two\n");
    await writeFile(join(folder, "pw"), "dos\r\n");
    expect(await resolve({ file: join(folder, "pw") })).toBe("dos");
    expect(await resolve({ command: ["printf", "a\\n\\n"] })).toBe("a\n");
  });

  it("that is missing is named by its variable, file or program", async () => {
    await writeFile(join(folder, "empty"), "\n");
    expect(await refusal({ env: "DB_PASSWORD" })).toBe(
      "The secret DB_PASSWORD is not available: the environment variable is not set.",
    );
    expect(await refusal({ env: "DB_PASSWORD" }, { DB_PASSWORD: "" })).toContain("the environment variable is empty.");
    expect(await refusal({ env: "toString" })).toContain("not set");
    expect(await refusal({ file: join(folder, "gone") })).toBe(
      `The secret ${folder}/gone is not available: there is no such file.`,
    );
    expect(await refusal({ file: folder })).toContain("it is a folder.");
    expect(await refusal({ file: join(folder, "empty") })).toContain("the file is empty.");
    expect(await refusal({ command: ["false", "hunter22"] })).toBe(
      "The secret of the command false is not available: it ended with status 1.",
    );
    expect(await refusal({ command: ["true"] })).toContain("it printed nothing.");
    expect(await refusal({ command: ["no-such-program-here"] })).toContain(
      "The program no-such-program-here is not installed.",
    );
  });

  it("that was parsed once parses again to the same", () => {
    for (const written of [
      "hunter22",
      { env: "BACKUP_DB_PASSWORD_home-assistant" },
      { file: "/f" },
      { command: ["pass", "x"] },
    ]) {
      const once: SecretRef = secretRefSchema.parse(written);
      expect(secretRefSchema.parse(once)).toBe(once);
    }
  });
});
