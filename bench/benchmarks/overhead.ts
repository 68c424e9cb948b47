import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { ratio, type Benchmark, type Times } from "../benchmark.ts";
import { makeAppFiles } from "../support/app-files.ts";
import { benchedHoldfast } from "../support/holdfast.ts";
import { pair, quietDisk } from "../support/measure.ts";
import { plainRestic } from "../support/restic.ts";

/** What Holdfast adds to storing a large app. */
export const overhead: Benchmark = {
  name: "overhead",
  summary: "the first backup of an app of 1.5 GB, against plain restic backup",
  async run({ folder, rounds, quick, restic, say }) {
    const [small, large] = [join(folder, "apps", "small"), join(folder, "apps", "large")];
    say("writing the app");
    await makeAppFiles(small, { files: 1, fileBytes: 1000 });
    await makeAppFiles(large, quick ? { files: 5, fileBytes: 100_000 } : { files: 1500, fileBytes: 1_000_000 });
    const times: Times = { ours: [], theirs: [] };
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}`);
      const place = join(folder, `round-${round}`);
      // Both repositories are there and have been used: what is measured is the app, not the first day.
      const holdfast = await benchedHoldfast(join(place, "holdfast"), restic);
      await holdfast.configure({ small: { paths: [small] }, large: { paths: [large] } });
      await holdfast.run("backup", "small");
      const plain = await plainRestic(join(place, "plain"), restic);
      await plain.run("backup", "--host", hostname(), small);
      const { ours, theirs } = await pair(
        round,
        async () => await holdfast.run("backup", "large", "--no-retain"),
        async () => await plain.run("backup", "--host", hostname(), large),
        quietDisk,
      );
      times.ours.push(ours);
      times.theirs.push(theirs);
      await rm(place, { recursive: true });
    }
    return [ratio("the first backup of a large app", 1.05, times)];
  },
};
