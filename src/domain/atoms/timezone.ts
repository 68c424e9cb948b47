import { z } from "zod";

/** An IANA time zone that this Node knows. */
export const timezoneSchema = z.string().refine(isTimezone, "a time zone such as Europe/Berlin or UTC");

function isTimezone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** This machine's time zone; UTC where it has none that is known. */
export function localZone(): string {
  const zone: string | undefined = new Intl.DateTimeFormat("en").resolvedOptions().timeZone;
  return zone !== undefined && isTimezone(zone) ? zone : "UTC";
}
