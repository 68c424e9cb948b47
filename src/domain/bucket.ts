/** What an object store tells of a bucket; `unseen` is what it does not let us see. */
export interface BucketFacts {
  bucket: "there" | "absent" | "unseen";
  versioning: "enabled" | "suspended" | "off" | "unseen";
  objectLock: "on" | "off" | "unseen";
  /** How long new objects are locked by themselves; absent when they are not, or when that is unseen. */
  defaultRetention?: { mode: "governance" | "compliance"; days: number };
  /** Why something is unseen, in words. */
  why?: string;
}
