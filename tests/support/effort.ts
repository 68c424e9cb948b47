/** How often a test of random moments repeats itself: few times in `npm test`, many in `npm run chaos`. */
export function rounds({ short, long }: { short: number; long: number }): number {
  return process.env["HOLDFAST_TEST_EFFORT"] === "long" ? long : short;
}
