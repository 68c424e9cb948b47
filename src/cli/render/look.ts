/** What the place that we write to can show. */
export interface Look {
  color: boolean;
  /** Whether marks, bars and dashes beyond ASCII are shown well. */
  unicode: boolean;
  /** Lines never get wider than this. */
  columns: number;
}

export type Tone = "plain" | "good" | "warning" | "failed" | "dim" | "strong";

const codes: Record<Tone, [open: string, close: string]> = {
  plain: ["", ""],
  good: ["\u001b[32m", "\u001b[39m"],
  warning: ["\u001b[33m", "\u001b[39m"],
  failed: ["\u001b[31m", "\u001b[39m"],
  dim: ["\u001b[2m", "\u001b[22m"],
  strong: ["\u001b[1m", "\u001b[22m"],
};

export function paint(look: Look, tone: Tone, text: string): string {
  if (!look.color || text === "") return text;
  const [open, close] = codes[tone];
  return `${open}${text}${close}`;
}

/** Each stands for one outcome, and is one column wide. */
export const marks = { good: "✔", warning: "!", failed: "✖", unchanged: "=", waiting: "·" } as const;

/** What stands in for our own signs where only ASCII is shown. One column each, so that tables stay aligned. */
const standIns: Readonly<Record<string, string>> = {
  "✔": "+",
  "✖": "x",
  "·": "-",
  "…": "~",
  "→": ">",
  "–": "-",
  "█": "#",
  "░": "-",
  "─": "-",
};

/** Our own texts for terminals and logs without UTF-8. Not for file names: those are never changed. */
export function asShown(look: Look, text: string): string {
  if (look.unicode) return text;
  return text.replaceAll(" …", " ...").replaceAll(/[✔✖·…→–█░─]/g, (sign) => standIns[sign] ?? sign);
}
