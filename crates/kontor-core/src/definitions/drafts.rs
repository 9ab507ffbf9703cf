//! The draft that a person's pages gather into, and laying it aside for another open change set. A set that a program
//! begins is never the draft of whom its token belongs to.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::{Json, Model};
use kontor_store::CommitUnit;
use kontor_store::system::{ChangeSetRow, PreferenceRow, SystemWrite};
use serde_json::json;
use uuid::Uuid;

use super::{DESIGN, change_sets, turn};
use crate::error::Result;
use crate::permissions::{access_of, demand_admin};
use crate::{Actor, Session};

/// What the pages gather into now.
pub(super) const DRAFT: &str = "draft";
/// Under which name it is kept who took over somebody's draft.
const TAKEN: &str = "draft_taken";
/// Begun or taken over on pages, and laid aside.
pub(super) const LAID_ASIDE: &str = "page";

/// The draft of the actor's pages, begun when there is none.
///
/// # Errors
/// [`crate::Error::Forbidden`].
pub async fn own(session: &Session) -> Result<Uuid> {
    if let Some(id) = find_own(session).await? {
        return Ok(id);
    }
    // Two pages that are saved at once gather into one, whichever processes answer them.
    let begun = change_sets::begun(session, "", DRAFT)?;
    let id = begun.id;
    change_sets::write(session, SystemWrite::AddDraft(begun)).await?;
    Ok(find_own(session).await?.unwrap_or(id))
}

/// The draft of the actor's pages, when there is one.
///
/// # Errors
/// [`crate::Error::Forbidden`].
pub async fn find_own(session: &Session) -> Result<Option<Uuid>> {
    demand_admin(session, DESIGN)?;
    let sets = change_sets::open(session).await?;
    Ok(sets.iter().find(|set| is_own(session, set)).map(|set| set.id))
}

/// Whether the actor's pages gather into a set.
pub fn is_own(session: &Session, set: &ChangeSetRow) -> bool {
    set.origin == DRAFT && set.author == Some(session.actor.id)
}

/// A set as it stands beside the draft of its author's pages; one of a program stays one.
pub(super) fn laid_aside(set: ChangeSetRow) -> ChangeSetRow {
    if set.origin == DRAFT { ChangeSetRow { origin: LAID_ASIDE.into(), ..set } } else { set }
}

/// Makes an open change set the draft of the actor's pages, whosever it was; the draft until now is laid aside and stays
/// open, or goes when nothing is in it. Whose it was is told ([`taken`]).
///
/// # Errors
/// [`crate::Error::NotFound`] when it is not open.
pub async fn switch_to(session: &Session, id: Uuid) -> Result<()> {
    let _own_process = session.workspace.design_turn.lock().await;
    for _ in 0..turn::TURNS {
        let (set, _) = change_sets::get(session, id).await?;
        let open = change_sets::open(session).await?;
        let others: Vec<&ChangeSetRow> =
            open.iter().filter(|other| other.id != id && is_own(session, other)).collect();
        let mut unit = CommitUnit::new();
        for other in &others {
            if change_sets::get(session, other.id).await?.1.is_empty() {
                unit.system(SystemWrite::DeleteChangeSet { id: other.id });
            } else {
                let updated_at = turn::later(other.updated_at, other.updated_at);
                let aside = laid_aside((*other).clone());
                unit.system(SystemWrite::PutChangeSet(ChangeSetRow { updated_at, ..aside }));
            }
        }
        if let Some(other) = set.author.filter(|other| *other != session.actor.id) {
            let body = json!({ "set": id, "by": session.actor.id, "at": session.now });
            let told = PreferenceRow { user_id: other, name: TAKEN.into(), body };
            unit.system(SystemWrite::PutPreference(told));
        }
        unit.system(SystemWrite::PutChangeSet(ChangeSetRow {
            author: Some(session.actor.id),
            origin: DRAFT.into(),
            updated_at: turn::later(set.updated_at, session.now),
            ..set.clone()
        }));
        let seen: Vec<&ChangeSetRow> = others.into_iter().chain([&set]).collect();
        if turn::commit(session, &seen, unit).await? {
            return Ok(());
        }
    }
    Err(turn::busy())
}

/// A draft that somebody else took over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The change set.
    pub set: Uuid,
    /// By whom.
    pub by: Uuid,
    /// When.
    pub at: DateTime<Utc>,
}

/// The draft that was last taken over from the actor, while it is open and still somebody else's.
///
/// # Errors
/// When the database does not answer.
pub async fn taken(session: &Session) -> Result<Option<Taken>> {
    let Some(row) = session.workspace.store.preference(session.actor.id, TAKEN).await? else {
        return Ok(None);
    };
    let read = |key: &str| row.body.get(key).and_then(Json::as_str);
    let id = |key: &str| read(key).and_then(|text| Uuid::parse_str(text).ok());
    let at = read("at").and_then(|text| text.parse().ok());
    let (Some(set), Some(by), Some(at)) = (id("set"), id("by"), at) else { return Ok(None) };
    let open = change_sets::open(session).await?;
    let is_others = open.iter().any(|one| one.id == set && one.author != Some(session.actor.id));
    Ok(is_others.then_some(Taken { set, by, at }))
}

/// The model as the actor's own draft would make it; what is published when there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn model(session: &Session) -> Result<Arc<Model>> {
    let Some(id) = find_own(session).await? else { return Ok(Arc::clone(&session.model)) };
    let (_, changes) = change_sets::get(session, id).await?;
    Ok(change_sets::candidate_on_top(session, &changes).await?.model)
}

/// The same request on the model that the actor's own draft would make, with what their roles grant there: for pages on which
/// something is made of it. No record is asked for through it, as what the draft adds has no tables yet.
///
/// # Errors
/// When the database does not answer.
pub async fn session(session: &Session) -> Result<Session> {
    let model = model(session).await?;
    if Arc::ptr_eq(&model, &session.model) {
        return Ok(session.clone());
    }
    let access = access_of(&model, &session.actor.roles, &[]);
    let actor = Arc::new(Actor { access: Arc::new(access), ..(*session.actor).clone() });
    let catalogue = model.catalogue(&actor.language);
    Ok(Session { model, actor, catalogue, ..session.clone() })
}
