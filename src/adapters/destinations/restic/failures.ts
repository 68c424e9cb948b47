import { failure, type HoldfastError } from "../../../base/errors/error.ts";
import { redact } from "../../../base/secrets/secret.ts";
import { holderIn } from "./lock-holder.ts";

/** What went wrong, as far as restic's text tells. */
export type Cause = "full" | "host-key" | "refused" | "unreachable" | "password" | "exists" | "snapshot" | "damaged";

/** In this order: a line may hold words of several. The words are restic's, Go's, OpenSSH's and S3's own. */
const signs: readonly (readonly [Cause, RegExp])[] = [
  [
    "full",
    /no space left on device|disk quota exceeded|QuotaExceeded|XMinioStorageFull|storage_cap_exceeded|507 Insufficient|\(507\)/i,
  ],
  ["host-key", /HOST IDENTIFICATION HAS CHANGED|Host key verification failed|host key is known for/i],
  [
    "refused",
    /Permission denied \(|Too many authentication failures|InvalidAccessKeyId|Access Key Id you provided does not exist|SignatureDoesNotMatch|signature we calculated does not match|access ?denied|bad_auth_token|invalid application ?key|ExpiredToken|40[13] (Unauthorized|Forbidden)|HTTP response \(?40[13]|permission denied|operation not permitted|read-only file system/i,
  ],
  [
    "unreachable",
    /dial tcp|dial unix|connection refused|no such host|i\/o timeout|network is unreachable|no route to host|connection reset|broken pipe|unexpected EOF|TLS handshake|x509|Could not resolve hostname|Connection (to \S+ )?(timed out|closed|refused)|timed out|didn't find section in config|rclone exited|server misbehaving|NoSuchBucket|bucket does not exist|50[0234] (Internal|Bad Gateway|Service|Gateway)|transport endpoint|stale file handle|input\/output error/i,
  ],
  ["password", /wrong password or no key found/i],
  ["exists", /already initialized|config file already exists|already contains a repository/i],
  [
    "snapshot",
    /no matching ID found|failed to find snapshot|no snapshot found|failed to load snapshot.*(no such file|not exist|not found|404)/i,
  ],
  [
    "damaged",
    /ciphertext verification failed|invalid data returned|hash mismatch|does not match id|pack .{0,80}(is damaged|contains errors)|(tree|blob) \S+ (not found|is not known)|unable to load index|missing in repo|ReadFull\(<data\/.*(no such file|not exist|not found)|repository contains errors|config is damaged/i,
  ],
];

export function causeOf(text: string): Cause | undefined {
  return signs.find(([, sign]) => sign.test(text))?.[0];
}

/** What a failed restic left behind. */
export interface Ending {
  destination: string;
  location: string;
  command: string;
  /** Exit status; null when a signal ended it. */
  code: number | null;
  /** The text of its `exit_error`, or of its last `Fatal:` line. */
  fatal: string | undefined;
  /** Lines that are not JSON, of both outputs. */
  lines: readonly string[];
}

/**
 * The error that stands for a failed restic. Exit statuses 10 (no repository, 0.17.0), 11 (locked, 0.17.0) and
 * 12 (password, 0.17.1) tell by themselves; the rest is told by the text.
 */
export function failureOf(ending: Ending): HoldfastError {
  const { destination, location, command, code } = ending;
  const text = [ending.fatal ?? "", ...ending.lines].join("\n");
  const cause = new Error(redact(text.trim()) || "restic said nothing");
  const options = { cause };
  if (code === 10) return failure("HF_REPOSITORY_MISSING", { destination, location }, options);
  if (code === 11) return failure("HF_REPOSITORY_LOCKED", { destination, holder: holderIn(text) }, options);
  if (code === 12) return failure("HF_REPOSITORY_PASSWORD", { destination, location }, options);
  const kind = causeOf(text);
  const detail = redact(sentenceOf(ending, kind));
  const at = { destination, location, detail };
  const failures: Record<Cause, () => HoldfastError> = {
    full: () => failure("HF_REPOSITORY_FULL", at, options),
    "host-key": () => failure("HF_REPOSITORY_HOST_KEY", at, options),
    refused: () => failure("HF_REPOSITORY_REFUSED", { ...at, command }, options),
    unreachable: () => failure("HF_REPOSITORY_UNREACHABLE", at, options),
    password: () => failure("HF_REPOSITORY_PASSWORD", { destination, location }, options),
    exists: () => failure("HF_REPOSITORY_EXISTS", { destination, location }, options),
    snapshot: () => failure("HF_SNAPSHOT_UNKNOWN", { snapshot: snapshotIn(text) }, options),
    damaged: () => failure("HF_REPOSITORY_DAMAGED", { destination, detail }, options),
  };
  if (kind !== undefined) return failures[kind]();
  return failure("HF_RESTIC_FAILED", { command, destination, exit: code ?? "by a signal", detail }, options);
}

/** One sentence for a person: the line that shows the cause, without restic's wrapping. */
function sentenceOf(ending: Ending, kind: Cause | undefined): string {
  const spoken = [...(ending.fatal?.split("\n") ?? []), ...ending.lines];
  const fitting = kind === undefined ? [] : spoken.filter((line) => causeOf(line) === kind);
  // ssh knows why; restic only that its ssh has gone.
  const telling = fitting.find((line) => line.startsWith("subprocess ")) ?? fitting[0];
  const line = kind === "host-key" ? hostKeySentence(spoken) : (telling ?? spoken[0] ?? "no reason given");
  return line
    .replace(/^(Fatal: )+/, "")
    .replace(/^subprocess \S+: /, "")
    .replace(/^\w+\(<[^>]*>\)( returned error, retrying after [^:]+| failed)?: /, "")
    .trim()
    .slice(0, 500);
}

/** OpenSSH shouts several lines in a frame; this is what they say. */
function hostKeySentence(lines: readonly string[]): string {
  return lines.some((line) => /HAS CHANGED/.test(line))
    ? "the server shows another host key than the one that is known for it."
    : "the server shows a host key that is not known.";
}

function snapshotIn(text: string): string {
  return /prefix "([^"]+)"/.exec(text)?.[1] ?? "that id";
}
