import { expect, it } from "vitest";
import { idOf } from "../../src/domain/ids.ts";
import { restPlace, sftpPlace } from "../destinations/places.ts";
import { describeNeeding } from "../support/needs.ts";
import { servers } from "../support/servers.ts";
import { destinationsPath as path, type Destination, type Problem } from "./support/destinations.ts";
import { startWithRestic } from "./support/with-restic.ts";

describeNeeding("s3")("the seed's example of an S3 destination", () => {
  it("makes the repository and answers as the seed does; its keys are sealed and never shown", async () => {
    const s3 = servers().s3;
    const api = await startWithRestic();
    const request = {
      name: "Backblaze B2",
      endpoint: s3.endpoint,
      bucket: `homelab-backups-${process.pid}`,
      region: "us-west-002",
      access_key: s3.accessKey,
      secret_key: s3.secretKey,
    };
    const created = await api.send<Destination>("POST", `${path}/s3`, { body: request });
    expect(created.status, created.text).toBe(201);
    expect(created.body).toMatchObject({
      id: idOf("destination", "Backblaze B2"),
      name: "Backblaze B2",
      type: "s3",
      repo_initialized: true,
      s3_endpoint: s3.endpoint,
      s3_bucket: request.bucket,
      s3_region: "us-west-002",
      enabled: true,
      total_snapshots: 0,
      last_backup_at: null,
      read_only: false,
      declared_in: "API",
    });
    const rows = await api.holdfast.state.selectFrom("declarations").selectAll().execute();
    const listed = await api.send("GET", path);
    const everything = `${created.text}${listed.text}${JSON.stringify(rows)}`;
    expect(everything).not.toContain(s3.secretKey);
    expect(everything).not.toContain(s3.accessKey);
    expect(rows[0]?.body).toContain('"secret_key":{"sealed":"destination:Backblaze B2:secret_key"}');

    const tested = await api.send("POST", `${path}/${created.body.id}/test`, { as: "operate" });
    expect(tested.body).toMatchObject({ outcome: "success", repository: "present", bucket: { versioning: "off" } });
  });

  it("seals maintenance keys of its own, and refuses those that do not open it", async () => {
    const s3 = servers().s3;
    const api = await startWithRestic();
    const keys = { access_key: s3.accessKey, secret_key: s3.secretKey };
    const body = { name: "b2", endpoint: s3.endpoint, bucket: s3.bucket, prefix: `maintained-${process.pid}`, ...keys };
    const wrong = await api.send<Problem>("POST", `${path}/s3`, {
      body: { ...body, maintenance: { ...keys, secret_key: "no such secret" } },
    });
    expect(wrong.body, wrong.text).toMatchObject({ code: "HF_REPOSITORY_REFUSED" });
    const created = await api.send<Destination>("POST", `${path}/s3`, {
      body: { ...body, append_only: true, maintenance: keys },
    });
    expect(created.body, created.text).toMatchObject({ append_only: true, has_maintenance_credentials: true });
    const names = await api.holdfast.state.selectFrom("secrets").select("name").orderBy("name").execute();
    expect(names.map(({ name }) => name)).toEqual([
      "destination:b2:access_key",
      "destination:b2:maintenance.access_key",
      "destination:b2:maintenance.secret_key",
      "destination:b2:secret_key",
      "repository:b2",
    ]);
    const without = await api.send("PATCH", `${path}/${created.body.id}`, { body: { maintenance: null } });
    expect(without.body, without.text).toMatchObject({ has_maintenance_credentials: false });
    expect(await api.holdfast.state.selectFrom("secrets").select("name").execute()).toHaveLength(3);
    expect((await api.send("DELETE", `${path}/${created.body.id}`)).status).toBe(204);
    // Without its password nobody could ever read the repository again.
    expect(await api.holdfast.state.selectFrom("secrets").select("name").execute()).toEqual([
      { name: "repository:b2" },
    ]);
  });

  it("stores nothing when the keys are refused, and says so", async () => {
    const s3 = servers().s3;
    const api = await startWithRestic();
    const body = {
      name: "wrong",
      endpoint: s3.endpoint,
      bucket: s3.bucket,
      access_key: s3.accessKey,
      secret_key: "not-the-secret-key-at-all",
    };
    const refused = await api.send<Problem>("POST", `${path}/s3`, { body });
    expect(refused.body).toMatchObject({ code: "HF_REPOSITORY_REFUSED", status: 502 });
    expect(refused.text).not.toContain("not-the-secret");
    expect(await api.holdfast.state.selectFrom("declarations").selectAll().execute()).toEqual([]);
    expect(await api.holdfast.state.selectFrom("secrets").selectAll().execute()).toEqual([]);
  });
});

describeNeeding("sshd", "restServer")("a destination on a server", () => {
  it.each([
    { kind: "SFTP", make: sftpPlace, shown: { sftp_host: "127.0.0.1" } },
    { kind: "REST", make: restPlace, shown: { rest_url: expect.stringMatching(/^http:/) } },
  ])("reached by $kind is created by its fields, and stored to with what was sealed", async ({ make, shown }) => {
    const api = await startWithRestic();
    const { type, spec, secrets } = make();
    const created = await api.send<Destination>("POST", `${path}/${type}`, { body: { name: "far", ...spec } });
    expect(created.status, created.text).toBe(201);
    expect(created.body).toMatchObject({ type, repo_initialized: true, total_size: 0, ...shown });
    for (const secret of secrets) expect(created.text).not.toContain(secret);
    const tested = await api.send("POST", `${path}/${created.body.id}/test`);
    expect(tested.body, tested.text).toMatchObject({ repository: "present", problems: [] });
    const field = type === "sftp" ? "key" : "server_password";
    const refused = await api.send<Problem>("PATCH", `${path}/${created.body.id}`, { body: { [field]: "wrong" } });
    expect(refused.status, refused.text).toBe(502);
    expect((await api.send("POST", `${path}/${created.body.id}/test`)).body).toMatchObject({ repository: "present" });
  });
});
