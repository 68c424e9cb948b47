import { Transform } from "node:stream";

// Newer MariaDB clients begin a dump with a comment of this kind that enables their sandbox; other clients stop at it.
const mark = Buffer.from("/*M!999999\\-");
const lineFeed = 0x0a;

/** Leaves out the first line of a dump when it is MariaDB's sandbox line; passes everything else as it is. */
export function withoutSandboxLine(): Transform {
  let begin: Buffer | undefined = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (begin === undefined) {
        done(null, chunk);
        return;
      }
      begin = Buffer.concat([begin, chunk]);
      const decided = rest(begin);
      if (decided !== undefined) begin = undefined;
      done(null, decided);
    },
    flush(done) {
      done(null, begin);
    },
  });
}

/** What follows the line; undefined while that cannot be told. */
function rest(begin: Buffer): Buffer | undefined {
  const compared = Math.min(begin.length, mark.length);
  if (!begin.subarray(0, compared).equals(mark.subarray(0, compared))) return begin;
  const end = begin.indexOf(lineFeed);
  return end < 0 ? undefined : begin.subarray(end + 1);
}
