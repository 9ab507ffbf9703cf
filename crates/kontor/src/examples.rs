//! What stands below the help of a command: how it is used, and with which codes it ends.

/// Of the program.
pub const PROGRAM: &str = "\
Examples:
  kontor serve --demo base              try it out with a sample
  kontor serve --data /srv/kontor       serve what is in a folder
  kontor check my-pack                  look at a folder of definitions, offline
  kontor apply my-pack --dry-run        see what it would change
  kontor COMMAND --help                 more about one command

Commands work beside a running server; its next request sees the result.
Settings come from the command line, KONTOR_* variables, or kontor.toml in the data folder.
Exit codes: 0 done, 1 failed or found wrong, 2 wrong usage.";

/// Of `serve`.
pub const SERVE: &str = "\
The first start makes the workspace with the base pack. KONTOR_ADMIN_EMAIL and KONTOR_ADMIN_PASSWORD name its
administrator; without them a one-time address to set it up is printed.

Examples:
  kontor serve
  kontor serve --demo base --listen 127.0.0.1:9000
  KONTOR_DATABASE=postgres://user@host/database kontor serve";

/// Of `user create`.
pub const USER: &str = "\
Example:
  echo 'a long password' | kontor user create --email ann@example.com --name 'Ann Lee' --role ROLE --password-stdin";

/// Of `apply`.
pub const APPLY: &str = "\
Examples:
  kontor apply my-pack --dry-run        see what would change
  kontor apply my-pack                  publish it
  kontor apply exported --prune         also delete what the folder does not hold";

/// Of `pack install` and `pack upgrade`.
pub const PACK: &str = "\
Examples:
  kontor pack install ./my-pack --dry-run
  kontor pack upgrade ./my-pack --theirs PLACE --ours PLACE";

/// Of `changes`.
pub const CHANGES: &str = "\
Examples:
  kontor changes list                                          in the workspace where it was tried
  kontor changes export ID changes.json
  kontor changes rehearse changes.json --workspace NAME        in the one where it is wanted
  kontor changes apply changes.json --workspace NAME";

/// Of `import`.
pub const IMPORT: &str = "\
Refused rows are written to FILE.errors.csv in the current folder; what was right is imported, and the exit code is 1.

Examples:
  kontor import ENTITY people.csv --dry-run
  kontor import ENTITY people.xlsx --match email
  kontor import undo ID";

/// Of `query`.
pub const QUERY: &str = "\
Examples:
  kontor query ENTITY --fields name,owner.name --sort -created_at
  kontor query ENTITY --filter '{ \"field\": \"name\", \"contains\": \"north\" }' --format csv";
