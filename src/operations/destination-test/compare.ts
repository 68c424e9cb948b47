import { problem, type Problem } from "../../base/errors/error.ts";
import type { BucketFacts } from "../../domain/bucket.ts";

/** Where what is promised of a destination and what its bucket does differ. What is unseen is no difference. */
export function compareWithPromise(
  destination: string,
  appendOnly: boolean,
  { versioning, objectLock, defaultRetention }: BucketFacts,
): Problem[] {
  if (objectLock === "on" && (versioning === "off" || versioning === "suspended")) {
    return [problem("HF_BUCKET_LOCK_BROKEN", { destination, detail: `versioning ${versioning}` })];
  }
  if (objectLock === "on" && !appendOnly) {
    const detail =
      defaultRetention === undefined
        ? "without a default retention"
        : `${defaultRetention.mode}, ${defaultRetention.days} days`;
    return [problem("HF_BUCKET_LOCKED", { destination, detail })];
  }
  if (!appendOnly) return [];
  if (objectLock === "on" && defaultRetention === undefined) {
    const detail = "object lock is on, but without a default retention, so that new objects are not locked.";
    return [problem("HF_BUCKET_UNPROTECTED", { destination, detail })];
  }
  if (objectLock === "off") {
    const detail =
      versioning === "enabled"
        ? "versioning is on and object lock is off, so that only the rights of the key protect it, which cannot be seen from here."
        : "versioning and object lock are off, so that whoever may write may overwrite every object.";
    return versioning === "unseen" ? [] : [problem("HF_BUCKET_UNPROTECTED", { destination, detail })];
  }
  return [];
}

/** What is known of the bucket, and what is not, in sentences. */
export function bucketSentences({ bucket, versioning, objectLock, defaultRetention, why }: BucketFacts): string[] {
  if (bucket === "absent") return ["The bucket does not exist yet."];
  const because = why === undefined ? "." : ` (${why}).`;
  return [
    versioning === "unseen" ? `Whether it keeps versions cannot be seen${because}` : `Versioning: ${versioning}.`,
    objectLock === "unseen"
      ? `Whether it has object lock cannot be seen${because}`
      : objectLock === "off"
        ? "Object lock: off."
        : `Object lock: on, ${
            defaultRetention === undefined
              ? "no default retention."
              : `${defaultRetention.mode} for ${defaultRetention.days} days by default.`
          }`,
  ];
}
