import { describe, expect, test } from "vitest";
import { Secret } from "../../base/secrets/secret.ts";
import { fromLocation } from "./location.ts";
import { destinationKinds } from "./registry.ts";

const b2Keys = { account_id: { env: "B2_ACCOUNT_ID" }, account_key: { env: "B2_ACCOUNT_KEY" } };
const s3Keys = { access_key: { env: "AWS_ACCESS_KEY_ID" }, secret_key: { env: "AWS_SECRET_ACCESS_KEY" } };

describe("RESTIC_REPOSITORY", () => {
  test.each([
    ["/mnt/nas: 1", "local", { path: "/mnt/nas: 1" }],
    ["local:/mnt/nas", "local", { path: "/mnt/nas" }],
    ["b2:homelab:backups/all", "b2", { bucket: "homelab", prefix: "backups/all", ...b2Keys }],
    ["b2:homelab:", "b2", { bucket: "homelab", ...b2Keys }],
    ["b2:homelab", "b2", { bucket: "homelab", ...b2Keys }],
    ["s3:s3.amazonaws.com/bucket", "s3", { endpoint: "s3.amazonaws.com", bucket: "bucket", ...s3Keys }],
    ["s3://host/bucket/a/b/", "s3", { endpoint: "host", bucket: "bucket", prefix: "a/b", ...s3Keys }],
    ["s3:http://nas:9000/bucket/a", "s3", { endpoint: "http://nas:9000", bucket: "bucket", prefix: "a", ...s3Keys }],
    ["sftp:me@nas:/srv/b", "sftp", { host: "nas", user: "me", path: "/srv/b" }],
    ["sftp:nas:relative", "sftp", { host: "nas", path: "relative" }],
    ["sftp://me@nas:2222//srv/b", "sftp", { host: "nas", port: 2222, user: "me", path: "/srv/b" }],
    ["sftp://nas/relative", "sftp", { host: "nas", path: "relative" }],
    ["rest:http://nas:8000/", "rest", { url: "http://nas:8000/" }],
    ["rest:https://me:p%40ss@nas/repo", "rest", { url: "https://nas/repo", username: "me", server_password: "p@ss" }],
    ["rclone:gdrive:backups", "rclone", { remote: "gdrive:backups" }],
  ])("%s", (location, type, spec) => {
    expect(fromLocation(location, {})).toEqual({ type, spec });
    const kind = destinationKinds.find((candidate) => candidate.type === type);
    expect(kind?.spec.safeParse(spec).success).toBe(true);
  });

  test("takes what restic takes from the environment, by reference", () => {
    const env = { RESTIC_REST_USERNAME: "me", RESTIC_REST_PASSWORD: "hidden", RESTIC_CACERT: "/etc/ca.pem" };
    expect(fromLocation("rest:https://nas/repo", env).spec).toEqual({
      url: "https://nas/repo",
      username: "me",
      server_password: { env: "RESTIC_REST_PASSWORD" },
      ca_cert: "/etc/ca.pem",
    });
    expect(fromLocation("s3:host/bucket", { AWS_DEFAULT_REGION: "eu-1", AWS_SESSION_TOKEN: "t" }).spec).toMatchObject({
      region: "eu-1",
      session_token: { env: "AWS_SESSION_TOKEN" },
    });
  });

  test.each(["relative/path", "azure:container:/", "gs:bucket:/", "s3:host", "b2:", "sftp:nas", "rest:nonsense", ""])(
    "refuses %j",
    (location) => {
      expect(() => fromLocation(location, {})).toThrow(/^RESTIC_REPOSITORY: expected/);
    },
  );

  test("does not repeat a password that stands in a location it refuses", () => {
    expect(() => fromLocation("rest:me:secret@nas", {})).not.toThrow(/secret/);
  });
});

test("a spec that was checked is checked again with the same result", () => {
  const specs: Record<string, unknown> = {
    local: { path: "/a" },
    s3: { endpoint: "e", bucket: "b", prefix: "/p/", access_key: "key id", secret_key: { file: "/k" } },
    b2: { bucket: "b", account_id: { env: "A" }, account_key: "secret key" },
    sftp: { host: "h", path: "/p", key: { command: ["pass", "key"] } },
    rest: { url: "http://h/", username: "u", server_password: "a password" },
    rclone: { remote: "r:p" },
  };
  for (const kind of destinationKinds) {
    const once: unknown = kind.spec.parse(specs[kind.type]);
    expect(kind.spec.parse(once)).toEqual(once);
    expect(JSON.stringify(once)).not.toMatch(/key id|secret key|a password/);
  }
  expect(new Secret("a password").toJSON()).toBe("[secret]");
});
