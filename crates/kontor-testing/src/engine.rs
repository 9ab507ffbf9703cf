//! The two databases and whether a test can have them here.

use std::io::Write as _;

use crate::postgres;

/// A database that Kontor runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file in the data folder.
    Sqlite,
    /// A database in a throw-away cluster.
    Postgres,
}

impl Engine {
    /// Both, in the order in which reports name them.
    pub const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// Whether the programs it needs are installed. When they are not, CI fails and anybody else is told
    /// what was left out.
    pub fn is_here(self) -> bool {
        match self {
            Self::Sqlite => true,
            Self::Postgres => {
                postgres::programs().is_some() || missing("PostgreSQL", "apt-get install postgresql")
            }
        }
    }
}

/// Says loudly that a part of the tests cannot run; in CI that is a failure.
pub fn missing(what: &str, remedy: &str) -> bool {
    assert!(!in_ci(), "{what} is not installed and CI must have it: {remedy}");
    say(&format!("SKIPPED: {what} is not installed. To run this part: {remedy}"));
    false
}

/// Prints past the test runner, which would hide the words of a test that passes.
pub fn say(words: &str) {
    let line = format!("{words}\n");
    if std::io::stderr().write_all(line.as_bytes()).is_err() {
        // Without standard error there is nobody to tell.
    }
}

/// Whether this run decides about a change for everybody.
pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false")
}

/// Makes two tests, one per database, of each journey: `async fn name(engine: Engine)`.
#[macro_export]
macro_rules! on_both_databases {
    ($($journey:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test]
                async fn $journey() {
                    super::$journey($crate::Engine::Sqlite).await;
                }
            )+
        }
        mod on_postgresql {
            $(
                #[tokio::test]
                async fn $journey() {
                    if $crate::Engine::Postgres.is_here() {
                        super::$journey($crate::Engine::Postgres).await;
                    }
                }
            )+
        }
    };
}
