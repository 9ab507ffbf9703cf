//! How far a sample has been loaded: written with the records themselves, so that what was interrupted goes on where it
//! stood and makes nothing twice.

use std::sync::Arc;

use kontor_store::system::SystemWrite;
use kontor_store::{CommitUnit, Write};
use serde::{Deserialize, Serialize};

use super::DemoPeople;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// Where it is kept until the sample is whole.
const NAME: &str = "sample_begun";

/// A sample that is not whole yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Which sample.
    pub sample: String,
    /// Whether its people sign in with its own passwords.
    pub sign_in: bool,
    /// The addresses of its people that somebody had before it came.
    pub taken: Vec<String>,
    /// The file that is being loaded, counted from nought.
    pub file: usize,
    /// How many records of that file are there.
    pub rows: usize,
}

impl Progress {
    /// The beginning of a sample.
    pub fn begin(sample: &str, people: DemoPeople) -> Self {
        Self { sample: sample.to_owned(), sign_in: people == DemoPeople::SignIn, ..Self::default() }
    }

    /// The one that was begun and is not whole.
    pub async fn of(workspace: &Workspace) -> Result<Option<Self>> {
        let stored = workspace.store.meta_of(NAME).await?.filter(|text| !text.is_empty());
        stored.map(|text| serde_json::from_str(&text).map_err(Error::internal)).transpose()
    }

    /// Whether a record of a file is there already.
    pub fn has(&self, file: usize, row: usize) -> bool {
        file < self.file || (file == self.file && row < self.rows)
    }

    /// What keeps it, for the unit that brings the records.
    pub fn write(&self) -> Result<Write> {
        let value = serde_json::to_string(self).map_err(Error::internal)?;
        Ok(Write::System(Box::new(SystemWrite::SetMeta { name: NAME.into(), value })))
    }

    /// Keeps it by itself.
    pub async fn keep(&self, workspace: &Arc<Workspace>) -> Result<()> {
        let mut unit = CommitUnit::new();
        unit.push(self.write()?);
        workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
        Ok(())
    }

    /// The sample is whole.
    pub async fn end(workspace: &Arc<Workspace>) -> Result<()> {
        let unit = CommitUnit::from(SystemWrite::SetMeta { name: NAME.into(), value: String::new() });
        workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_made_again() {
        let progress = Progress { file: 2, rows: 200, ..Progress::begin("base", DemoPeople::OwnOnly) };
        assert!(progress.has(1, 5000) && progress.has(2, 199));
        assert!(!progress.has(2, 200) && !progress.has(3, 0));
    }
}
