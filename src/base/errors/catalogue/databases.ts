import { exits, type CatalogueEntry } from "../entry.ts";

/** Databases: reaching them, dumping them, loading them. */
export const databaseErrors = {
  HF_DATABASE_UNREACHABLE: {
    message: "The database {database} cannot be reached: {detail}",
    hint: "Check that the server runs and that host, port and user are right; `holdfast doctor` tries all of them.",
    status: 502,
    exit: exits.failed,
    passes: true,
  },
  HF_DATABASE_REFUSED: {
    message: "The database {database} refused the login: {detail}",
    hint: "Check the user and the password that are declared for it.",
    status: 502,
    exit: exits.failed,
  },
  HF_DATABASE_MISSING: {
    message: "The server has no database named {database}.",
    hint: "Check its name in the configuration.",
    status: 404,
    exit: exits.failed,
  },
  HF_CLIENT_TOO_OLD: {
    message: "{program} {found} is too old for the server of {database}: version {needed} or newer is needed.",
    hint: "Install {package}, or name a newer client with `client:` in the configuration.",
    status: 503,
    exit: exits.failed,
  },
  HF_DUMP_FAILED: {
    message: "The dump of {database} failed: {detail}",
    hint: "The files of the app were stored without it, as `partial`; earlier good snapshots are untouched.",
    status: 502,
    exit: exits.failed,
  },
  HF_DUMP_INCOMPLETE: {
    message: "The dump of {database} is not complete: {detail}",
    hint: "It is not used. Earlier good snapshots are untouched; run the backup again.",
    status: 502,
    exit: exits.failed,
    passes: true,
  },
  HF_DUMP_NO_ROLE_PASSWORDS: {
    message: "The user of {database} is no superuser: roles are dumped without their passwords.",
    hint: "After a restore onto a new server set the roles' passwords again, or dump as a superuser.",
    status: 200,
    exit: exits.warning,
  },
  HF_DATABASE_CORRUPT: {
    message: "The database {database} is damaged: {detail}",
    hint: "Restore it from an earlier snapshot: `holdfast list` shows them.",
    status: 502,
    exit: exits.failed,
  },
  HF_LOAD_FAILED: {
    message: "Loading {database} failed: {detail}",
    hint: "What was there before is still in place.",
    status: 502,
    exit: exits.failed,
  },
  HF_DUMP_NOT_TRANSACTIONAL: {
    message:
      "{database} has tables that no transaction holds still ({tables}): rows written to them during the dump may be in it or not.",
    hint: "Convert them with `ALTER TABLE … ENGINE=InnoDB`, or stop the app during the backup.",
    status: 200,
    exit: exits.warning,
  },
  HF_LOAD_RIGHTS: {
    message: "{user} may not create a database, which loading {database} needs: it is loaded beside the old one first.",
    hint: "Declare an administrator of that server for the restore, or let the user: GRANT ALL ON `{database}\\_holdfast\\_%`.* TO {user}.",
    status: 403,
    exit: exits.failed,
  },
  HF_LOAD_ASIDE: {
    message: "Loading {database} failed, and putting the old tables back failed too: {detail}",
    hint: "Nothing is lost: the old tables are in the database {aside} on that server. Move them back with RENAME TABLE; the text of their views, triggers and routines is in its table holdfast_programs.",
    status: 502,
    exit: exits.failed,
  },
  HF_LOAD_LEFT_BEHIND: {
    message: "A load of {database} was broken off, and has left on its server: {leftovers}.",
    hint: "Restore again to bring a snapshot's state into place. What was there before is in the database with `before` in its name: RENAME TABLE moves the tables back, and its table {table} holds the text of their views, triggers and routines. Drop these databases when nothing in them is needed, and no load is running.",
    status: 200,
    exit: exits.warning,
  },
  HF_LOAD_DEFINERS: {
    message:
      "{users} created views, triggers or routines of {database} and may not be used as their definers on this server: {definer} took their place.",
    hint: "When the app needs the old ones, create these users first and restore again.",
    status: 200,
    exit: exits.warning,
  },
  HF_SQLITE_MISSING: {
    message: "There is no SQLite file {path}.",
    hint: "Is a disk not mounted? Otherwise correct `path` in the declaration of {database}.",
    status: 404,
    exit: exits.failed,
  },
  HF_SQLITE_NOT_A_DATABASE: {
    message: "{path} is not a SQLite database: {detail}.",
    hint: "Correct `path` in the declaration of {database}. An encrypted database cannot be read; declare its folder under `paths` instead.",
    status: 422,
    exit: exits.failed,
  },
  HF_DUMP_HIDDEN: {
    message: "The server may hide {what} of {database} from its user: the dump holds only what it shows.",
    hint: "Grant what docs/databases.md lists for a user that can only read, or dump as the owner of the database.",
    status: 200,
    exit: exits.warning,
  },
  HF_SQLITE_LOCKED: {
    message: "Another program has held {path} locked for {seconds} seconds.",
    hint: "Find out what holds it (`fuser {path}`), or raise `wait_seconds` in the declaration of {database}.",
    status: 409,
    exit: exits.failed,
    passes: true,
  },
  HF_SQLITE_UNREADABLE: {
    message: "The SQLite file {path} cannot be opened: {detail}",
    hint: "Holdfast must be able to read it, and to write into its folder when it is in WAL mode (a -shm file is made there); a folder mounted read-only will not do.",
    status: 422,
    exit: exits.failed,
  },
  HF_SQLITE_HOT_JOURNAL: {
    message: "The last program that wrote to {path} died in the middle of it; its -journal waits to be rolled back.",
    hint: "Start the app once, or open the file with `sqlite3 {path} .tables`: SQLite then mends it by itself. Run the backup again after that.",
    status: 409,
    exit: exits.failed,
  },
  HF_SQLITE_FOREIGN_KEYS: {
    message: "{count} row(s) of {database} point to rows that do not exist.",
    hint: "The copy holds them as they are. `PRAGMA foreign_key_check` names them; the app should mend them.",
    status: 200,
    exit: exits.warning,
  },
  HF_SQLITE_PARTLY_CHECKED: {
    message: "The copy of {database} was not checked to its last index: {detail}",
    hint: "The app has collations or functions of its own, which SQLite lacks outside of it. Nothing needs to be done.",
    status: 200,
    exit: exits.warning,
  },
  HF_LOAD_OLD_KEPT: {
    message:
      "{database} was loaded, but what was there before could not be removed and is still there as {aside}: {detail}",
    hint: "Remove it by hand when you no longer need it.",
    status: 200,
    exit: exits.warning,
  },
} as const satisfies Record<string, CatalogueEntry>;
