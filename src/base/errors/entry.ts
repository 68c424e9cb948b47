/** Exit statuses of the command line. */
export const exits = {
  success: 0,
  failed: 1,
  usage: 2,
  warning: 3,
  busy: 4,
  nothing: 5,
  cancelled: 130,
} as const;

export type ExitStatus = (typeof exits)[keyof typeof exits];

export interface CatalogueEntry {
  /** What happened, in one sentence, with {placeholders}. */
  message: string;
  /** What to do next; may be empty. */
  hint: string;
  /** HTTP status when it is the answer to a request. */
  status: number;
  /** Exit status when it ends a command. */
  exit: ExitStatus;
  /** It may be gone by itself a little later: a scheduled run that failed of it is tried again. */
  passes?: true;
}
