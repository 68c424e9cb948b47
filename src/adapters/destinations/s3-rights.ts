import type { IamPolicy, IamStatement, Rights } from "../../domain/rights.ts";
import { b2Keys } from "./b2-rights.ts";

interface S3Place {
  endpoint: string;
  bucket: string;
  prefix?: string | undefined;
}

const notes = [
  "Turn the bucket's versioning on: whoever may add objects may also overwrite them, and only versioning keeps what was there.",
  "Neither key may delete versions. A lifecycle rule that ends old versions after some weeks frees the space: choose longer than you need to notice an attack.",
];

/**
 * The least that restic needs: the backup adds, reads, and deletes nothing but locks; maintenance deletes too, but no
 * versions. Backblaze has no policies, its keys have capabilities instead.
 */
export function s3Rights(spec: S3Place): Rights {
  const { endpoint, bucket, prefix } = spec;
  if (/\.backblazeb2\.com\b/.test(endpoint)) {
    const more = ["listAllBucketNames", "readBuckets", "readBucketRetentions"];
    const hint =
      "Without deleteFiles, Backblaze's S3 may refuse to remove restic's locks; the type `b2` hides them instead.";
    return { form: "b2-capabilities", ...b2Keys(bucket, prefix, more), notes: [hint] };
  }
  const below = prefix === undefined || prefix === "" ? "" : `${prefix}/`;
  const arn = `arn:aws:s3:::${bucket}`;
  const look: IamStatement = {
    Sid: "Look",
    Effect: "Allow",
    // The last two let `holdfast destination test` tell whether the bucket keeps what append_only promises.
    Action: ["s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration"],
    Resource: [arn],
  };
  const add = allow("Add", ["s3:GetObject", "s3:PutObject"], `${arn}/${below}*`);
  return {
    form: "iam-policy",
    backup: policy(look, add, allow("RemoveLocks", ["s3:DeleteObject"], `${arn}/${below}locks/*`)),
    maintenance: policy(look, add, allow("Delete", ["s3:DeleteObject"], `${arn}/${below}*`)),
    notes,
  };
}

function policy(...statements: IamStatement[]): IamPolicy {
  return { Version: "2012-10-17", Statement: statements };
}

/** In a policy's resource * and ? stand for anything, and ${ begins a variable; ${*} and its like are the signs themselves. */
function allow(Sid: string, Action: string[], resource: string): IamStatement {
  const path = resource.replace(/\*$/, "");
  const literal = path.replaceAll(/[*?$]/g, (sign) => `\${${sign}}`);
  return { Sid, Effect: "Allow", Action, Resource: [`${literal}*`] };
}
