//! Change sets: definition changes gathered, checked and published together. Many may be open.

use kontor_model::definition::{DefinitionId, DefinitionKind};
use kontor_model::layer::{EXTENDS, MergeState, merge, misplaced, three_way, vain_removals};
use kontor_model::{Json, Model, Problem, Problems};
use kontor_store::CommitUnit;
use kontor_store::system::{ChangeRow, ChangeSetRow, SystemWrite};
use uuid::Uuid;

use super::DESIGN;
use super::candidate::{Candidate, Edit, of_edits_on_top};
use super::early::Missing;
use super::turn::{self, Turn};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;

mod outcome;

pub(super) use outcome::{candidate_of, candidate_on_top, edit_of};
pub use outcome::{plan, plan_on_top, publish, publish_or_begin};

/// Begins a change set.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn create(session: &Session, title: &str) -> Result<Uuid> {
    create_from(session, title, "").await
}

/// Begins a change set and says where: see [`ChangeSetRow::origin`].
pub(super) async fn create_from(session: &Session, title: &str, origin: &str) -> Result<Uuid> {
    let row = begun(session, title, origin)?;
    let id = row.id;
    write(session, SystemWrite::PutChangeSet(row)).await?;
    Ok(id)
}

/// A change set that is begun now.
pub(super) fn begun(session: &Session, title: &str, origin: &str) -> Result<ChangeSetRow> {
    demand_admin(session, DESIGN)?;
    Ok(ChangeSetRow {
        id: Uuid::now_v7(),
        title: title.trim().replace('\0', ""),
        author: (!session.actor.id.is_nil()).then_some(session.actor.id),
        created_at: session.now,
        updated_at: session.now,
        base: session.model.version,
        state: "open".into(),
        published: None,
        origin: origin.to_owned(),
    })
}

/// The open change sets, the latest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn open(session: &Session) -> Result<Vec<ChangeSetRow>> {
    demand_admin(session, DESIGN)?;
    Ok(session.workspace.store.change_sets("open").await?)
}

/// An open change set with its changes.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or it is no longer open.
pub async fn get(session: &Session, id: Uuid) -> Result<(ChangeSetRow, Vec<ChangeRow>)> {
    demand_admin(session, DESIGN)?;
    let store = &session.workspace.store;
    store.change_set(id).await?.filter(|(set, _)| set.state == "open").ok_or(Error::NotFound)
}

/// What became of a change set that is no longer open; `None` when it is open, or was thrown away.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn ended(session: &Session, id: Uuid) -> Result<Option<Ended>> {
    demand_admin(session, DESIGN)?;
    let Some((set, _)) = session.workspace.store.change_set(id).await? else { return Ok(None) };
    Ok(match (set.state.as_str(), set.published) {
        ("published", Some(version)) => Some(Ended::Published(version)),
        ("publishing", _) => super::online::of_set(session, id).await?.map(Ended::Publishing),
        _ => None,
    })
}

/// What became of a change set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is in use: the version.
    Published(i64),
    /// It is being published: the publication.
    Publishing(Uuid),
}

/// The definition as it stands inside the change set: changed there, or as published.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or the change set deletes it.
pub async fn definition(session: &Session, id: Uuid, kind: DefinitionKind, name: &str) -> Result<Json> {
    let (_, changes) = get(session, id).await?;
    match changes.into_iter().find(|change| change.kind == kind.as_str() && change.name == name) {
        Some(change) => change.body.ok_or(Error::NotFound),
        None => super::effective(session, kind, name),
    }
}

/// Puts a full definition into a change set. It is checked at once, together with the other changes of the set. Whether
/// others published something else in the same place meanwhile is asked when the set is published: what is typed is kept.
///
/// # Errors
/// [`Error::Problems`] with pointers into the definition, and nothing is kept.
pub async fn put(session: &Session, id: Uuid, kind: DefinitionKind, name: &str, body: Json) -> Result<()> {
    let mut turn = Turn::wait(session, id).await;
    loop {
        let (set, changes) = turn.read().await?;
        let (change, _) = kept(session, id, &changes, (kind, name), body.clone(), Missing::Refused).await?;
        if turn.end(&set, CommitUnit::from(SystemWrite::PutChange(change))).await? {
            return Ok(());
        }
    }
}

/// The same for who made it of what the set said a while ago: what somebody else put there meanwhile, or published, stays
/// wherever only they changed something.
///
/// # Errors
/// As [`put`]; `changed_meanwhile` at the places where both said something else.
pub async fn put_read_as(
    session: &Session,
    id: Uuid,
    (kind, name): (DefinitionKind, &str),
    read: Option<&Json>,
    body: Json,
) -> Result<()> {
    let mut turn = Turn::wait(session, id).await;
    loop {
        let (set, changes) = turn.read().await?;
        let body = beside(session, &changes, (kind, name), read, body.clone())?;
        let (change, _) = kept(session, id, &changes, (kind, name), body, Missing::Refused).await?;
        if turn.end(&set, CommitUnit::from(SystemWrite::PutChange(change))).await? {
            return Ok(());
        }
    }
}

/// What was made of `read`, beside what the set says now, or what is published.
fn beside(
    session: &Session,
    changes: &[ChangeRow],
    (kind, name): (DefinitionKind, &str),
    read: Option<&Json>,
    body: Json,
) -> Result<Json> {
    let own = changes.iter().find(|change| change.kind == kind.as_str() && change.name == name);
    let standing = match own {
        Some(change) => change.body.clone(),
        None => session.workspace.model().definition(kind, name).cloned(),
    };
    if standing.as_ref() == read { Ok(body) } else { joined(read, standing.as_ref(), body) }
}

/// What was made of `read`, beside what is there now.
///
/// # Errors
/// `changed_meanwhile` at the places where both changed something.
fn joined(read: Option<&Json>, standing: Option<&Json>, body: Json) -> Result<Json> {
    let merging = three_way(read, standing, Some(&body), &|_| None);
    let mut problems = Problems::new();
    for value in merging.values.into_iter().filter(|value| value.state == MergeState::Conflict) {
        problems.push(Problem::new("changed_meanwhile", value.place));
    }
    problems.into_result(())?;
    Ok(merging.whole.unwrap_or(body))
}

/// The change that a definition is, when nothing is wrong with it, and what it needs that may still come.
pub(super) async fn kept(
    session: &Session,
    id: Uuid,
    changes: &[ChangeRow],
    (kind, name): (DefinitionKind, &str),
    mut body: Json,
    missing: Missing,
) -> Result<(ChangeRow, Problems)> {
    if let Some(object) = body.as_object_mut() {
        object.shift_remove("$schema");
        if kind != DefinitionKind::Script && kind != DefinitionKind::Locale {
            let own = object.entry("name").or_insert_with(|| name.into());
            if own.as_str() != Some(name) {
                // What cannot be a name at all is not what the name inside should be.
                if !kontor_model::name::is_name(name) {
                    return Err(Problem::new("not_a_name", "/name").with("name", name).into());
                }
                let inside = own.as_str().unwrap_or_default().to_owned();
                let problem = Problem::new("name_differs", "/name").with("name", inside);
                return Err(problem.with("expected", name).into());
            }
        }
    }
    body = whole(session, kind, name, body)?;
    if kind != DefinitionKind::Script {
        kontor_model::check::check_written(kind, name, &body).into_result(())?;
    }
    let mut edits: Vec<Edit> = changes.iter().filter_map(edit_of).collect();
    edits.retain(|edit| edit.id != (kind, name.to_owned()));
    let known = changes.iter().find(|change| change.kind == kind.as_str() && change.name == name);
    let base = match known {
        Some(change) => change.base.clone(),
        None => session.model.definition(kind, name).cloned(),
    };
    edits.push(Edit { id: (kind, name.to_owned()), body: Some(body.clone()), base: None });
    let candidate = of_edits_on_top(&session.workspace, edits).await?;
    if kind == DefinitionKind::Script {
        // Against the model as it would be: a script may use what the same set adds.
        let mut wrong = check_script(session, &candidate.model, name, &body);
        let id = (kind, name.strip_prefix("entities/").unwrap_or(name).to_owned());
        kontor_model::check::complete(&id, &mut wrong, &candidate.model, &candidate.model.definitions);
        wrong.into_result(())?;
    }
    let own = (kind, name.to_owned());
    let mut wrong = Problems::new();
    if let Some(broken) = candidate.model.broken.iter().find(|broken| broken.id == own) {
        wrong = missing.left(broken.problems.clone())?;
    }
    taken_names(session, &candidate, kind, name).into_result(())?;
    let change = ChangeRow {
        change_set: id,
        kind: kind.to_string(),
        name: name.to_owned(),
        body: Some(body),
        base,
        at: session.now,
    };
    Ok((change, wrong))
}

/// What a layer says with `extends`, as a file of it does, on top of the layers below; what says all is that already.
///
/// # Errors
/// `extends_nothing` and `extends_another` at `/extends`; what stands behind, or takes away, what is not there.
fn whole(session: &Session, kind: DefinitionKind, name: &str, body: Json) -> Result<Json> {
    let has_layers = !matches!(kind, DefinitionKind::Script | DefinitionKind::Locale);
    let Some(base) = body.get(EXTENDS).filter(|_| has_layers) else { return Ok(body) };
    let base = base.as_str().unwrap_or_default();
    if base != name {
        let problem = Problem::new("extends_another", "/extends").with("name", base);
        return Err(problem.with("expected", name).into());
    }
    let Some(below) = session.workspace.layers().below(&(kind, name.to_owned())) else {
        return Err(Problem::new("extends_nothing", "/extends").with("name", base).into());
    };
    let mut wrong = misplaced(&below, &body);
    wrong.0.extend(vain_removals(&below, &body));
    wrong.into_result(())?;
    Ok(merge(&below, &body))
}

/// Names of lists that the definition takes from another one: which of the two is read last is chance, but it is this
/// one that came later.
fn taken_names(session: &Session, candidate: &Candidate, kind: DefinitionKind, name: &str) -> Problems {
    let mut problems = Problems::new();
    if kind != DefinitionKind::Entity {
        return problems;
    }
    for broken in candidate.newly_broken(&session.model) {
        for problem in broken.problems.iter().filter(|problem| problem.code == "duplicate_back_name") {
            let said = |wanted: &str| {
                let found = problem.parameters.iter().find(|(own, _)| *own == wanted);
                found.map(|(_, value)| value.as_str()).unwrap_or_default()
            };
            if said("other") == name {
                let at = format!("/properties/{}/back/name", said("other_field"));
                let taken = Problem::new("duplicate_back_name", at).with("name", said("name"));
                problems.push(
                    taken.with("entity", said("entity")).with("other", &broken.id.1).with("other_field", ""),
                );
            }
        }
    }
    problems
}

/// Puts several full definitions into a change set that are only right together. Each is checked by itself; what they
/// break together is named by the plan.
///
/// # Errors
/// [`Error::Problems`], and nothing is kept.
pub async fn put_all(
    session: &Session,
    id: Uuid,
    definitions: Vec<(DefinitionKind, String, Json)>,
) -> Result<()> {
    for (kind, name, body) in &definitions {
        // A script may be right only with the others: the plan says what is wrong with it.
        if *kind != DefinitionKind::Script {
            kontor_model::check::check_written(*kind, name, body).into_result(())?;
        }
    }
    let mut turn = Turn::wait(session, id).await;
    loop {
        let (set, changes) = turn.read().await?;
        let mut unit = CommitUnit::new();
        for (kind, name, body) in &definitions {
            let known = changes.iter().find(|change| change.kind == kind.as_str() && change.name == *name);
            let base = match known {
                Some(change) => change.base.clone(),
                None => session.model.definition(*kind, name).cloned(),
            };
            unit.system(SystemWrite::PutChange(ChangeRow {
                change_set: id,
                kind: kind.to_string(),
                name: name.clone(),
                body: Some(body.clone()),
                base,
                at: session.now,
            }));
        }
        if turn.end(&set, unit).await? {
            return Ok(());
        }
    }
}

/// Puts changes that were made elsewhere into a change set, each with the definition on which it stands here.
///
/// # Errors
/// Everything that is wrong with them, by kind, name and pointer, and nothing is kept.
pub(super) async fn put_based(
    session: &Session,
    id: Uuid,
    changes: Vec<(DefinitionId, Option<Json>, Option<Json>)>,
) -> Result<()> {
    let mut problems = Problems::new();
    let mut rows = Vec::new();
    for ((kind, name), body, base) in changes {
        if let Some(body) = &body {
            // A script may be right only with the others: the plan says what is wrong with it.
            if kind != DefinitionKind::Script {
                let wrong = kontor_model::check::check_written(kind, &name, body);
                problems.extend_under(&format!("/{kind}/{name}"), wrong);
            }
        }
        let (kind, at) = (kind.to_string(), session.now);
        rows.push(ChangeRow { change_set: id, kind, name, body, base, at });
    }
    problems.into_result(())?;
    let mut turn = Turn::wait(session, id).await;
    loop {
        let (set, _) = turn.read().await?;
        let mut unit = CommitUnit::new();
        for row in &rows {
            unit.system(SystemWrite::PutChange(row.clone()));
        }
        if turn.end(&set, unit).await? {
            return Ok(());
        }
    }
}

/// What the script engine says.
fn check_script(session: &Session, model: &Model, name: &str, body: &Json) -> Problems {
    let Some(source) = body.get("source").and_then(Json::as_str) else {
        return Problem::new("required", "/source").with("field", "source").into();
    };
    super::script_check::of_own(&*session.workspace.runner, name, source, model)
}

/// Puts the deletion of a definition into a change set.
///
/// # Errors
/// [`Error::NotFound`] when there is no such definition.
pub async fn delete(session: &Session, id: Uuid, kind: DefinitionKind, name: &str) -> Result<()> {
    let mut turn = Turn::wait(session, id).await;
    loop {
        let (set, changes) = turn.read().await?;
        let base = session.model.definition(kind, name).cloned();
        let is_new = changes
            .iter()
            .any(|change| change.kind == kind.as_str() && change.name == name && change.base.is_none());
        let (kind, name) = (kind.to_string(), name.to_owned());
        let write = match base {
            None if is_new => SystemWrite::DeleteChange { change_set: id, kind, name },
            None => return Err(Error::NotFound),
            base => SystemWrite::PutChange(ChangeRow {
                change_set: id,
                kind,
                name,
                body: None,
                base,
                at: session.now,
            }),
        };
        if turn.end(&set, CommitUnit::from(write)).await? {
            return Ok(());
        }
    }
}

/// Takes one change out of a change set.
///
/// # Errors
/// [`Error::NotFound`] when the set is not open.
pub async fn discard(session: &Session, id: Uuid, kind: DefinitionKind, name: &str) -> Result<()> {
    let mut turn = Turn::wait(session, id).await;
    loop {
        let (set, _) = turn.read().await?;
        let (kind, name) = (kind.to_string(), name.to_owned());
        let unit = CommitUnit::from(SystemWrite::DeleteChange { change_set: id, kind, name });
        if turn.end(&set, unit).await? {
            return Ok(());
        }
    }
}

/// Gives an open change set another title.
///
/// # Errors
/// [`Error::NotFound`] when it is not open.
pub async fn rename(session: &Session, id: Uuid, title: &str) -> Result<()> {
    let mut turn = Turn::wait(session, id).await;
    loop {
        let (seen, _) = turn.read().await?;
        let set = ChangeSetRow {
            title: title.trim().replace('\0', ""),
            updated_at: turn::later(seen.updated_at, session.now),
            ..seen.clone()
        };
        if turn.end(&seen, CommitUnit::from(SystemWrite::PutChangeSet(set))).await? {
            return Ok(());
        }
    }
}

/// Throws an open change set away.
///
/// # Errors
/// [`Error::NotFound`] when it is not open.
pub async fn discard_all(session: &Session, id: Uuid) -> Result<()> {
    let (set, _) = get(session, id).await?;
    write(session, SystemWrite::DeleteChangeSet { id: set.id }).await
}

pub(super) async fn write(session: &Session, write: SystemWrite) -> Result<()> {
    let unit = CommitUnit::from(write);
    session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    Ok(())
}
