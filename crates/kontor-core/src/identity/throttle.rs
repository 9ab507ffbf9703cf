//! Slows down guessing: after a few failures an account and an address wait, longer each time. Failures are counted in the
//! database, so that neither a restart nor another process forgets them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kontor_store::system::AttemptRow;
use kontor_store::{CommitUnit, SystemWrite};

use super::secret;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// Failures that cost nothing.
const FREE: u32 = 5;
/// The longest wait.
const LONGEST: Duration = Duration::from_mins(15);
/// Failures are forgotten after so long.
const MEMORY: chrono::Duration = chrono::Duration::hours(1);

/// How long the keys still have to wait; zero when they need not.
///
/// # Errors
/// When the database does not answer.
pub async fn wait(workspace: &Workspace, keys: &[String], now: DateTime<Utc>) -> Result<Duration> {
    let known = workspace.store.attempts(&hidden(keys)).await?;
    Ok(known.iter().map(|row| left(row, now)).max().unwrap_or_default())
}

/// Counts a failure.
///
/// # Errors
/// When the database does not answer.
pub async fn failed(workspace: &Workspace, keys: &[String], now: DateTime<Utc>) -> Result<()> {
    let write = SystemWrite::CountFailure { keys: hidden(keys), at: now, forgotten: now - MEMORY };
    commit(workspace, write).await
}

/// Forgets the failures of a key, after a success.
///
/// # Errors
/// When the database does not answer.
pub async fn succeeded(workspace: &Workspace, key: &str) -> Result<()> {
    let keys = hidden(&[key.to_owned()]);
    // Who never failed costs no write.
    if workspace.store.attempts(&keys).await?.is_empty() {
        return Ok(());
    }
    commit(workspace, SystemWrite::ForgetFailures { keys }).await
}

async fn commit(workspace: &Workspace, write: SystemWrite) -> Result<()> {
    let unit = CommitUnit::from(write);
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    Ok(())
}

/// Neither who was tried nor from where stands in the database.
fn hidden(keys: &[String]) -> Vec<String> {
    keys.iter().map(|key| secret::hash(key)).collect()
}

fn left(row: &AttemptRow, now: DateTime<Utc>) -> Duration {
    let passed = now - row.failed_at;
    if passed >= MEMORY {
        return Duration::ZERO;
    }
    pause(row.failures).saturating_sub(passed.to_std().unwrap_or_default())
}

/// 2, 4, 8 … seconds beyond the free failures.
fn pause(count: u32) -> Duration {
    match count.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(over) => Duration::from_secs(2_u64.saturating_pow(over.min(20) + 1)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_only_after_the_free_failures_and_forgets() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        let after = |failures, seconds| {
            left(&AttemptRow { failures, failed_at: at }, at + chrono::Duration::seconds(seconds)).as_secs()
        };
        assert_eq!((after(4, 0), after(5, 0), after(5, 2), after(6, 1)), (0, 2, 0, 3));
        assert_eq!((after(400, 0), after(400, 899), after(400, 3_600)), (900, 1, 0));
        // A clock that went back makes nobody wait for longer.
        assert_eq!(after(5, -50), 2);
    }
}
