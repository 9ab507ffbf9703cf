//! What led to a run, so that loops are cut.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// Longest chain of causes; a run beyond it is not begun.
pub const MAX_CHAIN: usize = 16;

/// A run that led to another: its workflow and record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cause {
    /// The workflow's name.
    pub workflow: String,
    /// The record that it ran for.
    pub record: Uuid,
}

impl fmt::Display for Cause {
    /// `onboarding:0190…`, the form in events and runs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.workflow, self.record)
    }
}

/// A text that is no cause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no cause of the form workflow:record")]
pub struct NotACause(pub String);

impl FromStr for Cause {
    type Err = NotACause;

    fn from_str(text: &str) -> Result<Self, NotACause> {
        let wrong = || NotACause(text.to_owned());
        let (workflow, record) = text.rsplit_once(':').ok_or_else(wrong)?;
        let record = Uuid::try_parse(record).map_err(|_| wrong())?;
        Ok(Self { workflow: workflow.to_owned(), record })
    }
}

/// Why a run is not begun; it is shown, not silently dropped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoopCut {
    /// The same workflow already ran for the same record in the chain.
    #[error("workflow `{0}` would start itself again for the same record")]
    Repeats(String),
    /// The chain is too long.
    #[error("workflow `{0}` would be caused by more than {MAX_CHAIN} others")]
    TooLong(String),
}

/// Whether a workflow may start for a record after what led to it.
///
/// # Errors
/// Which way the loop closes.
pub fn may_start(workflow: &str, record: Uuid, chain: &[Cause]) -> Result<(), LoopCut> {
    if chain.iter().any(|cause| cause.workflow == workflow && cause.record == record) {
        return Err(LoopCut::Repeats(workflow.to_owned()));
    }
    if chain.len() >= MAX_CHAIN {
        return Err(LoopCut::TooLong(workflow.to_owned()));
    }
    Ok(())
}
