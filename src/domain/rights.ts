/** The rights that a destination's keys need, ready to be given where the keys are made. */
export type Rights =
  | { form: "iam-policy"; backup: IamPolicy; maintenance: IamPolicy; notes: string[] }
  | { form: "b2-capabilities"; backup: B2Key; maintenance: B2Key; notes: string[] };

/** An identity policy of Amazon's IAM, which MinIO, Wasabi, Ceph and others read too. */
export interface IamPolicy {
  Version: "2012-10-17";
  Statement: IamStatement[];
}

export interface IamStatement {
  Sid: string;
  Effect: "Allow";
  Action: string[];
  Resource: string[];
}

/** An application key of Backblaze B2. */
export interface B2Key {
  capabilities: string[];
  /** What makes it: an argument list for Backblaze's own `b2`. */
  command: string[];
}
