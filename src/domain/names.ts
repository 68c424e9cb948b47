/** Ids and names that must not be mixed up. */
declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** An app's name; `NAME@DEVICE` where two devices have one of the same name. */
export type AppName = Branded<string, "AppName">;
export type DestinationName = Branded<string, "DestinationName">;
export type PolicyName = Branded<string, "PolicyName">;
/** UUID of a run; also the value of the tag `run:ID`. */
export type RunId = Branded<string, "RunId">;
/** UUID of our record of a snapshot; it exists from the moment that the run is queued. */
export type SnapshotRecordId = Branded<string, "SnapshotRecordId">;
/** restic's full snapshot id, 64 hexadecimal digits. */
export type SnapshotId = Branded<string, "SnapshotId">;

/** Names may hold letters, digits, dot, dash, underscore and one `@`; they become tags and folder names. */
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}(@[A-Za-z0-9][A-Za-z0-9._-]{0,62})?$/;

export const appName = (text: string): AppName => text as AppName;
export const destinationName = (text: string): DestinationName => text as DestinationName;
export const policyName = (text: string): PolicyName => text as PolicyName;
export const runId = (text: string): RunId => text as RunId;
export const snapshotId = (text: string): SnapshotId => text as SnapshotId;
export const snapshotRecordId = (text: string): SnapshotRecordId => text as SnapshotRecordId;
