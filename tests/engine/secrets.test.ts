import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { binaries } from "../support/binaries.ts";
import { describeNeeding } from "../support/needs.ts";
import { psql } from "../support/psql.ts";
import { servers } from "../support/servers.ts";
import { homelab, type Homelab } from "./homelab.ts";

const launcher = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "bin", "holdfast");

describeNeeding(
  "postgres",
  "s3",
  "restServer",
)("secrets", () => {
  it("are in no argument list, no output, and not in the state", async () => {
    const lab = homelab();
    const { postgres, s3, restServer } = servers();
    const database = `secrets_${randomBytes(4).toString("hex")}`;
    await psql(postgres, "postgres", `CREATE DATABASE ${database}`);
    const data = join(lab.folder, "data");
    mkdirSync(data);
    writeFileSync(join(data, "file"), "content");
    const given = `given-${randomBytes(12).toString("hex")}`;
    lab.declare({
      destinations: {
        generated: { type: "local", path: join(lab.folder, "generated") },
        far: {
          type: "s3",
          endpoint: s3.endpoint,
          bucket: s3.bucket,
          prefix: database,
          access_key: s3.accessKey,
          secret_key: s3.secretKey,
          password: given,
        },
        served: {
          type: "rest",
          url: `${restServer.url}/${database}`,
          username: restServer.username,
          server_password: restServer.password,
        },
      },
      policies: { default: { destinations: ["generated", "far", "served"] } },
      apps: {
        app: {
          paths: [data],
          databases: [
            {
              type: "postgres",
              host: postgres.host,
              port: postgres.port,
              database,
              username: postgres.superuser,
              password: postgres.password,
            },
          ],
          hooks: { before: ["true"] },
        },
      },
    });

    const said: string[] = [];
    for (const args of [
      ["backup"],
      ["backup", "--json"],
      ["plan", "--json"],
      ["status", "--json"],
      ["list", "--json"],
      ["doctor", "--json"],
      ["config", "check", "--json"],
      ["retain", "--json"],
      ["check", "--json"],
      ["unlock", "--json"],
      ["recover", "--json"],
      ["restore", "app", "--in-place", "--yes", "--json"],
    ]) {
      said.push(traced(lab, args));
    }
    const before = kitOf(lab);
    for (const args of [
      ["password", "rotate", "generated", "--json"],
      ["keys", "rotate", "--json"],
      ["backup", "holdfast-database", "holdfast-config", "--json"],
      ["recover", "--from-kit", before.path, "--json"],
    ]) {
      said.push(traced(lab, args));
    }
    const kit = kitOf(lab);
    expect(statSync(kit.path).mode & 0o777).toBe(0o600);

    const kits = [before, kit];
    const passwords = kits.flatMap(({ destinations }) => destinations.map((destination) => destination.password));
    expect(new Set(passwords).size).toBe(4);
    const keys = kits.flatMap(({ master_keys: ring }) => ring);
    expect(new Set(keys).size).toBe(2);
    const secrets = [...passwords, ...keys, given, postgres.password, s3.secretKey, restServer.password];
    const everything = [...said, ...filesOf(lab.home), held(lab, given, s3, database)];
    for (const secret of new Set(secrets)) {
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
        const where = everything.findIndex((text) => text.includes(form));
        expect(where, `a secret is in:\n${everything[where]?.slice(0, 2000)}`).toBe(-1);
      }
    }
    // The search can find: what is meant to be there is there.
    expect(everything.some((text) => text.includes("pg_dump"))).toBe(true);
    expect(everything.some((text) => text.includes(s3.endpoint))).toBe(true);
    await psql(postgres, "postgres", `DROP DATABASE ${database}`);
  });
});

interface Kit {
  path: string;
  master_keys: string[];
  destinations: { password: string }[];
}

/** The kit, which alone holds secrets in plain, as it would be written now. */
function kitOf(lab: Homelab): Kit {
  const path = join(lab.folder, `kit-${randomBytes(4).toString("hex")}.json`);
  traced(lab, ["recover", "--kit", path]);
  return { ...(JSON.parse(readFileSync(path, "utf8")) as Omit<Kit, "path">), path };
}

/** Runs a command under strace; gives what it printed and every argument list of every process that it started. */
function traced(lab: Homelab, args: string[]): string {
  const trace = join(lab.folder, "trace");
  const filter = ["-f", "-qq", "-e", "trace=execve", "-e", "signal=none", "-s", "100000", "-o", trace];
  const run = spawnSync("strace", [...filter, process.execPath, launcher, ...args], {
    cwd: lab.folder,
    encoding: "utf8",
    env: {
      PATH: `${dirname(binaries.restic.sid)}:/usr/bin:/bin`,
      HOME: lab.home,
      LANG: "C.UTF-8",
      HOLDFAST_HOME: lab.home,
    },
  });
  expect(run.status, `${args.join(" ")}\n${run.stdout}${run.stderr}`).toBe(0);
  return `${run.stdout}\n${run.stderr}\n${readFileSync(trace, "utf8")}`;
}

/** Everything that lies in the home, but for the master key and restic's own encrypted cache. */
function filesOf(home: string): string[] {
  const left = [join(home, "cache"), join(home, "keys")];
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !left.some((folder) => entry.parentPath.startsWith(folder)))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
}

/** The snapshots' metadata and captures, as a stranger with the password of one repository would see them. */
function held(
  lab: Homelab,
  password: string,
  s3: { endpoint: string; bucket: string; accessKey: string; secretKey: string },
  prefix: string,
): string {
  const env = {
    HOME: lab.home,
    RESTIC_REPOSITORY: `s3:${s3.endpoint}/${s3.bucket}/${prefix}`,
    RESTIC_PASSWORD: password,
    AWS_ACCESS_KEY_ID: s3.accessKey,
    AWS_SECRET_ACCESS_KEY: s3.secretKey,
  };
  const snapshots = execFileSync(binaries.restic.sid, ["snapshots", "--json"], { encoding: "utf8", env });
  const capture = join(lab.home, "staging", "app", ".holdfast", "capture.json");
  return (
    snapshots +
    execFileSync(binaries.restic.sid, ["dump", "--tag", "app:app", "latest", capture], { encoding: "utf8", env })
  );
}
