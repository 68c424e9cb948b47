import type { Holdfast } from "../context/holdfast.ts";
import { families, type MetricName } from "./families.ts";
import { putAll } from "./samples.ts";

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const metricsMedia = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Everything that a scrape wants to know, in Prometheus' text format 0.0.4. Made anew each time, so that what is no longer
 * there is no longer told; and by hand, because a registry's tables of 23,000 series were most of the cost of 1,000 apps.
 */
export async function metricsText(holdfast: Holdfast): Promise<string> {
  const lines = new Map<MetricName, string[]>();
  await putAll(holdfast, (name, labels, value) => {
    const line = `${name}${labelText(families[name].labels, labels)} ${value}`;
    const there = lines.get(name);
    if (there === undefined) lines.set(name, [line]);
    else there.push(line);
  });
  const named = Object.entries(families) as [MetricName, (typeof families)[MetricName]][];
  const blocks = named.flatMap(([name, { type, help }]) => {
    const told = lines.get(name);
    return told === undefined ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...told];
  });
  return `${blocks.join("\n")}\n`;
}

function labelText(names: readonly string[], labels: Readonly<Record<string, string>>): string {
  if (names.length === 0) return "";
  return `{${names.map((name) => `${name}="${escaped(labels[name] ?? "")}"`).join(",")}}`;
}

/** Nearly every name is plain: that is looked at first. */
function escaped(text: string): string {
  if (!/[\\"\n]/.test(text)) return text;
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
