//! Changes of a set that others have published something else for meanwhile: which they are, who did it, and settling
//! each of them: mine on top of theirs, or theirs in the places where both differ.

use chrono::{DateTime, Utc};
use kontor_model::definition::{DefinitionId, DefinitionKind};
use kontor_model::layer::{MergeState, Side, three_way};
use kontor_model::{Json, Model};
use kontor_store::CommitUnit;
use kontor_store::system::{ChangeRow, ChangeSetRow, SystemWrite, VersionSummary};
use uuid::Uuid;

use super::candidate::{Edit, rebase};
use super::change_sets;
use super::publish::top_of;
use super::turn::Turn;
use crate::error::{Error, Result};
use crate::{Session, records};

/// Versions that are looked at for whose publication it was.
const MOST_VERSIONS: usize = 50;

/// One definition that a change set and somebody else's publication changed in the same place.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Its kind.
    pub kind: DefinitionKind,
    /// Its name.
    pub name: String,
    /// Where both say something different, as places of a definition.
    pub places: Vec<String>,
    /// Who published the other change, when that can be told.
    pub by: Option<Uuid>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// The definitions of a set that conflict with what is published.
pub fn ids(model: &Model, changes: &[ChangeRow]) -> Vec<DefinitionId> {
    let conflicts = |edit: &Edit| {
        let current = model.definition(edit.id.0, &edit.id.1);
        rebase(edit, current).is_err()
    };
    changes.iter().filter_map(change_sets::edit_of).filter(conflicts).map(|edit| edit.id).collect()
}

/// The same with what a person needs to decide.
///
/// # Errors
/// When the database does not answer.
pub async fn of(session: &Session, set: &ChangeSetRow, changes: &[ChangeRow]) -> Result<Vec<Moved>> {
    let mut found = Vec::new();
    for id in ids(&session.model, changes) {
        let of_id = |change: &&ChangeRow| change.kind == id.0.as_str() && change.name == id.1;
        let Some(change) = changes.iter().find(of_id) else { continue };
        let theirs = session.model.definition(id.0, &id.1);
        let version = published_by(session, set, &id).await?;
        found.push(Moved {
            places: conflicts(change, theirs),
            by: version.as_ref().and_then(|version| version.author),
            at: version.map(|version| version.at),
            kind: id.0,
            name: id.1,
        });
    }
    Ok(found)
}

/// The places in which a change and what is published differ.
fn conflicts(change: &ChangeRow, theirs: Option<&Json>) -> Vec<String> {
    let merging = three_way(change.base.as_ref(), theirs, change.body.as_ref(), &|_| None);
    let both = merging.values.into_iter().filter(|value| value.state == MergeState::Conflict);
    both.map(|value| value.place).collect()
}

/// The latest version that changed a definition since the set was begun.
async fn published_by(
    session: &Session,
    set: &ChangeSetRow,
    id: &DefinitionId,
) -> Result<Option<VersionSummary>> {
    let store = &session.workspace.store;
    let versions = store.versions().await?;
    let mut newer: Option<(VersionSummary, Json)> = None;
    for summary in versions.into_iter().filter(|one| one.n >= set.base).take(MOST_VERSIONS) {
        let Some(version) = store.version(summary.n).await? else { continue };
        if let Some((newer, state)) = &newer {
            let differs = top_of(state).get(id) != top_of(&version.state).get(id)
                || state.get("packs") != version.state.get("packs");
            if differs {
                return Ok(Some(newer.clone()));
            }
        }
        newer = Some((summary, version.state));
    }
    Ok(None)
}

/// The refusal that names who published the definition.
pub(super) async fn named(
    session: &Session,
    set: &ChangeSetRow,
    changes: &[ChangeRow],
    kind: String,
    name: String,
) -> Error {
    let found = of(session, set, changes).await.unwrap_or_default();
    let own = found.into_iter().find(|one| one.kind.as_str() == kind && one.name == name);
    let by = who(session, own.and_then(|one| one.by)).await;
    Error::DefinitionMoved { kind, name, by }
}

/// The refusal where it cannot be told who was first.
pub(super) fn error(session: &Session, kind: &str, name: String) -> Error {
    Error::DefinitionMoved {
        kind: kind.to_owned(),
        name,
        by: session.catalogue.text("ui.changes.by_somebody").to_owned(),
    }
}

/// A person as the one who published: by name, or "you, in another change set".
pub async fn who(session: &Session, id: Option<Uuid>) -> String {
    let Some(id) = id else { return session.catalogue.text("ui.changes.by_somebody").to_owned() };
    if id == session.actor.id {
        return session.catalogue.text("ui.changes.by_you").to_owned();
    }
    if let Ok(entity) = session.entity("user")
        && let Ok(view) = records::get(session, &entity, id).await
    {
        return view.title(session);
    }
    session.catalogue.text("ui.changes.by_somebody").to_owned()
}

/// Settles a conflict. `Ours`: the set's change counts where both changed something. `Theirs`: what is published counts
/// there. Whatever only one of the two changed stays either way. Nothing happens before the set is published.
///
/// # Errors
/// [`Error::NotFound`] when the set does not change the definition.
pub async fn settle(session: &Session, id: Uuid, kind: DefinitionKind, name: &str, side: Side) -> Result<()> {
    let mut turn = Turn::wait(session, id).await;
    loop {
        let (set, changes) = turn.read().await?;
        let change = changes.into_iter().find(|change| change.kind == kind.as_str() && change.name == name);
        let change = change.ok_or(Error::NotFound)?;
        let model = session.workspace.model();
        let theirs = model.definition(kind, name);
        let places = conflicts(&change, theirs);
        let choose = |place: &str| places.iter().any(|known| known == place).then_some(side);
        let body = three_way(change.base.as_ref(), theirs, change.body.as_ref(), &choose).whole;
        let base = theirs.cloned();
        let write = if body == base {
            SystemWrite::DeleteChange { change_set: id, kind: change.kind, name: change.name }
        } else {
            SystemWrite::PutChange(ChangeRow { base, body, at: session.now, ..change })
        };
        if turn.end(&set, CommitUnit::from(write)).await? {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_places_that_both_changed_conflict() {
        let change = ChangeRow {
            change_set: Uuid::nil(),
            kind: "entity".into(),
            name: "quote".into(),
            base: Some(json!({ "title": "Quote", "icon": "file", "properties": { "a": { "title": "A" } } })),
            body: Some(
                json!({ "title": "Offer", "icon": "file", "properties": { "a": { "title": "Mine" } } }),
            ),
            at: DateTime::UNIX_EPOCH,
        };
        let theirs = json!({ "title": "Quote", "icon": "x", "properties": { "a": { "title": "Theirs" } } });
        assert_eq!(conflicts(&change, Some(&theirs)), ["/properties/a/title"]);
        assert_eq!(conflicts(&change, None), [""]);
    }
}
