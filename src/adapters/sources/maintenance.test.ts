import { describe, expect, it } from "vitest";
import { render } from "../../base/errors/error.ts";
import { configSchema } from "./schema.ts";
import { destinationKinds } from "../destinations/registry.ts";
import { readConfig } from "./yaml.ts";

const kinds = { databases: [], destinations: destinationKinds, notifiers: [] };
const read = (yaml: string) => readConfig(yaml, "holdfast.yaml", { kinds, device: "box" });
const told = (yaml: string): string[] => read(yaml).problems.map((found) => render(found).message);

const s3 = `
destinations:
  b2:
    type: s3
    endpoint: s3.example.com
    bucket: homelab
    access_key: adds-only
    secret_key: { env: ADD }
    append_only: true
    maintenance:
`;

describe("maintenance credentials", () => {
  it("take the place of the backup's in a spec that is complete in itself", () => {
    const { destinations, problems } = read(`${s3}      access_key: deletes\n      secret_key: { env: DELETE }\n`);
    expect(problems).toEqual([]);
    expect(destinations[0]?.maintenance).toMatchObject({
      endpoint: "s3.example.com",
      bucket: "homelab",
      secret_key: { from: "env", variable: "DELETE" },
    });
    expect(destinations[0]?.spec).toMatchObject({ secret_key: { from: "env", variable: "ADD" } });
  });

  it("are absent where none are declared", () => {
    const [destination] = read(`destinations: { nas: { type: local, path: /mnt } }`).destinations;
    expect(destination?.maintenance).toBeUndefined();
  });

  it("tell a mistake at its own line and column", () => {
    expect(told(`${s3}      secret_kee: { env: DELETE }\n`)).toEqual([
      expect.stringMatching(/^holdfast\.yaml:11:7 .*secret_kee: expected a known key/),
    ]);
    expect(told(`${s3}      bucket: "not a bucket"\n`)).toEqual([
      expect.stringMatching(/^holdfast\.yaml:11:15 .*bucket: expected the name of a bucket/),
    ]);
    expect(told(`${s3}      - access_key\n`)).toEqual([expect.stringMatching(/^holdfast\.yaml:11:7 .*expected a map/)]);
  });

  it("never show a secret in a message", () => {
    const messages = told(`${s3}      secret_key: 12345678\n`);
    expect(messages).toHaveLength(1);
    expect(messages.join()).not.toContain("12345678");
  });

  it("tell a mistake of the entry itself once", () => {
    const twice = s3.replace("bucket: homelab", 'bucket: "not a bucket"');
    expect(told(`${twice}      access_key: deletes\n`)).toHaveLength(1);
  });

  it("may not join fields that exclude each other", () => {
    const messages = told(`
destinations:
  off: { type: sftp, host: nas, path: /b, key_file: /root/.ssh/id, maintenance: { key: { env: KEY } } }
`);
    expect(messages).toEqual([expect.stringMatching(/^holdfast\.yaml:3:\d+ .*either key or key_file/)]);
  });

  it("are known to editors, field by field", () => {
    const schema = configSchema(kinds).jsonSchema();
    const s3Kind = schema.properties?.["destinations"]?.additionalProperties;
    const kindsOf = typeof s3Kind === "object" ? (s3Kind.anyOf ?? []) : [];
    const entry = kindsOf.find(({ properties }) => properties?.["type"]?.const === "s3");
    expect(Object.keys(entry?.properties?.["maintenance"]?.properties ?? {})).toContain("secret_key");
    expect(entry?.properties?.["maintenance"]?.required).toBeUndefined();
  });
});
