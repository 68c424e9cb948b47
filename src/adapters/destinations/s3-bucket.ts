import { AwsClient } from "aws4fetch";
import type { Secret } from "../../base/secrets/secret.ts";
import type { BucketFacts } from "../../domain/bucket.ts";

export interface S3Bucket {
  endpoint: string;
  bucket: string;
  region?: string | undefined;
  lookup: "auto" | "dns" | "path";
  accessKey: Secret;
  secretKey: Secret;
  sessionToken?: Secret | undefined;
}

/** A server that does not answer such a small question soon will not answer it. */
const limitMs = 15_000;

/**
 * Asks an S3 server for the versioning and object lock of a bucket: two reads, nothing is written or tried. What the key
 * may not see, or the server does not tell, is `unseen`. Throws only when `signal` aborts.
 */
export async function inspectBucket(target: S3Bucket, signal: AbortSignal): Promise<BucketFacts> {
  try {
    const ask = asking(target, signal);
    const versioning = await ask("versioning");
    if (versioning.code === "NoSuchBucket") {
      return { bucket: "absent", versioning: "unseen", objectLock: "unseen", why: "there is no such bucket" };
    }
    const lock = await ask("object-lock");
    const unseen = [versioning, lock].find((answer) => !answer.ok && !knowsNothing(answer));
    return {
      bucket: versioning.ok || lock.ok || knowsNothing(lock) ? "there" : "unseen",
      versioning: versioningIn(versioning),
      ...lockIn(lock),
      ...(unseen === undefined ? {} : { why: `the server answered ${unseen.status} ${unseen.code}`.trim() }),
    };
  } catch (error) {
    // fetch tells of the network by a TypeError; a limit that ran out is a TimeoutError.
    if (signal.aborted || !(error instanceof Error && ["TypeError", "TimeoutError"].includes(error.name))) throw error;
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    return { bucket: "unseen", versioning: "unseen", objectLock: "unseen", why: `the server did not answer: ${cause}` };
  }
}

interface S3Answer {
  ok: boolean;
  status: number;
  /** The S3 error code; empty without one. */
  code: string;
  body: string;
}

/** Asks with the region that is declared or usual, and once more with the one that the server names instead. */
function asking(target: S3Bucket, signal: AbortSignal): (question: string) => Promise<S3Answer> {
  let region = target.region ?? regionIn(target.endpoint);
  const once = async (question: string): Promise<S3Answer & { region: string | undefined }> => {
    const client = new AwsClient({
      accessKeyId: target.accessKey.reveal(),
      secretAccessKey: target.secretKey.reveal(),
      ...(target.sessionToken === undefined ? {} : { sessionToken: target.sessionToken.reveal() }),
      service: "s3",
      region,
      retries: 0,
    });
    const response = await client.fetch(`${addressOf(target)}?${question}`, {
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    });
    const body = await response.text();
    return {
      ok: response.ok,
      status: response.status,
      code: tag(body, "Code") ?? "",
      body,
      region: response.headers.get("x-amz-bucket-region") ?? tag(body, "Region"),
    };
  };
  return async (question) => {
    const answer = await once(question);
    if (answer.ok || answer.region === undefined || answer.region === region) return answer;
    ({ region } = answer);
    return await once(question);
  };
}

/** Amazon wants the bucket in the host name, everyone else takes the path: so does restic (minio-go) by itself. */
function addressOf({ endpoint, bucket, lookup }: S3Bucket): string {
  const url = new URL(/^https?:\/\//.test(endpoint) ? endpoint : `https://${endpoint}`);
  const amazon = url.hostname.endsWith(".amazonaws.com") && !bucket.includes(".");
  if (lookup === "dns" || (lookup === "auto" && amazon)) url.hostname = `${bucket}.${url.hostname}`;
  else url.pathname = `/${bucket}`;
  return url.href;
}

/** `s3.us-west-002.backblazeb2.com` and its like name their region; us-east-1 is what others take. */
function regionIn(endpoint: string): string {
  return /\bs3[.-]([a-z]{2,}-[a-z0-9-]*\d+)\./.exec(endpoint)?.[1] ?? "us-east-1";
}

function versioningIn({ ok, body }: S3Answer): BucketFacts["versioning"] {
  if (!ok) return "unseen";
  const status = tag(body, "Status");
  return status === "Enabled" ? "enabled" : status === "Suspended" ? "suspended" : "off";
}

function lockIn(answer: S3Answer): Pick<BucketFacts, "objectLock" | "defaultRetention"> {
  const { ok, body } = answer;
  if (!ok) return { objectLock: knowsNothing(answer) ? "off" : "unseen" };
  if (tag(body, "ObjectLockEnabled") !== "Enabled") return { objectLock: "off" };
  const mode = tag(body, "Mode")?.toLowerCase();
  const days = Number(tag(body, "Days") ?? Number(tag(body, "Years") ?? 0) * 365);
  if ((mode !== "governance" && mode !== "compliance") || days === 0) return { objectLock: "on" };
  return { objectLock: "on", defaultRetention: { mode, days } };
}

/** The bucket has no object lock, or the server has never heard of it. */
function knowsNothing({ code, status }: S3Answer): boolean {
  return code === "ObjectLockConfigurationNotFoundError" || status === 501;
}

/** S3's answers are small and flat: one element of each name. */
function tag(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(xml)?.[1];
}
