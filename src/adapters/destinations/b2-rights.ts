import type { B2Key, Rights } from "../../domain/rights.ts";

const notes = [
  'Keep all versions of files (the bucket\'s lifecycle "Keep all versions"): without deleteFiles restic hides what it would delete, and whoever may write may hide and overwrite too. Hidden files can be brought back.',
  "A lifecycle rule that deletes hidden files after some weeks frees the space: choose longer than you need to notice an attack.",
];

/** Without deleteFiles, restic 0.15 and newer hides files instead (restic's pull request 2398): enough to remove its locks. */
export function b2Rights({ bucket, prefix }: { bucket: string; prefix?: string | undefined }): Rights {
  return { form: "b2-capabilities", ...b2Keys(bucket, prefix, []), notes };
}

/** Keys for one bucket, and one folder of it where there is a prefix; `more` is what both need besides. */
export function b2Keys(
  bucket: string,
  prefix: string | undefined,
  more: string[],
): { backup: B2Key; maintenance: B2Key } {
  const adding = ["listBuckets", "listFiles", "readFiles", "writeFiles", ...more];
  const key = (name: string, capabilities: string[]): B2Key => {
    const where = prefix === undefined || prefix === "" ? [] : ["--name-prefix", `${prefix}/`];
    const command = ["b2", "key", "create", "--bucket", bucket, ...where, name, capabilities.join(",")];
    return { capabilities, command };
  };
  return {
    backup: key("holdfast-backup", adding),
    maintenance: key("holdfast-maintenance", [...adding, "deleteFiles"]),
  };
}
