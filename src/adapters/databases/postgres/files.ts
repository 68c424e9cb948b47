/** The files of a dump, by the declared name of the database. */
export function dumpFiles(name: string): { archive: string; script: string; globals: string; properties: string } {
  return {
    archive: `${name}.dump`,
    script: `${name}.sql`,
    globals: `${name}.globals.sql`,
    /** Owner, encoding and settings of the database itself, which a plain script does not hold. */
    properties: `${name}.database.sql`,
  };
}
