// A program that writes to a SQLite file at full speed until its input ends: each transaction moves an amount between
// two tables, so that their sum stays 0, and adds a row to each. Prints the number of its commits when it is sent
// anything, and at the end.
import Database from "better-sqlite3";

const [path, journalMode] = process.argv.slice(2);
const db = new Database(path, { timeout: 60_000 });
db.pragma(`journal_mode = ${journalMode}`);
db.pragma("synchronous = NORMAL");
const give = db.prepare("INSERT INTO debits (amount) VALUES (?)");
const take = db.prepare("INSERT INTO credits (amount) VALUES (?)");
const both = db.transaction((amount) => {
  give.run(-amount);
  take.run(amount);
});
let commits = 0;
let going = true;
process.stdin.on("data", () => console.log(commits)).on("end", () => (going = false));
console.log("ready");
while (going) {
  both.immediate(commits);
  commits += 1;
  await new Promise((resolve) => setImmediate(resolve));
}
db.close();
console.log(commits);
