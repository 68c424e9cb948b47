import { expect, it } from "vitest";
import type { DestinationTest } from "../../src/operations/destination-test/test.ts";
import { homelab, type Homelab } from "../engine/homelab.ts";
import { describeNeeding } from "../support/needs.ts";
import { servers } from "../support/servers.ts";
import { asOwner, keysWith, makeBucket, type BucketWish, type Keys } from "./s3-keys.ts";

async function tested(
  lab: Homelab,
  bucket: string,
  more: object = {},
  keys?: Keys,
  exit = 0,
): Promise<DestinationTest> {
  const { endpoint, accessKey, secretKey } = servers().s3;
  const { access_key, secret_key } = keys ?? { access_key: accessKey, secret_key: secretKey };
  lab.declare({ destinations: { b2: { type: "s3", endpoint, bucket, access_key, secret_key, ...more } } });
  const { reports } = await lab.json<{ reports: DestinationTest[] }>(["destination", "test"], exit);
  const [only] = reports;
  if (only === undefined) throw new Error("no report");
  return only;
}

describeNeeding("s3")("holdfast destination test", () => {
  const cases: { name: string; wish: BucketWish; appendOnly: boolean; told: string[]; codes: string[] }[] = [
    {
      name: "tells that a bucket keeps nothing, which is enough when nothing was promised",
      wish: {},
      appendOnly: false,
      told: ["Versioning: off.", "Object lock: off."],
      codes: [],
    },
    {
      name: "warns when append_only is promised of a bucket that keeps nothing",
      wish: {},
      appendOnly: true,
      told: ["Versioning: off.", "Object lock: off."],
      codes: ["HF_BUCKET_UNPROTECTED"],
    },
    {
      name: "warns when versions alone are to keep the promise",
      wish: { versioning: "Enabled" },
      appendOnly: true,
      told: ["Versioning: enabled.", "Object lock: off."],
      codes: ["HF_BUCKET_UNPROTECTED"],
    },
    {
      name: "warns when object lock locks nothing by itself",
      wish: { lock: "on" },
      appendOnly: true,
      told: ["Versioning: enabled.", "Object lock: on, no default retention."],
      codes: ["HF_BUCKET_UNPROTECTED"],
    },
    {
      name: "is content with object lock and a default retention",
      wish: { lock: { mode: "COMPLIANCE", days: 30 } },
      appendOnly: true,
      told: ["Versioning: enabled.", "Object lock: on, compliance for 30 days by default."],
      codes: [],
    },
    {
      name: "warns when the bucket has object lock and nothing was promised",
      wish: { lock: { mode: "GOVERNANCE", days: 7 } },
      appendOnly: false,
      told: ["Versioning: enabled.", "Object lock: on, governance for 7 days by default."],
      codes: ["HF_BUCKET_LOCKED"],
    },
  ];
  it.each(cases)("$name", async ({ wish, appendOnly, told, codes }) => {
    const test = await tested(
      homelab(),
      await makeBucket(wish),
      { append_only: appendOnly },
      undefined,
      codes.length > 0 ? 3 : 0,
    );
    expect(test.repository).toBe("absent");
    expect(test.facts).toEqual(["It can be reached; the first backup creates the repository.", ...told]);
    expect(test.problems.map(({ code }) => code)).toEqual(codes);
  });

  it("says what the key may not see, and takes it for no difference", async () => {
    const bucket = await makeBucket({ versioning: "Enabled" });
    const keys = await keysWith({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: ["s3:ListBucket", "s3:GetBucketLocation"], Resource: `arn:aws:s3:::${bucket}` },
        { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: `arn:aws:s3:::${bucket}/*` },
      ],
    });
    const test = await tested(homelab(), bucket, { append_only: true }, keys);
    // moto takes the right to list for the one to see object lock.
    expect(test.bucket).toMatchObject({ bucket: "there", versioning: "unseen" });
    expect(test.facts.join(" ")).toMatch(/versions cannot be seen \(the server answered 403 AccessDenied\)/);
    expect(test.problems).toEqual([]);
  });

  it("writes nothing into the bucket and keeps nothing here", async () => {
    const lab = homelab();
    const bucket = await makeBucket({ versioning: "Enabled" });
    await tested(lab, bucket);
    expect(await asOwner("s3", `/${bucket}?versions`, { method: "GET" })).not.toMatch(/<(Version|DeleteMarker)>/);
    const status = await lab.json<{ destinations: object[] }>(["status"]);
    expect(status.destinations).toEqual([{ name: "b2", appendOnly: false, snapshots: 0 }]);
  });

  it("fails when the keys are wrong, and shows none of them", async () => {
    const keys = { access_key: "AKIAWRONGWRONG", secret_key: "wrong-secret-value" };
    const lab = homelab();
    const test = await tested(lab, await makeBucket(), {}, keys, 1);
    expect(test.outcome).toBe("failed");
    expect(JSON.stringify(test)).not.toContain("wrong-secret-value");
  });

  it("tries the maintenance keys too", async () => {
    const bucket = await makeBucket();
    const maintenance = { access_key: "AKIAWRONGWRONG", secret_key: "wrong-secret-value" };
    const test = await tested(homelab(), bucket, { maintenance }, undefined, 1);
    expect(test.problems).toHaveLength(1);
    expect(test.repository).toBe("absent");
  });
});
