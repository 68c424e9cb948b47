import { randomUUID } from "node:crypto";
import { AwsClient } from "aws4fetch";
import { servers } from "../support/servers.ts";

export interface Keys {
  access_key: string;
  secret_key: string;
}

/** Asks the S3 server something as its owner, and fails unless it does it. */
export async function asOwner(service: "s3" | "iam", path: string, init: RequestInit): Promise<string> {
  const { endpoint, accessKey, secretKey } = servers().s3;
  const client = new AwsClient({
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    service,
    region: "us-east-1",
    retries: 0,
  });
  const response = await client.fetch(`${endpoint}${path}`, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return text;
}

/** A user of the server's own IAM, which enforces this policy, and its keys. */
export async function keysWith(policy: object): Promise<Keys> {
  const user = randomUUID();
  const iam = (parameters: Record<string, string>): Promise<string> =>
    asOwner("iam", "/", {
      method: "POST",
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        // Of a form's body moto computes another digest than AWS does.
        "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD",
      },
      body: new URLSearchParams({ Version: "2010-05-08", UserName: user, ...parameters }).toString(),
    });
  await iam({ Action: "CreateUser" });
  await iam({ Action: "PutUserPolicy", PolicyName: "holdfast", PolicyDocument: JSON.stringify(policy) });
  const made = await iam({ Action: "CreateAccessKey" });
  const field = (name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(made)?.[1] ?? "";
  return { access_key: field("AccessKeyId"), secret_key: field("SecretAccessKey") };
}

export interface BucketWish {
  versioning?: "Enabled" | "Suspended";
  lock?: "on" | { mode: "GOVERNANCE" | "COMPLIANCE"; days: number };
}

/** A new bucket as it is wished for. */
export async function makeBucket({ versioning, lock }: BucketWish = {}): Promise<string> {
  const bucket = `b-${randomUUID()}`;
  await asOwner("s3", `/${bucket}`, {
    method: "PUT",
    headers: lock === undefined ? {} : { "x-amz-bucket-object-lock-enabled": "true" },
  });
  if (versioning !== undefined) {
    const body = `<VersioningConfiguration><Status>${versioning}</Status></VersioningConfiguration>`;
    await asOwner("s3", `/${bucket}?versioning`, { method: "PUT", body });
  }
  if (typeof lock === "object") {
    const rule = `<Rule><DefaultRetention><Mode>${lock.mode}</Mode><Days>${lock.days}</Days></DefaultRetention></Rule>`;
    const body = `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>${rule}</ObjectLockConfiguration>`;
    await asOwner("s3", `/${bucket}?object-lock`, { method: "PUT", body });
  }
  return bucket;
}
