//! Packs of a workspace: which there are, installing, upgrading and removing one. Each is a plan first, like every change of
//! definitions, and a version of its own when it is published.

mod aside;
mod change;
mod content;
mod keys;
mod merge;
mod offers;
mod renames;
mod requirements;

pub use change::Act;
pub use content::{fingerprint, fingerprint_of, kept, row as pack_row};
pub(super) use content::{from_json as definitions_of_content, installed as content_of};
pub use merge::{Choices, MergedDefinition};
pub use offers::{Available, available, find, offer, read_folder};
pub use requirements::{PROGRAM, is_older};
pub(super) use requirements::{of_manifest, of_packs, wanted};

use kontor_model::Json;
use kontor_model::layer::MergeState;
use kontor_model::locale::Catalogue;
use kontor_store::system::PackRow;
use serde_json::json;

use self::change::PackCandidate;
use super::folder::FolderError;
use super::plan::{self, Plan};
use super::publish::publish;
use super::{DESIGN, version_title};
use crate::Session;
use crate::error::Result;
use crate::pack::Pack;
use crate::permissions::demand_admin;

/// What is done with a pack, and how.
#[derive(Clone, Debug)]
pub enum PackChange {
    /// Installed, or upgraded when it is there.
    Bring {
        /// The pack.
        pack: Box<Pack>,
        /// What is chosen instead of the usual.
        choices: Choices,
    },
    /// Removed.
    Remove {
        /// Its name.
        name: String,
        /// What of the workspace needs it goes with it.
        prune: bool,
    },
}

/// What a pack change would do.
#[derive(Debug)]
pub struct PackPlan {
    /// What is done.
    pub act: Act,
    /// The pack's name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The version that is installed.
    pub from: Option<String>,
    /// The version that comes.
    pub to: Option<String>,
    /// The changes of the effective definitions, and the statements.
    pub plan: Plan,
    /// Every definition below the workspace that differs, value by value.
    pub merged: Vec<MergedDefinition>,
    /// Definitions of the workspace that go aside, wholly or in part: kind and name.
    pub aside: Vec<(String, String)>,
    /// Definitions of the workspace that come back.
    pub back: Vec<(String, String)>,
    /// Those that would be broken and stay aside.
    pub left: Vec<(String, String)>,
}

impl PackPlan {
    /// Whether publishing it would change nothing.
    pub fn is_empty(&self) -> bool {
        self.act == Act::Upgrade
            && self.from == self.to
            && self.plan.changes.is_empty()
            && self.merged.is_empty()
    }

    /// How many values are in a state.
    pub fn count(&self, state: MergeState) -> usize {
        self.merged.iter().map(|one| one.count(state)).sum()
    }

    /// The plan as the API gives it: that of every change, and what becomes of the values.
    pub fn to_json(&self, catalogue: &Catalogue) -> Json {
        let mut json = self.plan.to_json(catalogue);
        let values: Vec<Json> = self
            .merged
            .iter()
            .flat_map(|one| one.values.iter().map(move |value| (one, value)))
            .map(|(one, value)| {
                json!({
                    "kind": one.id.0.as_str(), "name": one.id.1, "place": value.place, "state": value.state.as_str(),
                    "vanished": value.is_vanished(), "before": value.before, "theirs": value.theirs,
                    "ours": value.ours, "use": value.side.as_str(),
                })
            })
            .collect();
        let named = |list: &[(String, String)]| -> Json {
            list.iter().map(|(kind, name)| json!({ "kind": kind, "name": name })).collect()
        };
        if let Some(object) = json.as_object_mut() {
            object.insert(
                "pack".into(),
                json!({ "name": self.name, "title": self.title, "from": self.from, "to": self.to }),
            );
            object.insert("merge".into(), values.into());
            object.insert("aside".into(), named(&self.aside));
            object.insert("back".into(), named(&self.back));
            object.insert("left_aside".into(), named(&self.left));
        }
        json
    }
}

/// The installed packs, the lowest first.
///
/// # Errors
/// [`crate::Error::Forbidden`].
pub fn list(session: &Session) -> Result<Vec<PackRow>> {
    demand_admin(session, DESIGN)?;
    Ok(session.workspace.layers().packs.clone())
}

async fn candidate(session: &Session, change: PackChange) -> Result<PackCandidate, FolderError> {
    demand_admin(session, DESIGN)?;
    session.workspace.current().await?;
    match change {
        PackChange::Bring { pack, choices } => change::bring(session, *pack, &choices).await,
        PackChange::Remove { name, prune } => Ok(change::take_away(session, &name, prune).await?),
    }
}

/// What a pack change would do.
///
/// # Errors
/// Everything that is wrong with the pack, by file and pointer; [`crate::Error::NotFound`] when it is not there.
pub async fn plan(session: &Session, change: PackChange) -> Result<PackPlan, FolderError> {
    let found = candidate(session, change).await?;
    let plan = plan::of_candidate(session, &found.candidate).await?;
    let named = |rows: &[kontor_store::system::AsideRow]| -> Vec<(String, String)> {
        rows.iter().map(|row| (row.kind.clone(), row.name.clone())).collect()
    };
    Ok(PackPlan {
        act: found.act,
        plan,
        aside: named(&found.aside),
        back: named(&found.returned.back),
        left: named(&found.returned.left),
        name: found.name,
        title: found.title,
        from: found.from,
        to: found.to,
        merged: found.merged,
    })
}

/// Does it: one transaction, one version; returns its number.
///
/// # Errors
/// As [`plan`]; [`crate::Error::Problems`] when something would break, [`crate::Error::LossNotAccepted`].
pub async fn apply(session: &Session, change: PackChange, accept_loss: bool) -> Result<i64, FolderError> {
    let found = candidate(session, change).await?;
    let key = match found.act {
        Act::Install => "ui.packs.version_installed",
        Act::Upgrade => "ui.packs.version_upgraded",
        Act::Remove => "ui.packs.version_removed",
    };
    let version = found.to.or(found.from).unwrap_or_default();
    let title = version_title::stored(key, &[("title", &found.title), ("version", &version)]);
    Ok(publish(session, found.candidate, &title, None, accept_loss).await?)
}
