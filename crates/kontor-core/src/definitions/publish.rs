//! Publishing: the definitions, the tables and the new version in one transaction, then the swap of the model.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_model::definition::order::is_same;
use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::diff::SchemaChange;
use kontor_model::entity::Encryption;
use kontor_model::{EntityModel, FieldModel, Json, Model, Problem, Problems, kind};
use kontor_store::system::{ChangeSetRow, DefinitionRow, PackRow, ParkedRow, SystemWrite, VersionRow};
use kontor_store::{CommitError, CommitUnit, Fill, FillRows, Write};
use serde_json::json;
use uuid::Uuid;

use super::candidate::{Candidate, problems_of};
use super::layers::{Layers, WORKSPACE};
use super::plan::{self, Plan};
use super::{DESIGN, convert, moved, online};
use crate::Session;
use crate::derived;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;
use crate::queue::CLOCK;
use crate::workspace::Published;

/// Publishes a candidate; returns the new version.
///
/// # Errors
/// [`Error::Problems`] when a definition would break, [`Error::LossNotAccepted`] when something is lost and that was
/// not accepted, [`Error::DefinitionMoved`] when another publish came first.
pub async fn publish(
    session: &Session,
    candidate: Candidate,
    title: &str,
    set: Option<ChangeSetRow>,
    accept_loss: bool,
) -> Result<i64> {
    publish_or_begin(session, candidate, title, set, None, accept_loss).await?.to_the_end(session).await
}

/// What became of a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in use: the version.
    Published(i64),
    /// Its tables are large: the job runner carries it out.
    Began(Uuid),
}

impl Outcome {
    /// The version, waiting for a publication that takes a while.
    ///
    /// # Errors
    /// What ended it.
    pub async fn to_the_end(self, session: &Session) -> Result<i64> {
        match self {
            Self::Published(version) => Ok(version),
            Self::Began(id) => Box::pin(online::run_to_end(session, id)).await,
        }
    }
}

/// Publishes a candidate, or begins to when that takes a while. `restores` is the version that it equals.
///
/// # Errors
/// As [`publish`].
pub async fn publish_or_begin(
    session: &Session,
    candidate: Candidate,
    title: &str,
    set: Option<ChangeSetRow>,
    restores: Option<i64>,
    accept_loss: bool,
) -> Result<Outcome> {
    demand_admin(session, DESIGN)?;
    let old = session.workspace.model();
    // Boxed, as all of this is: a publication does a lot, and its futures would be large.
    let plan = Box::pin(plan::of_candidate(session, &candidate)).await?;
    refuse(&old, &candidate, &plan)?;
    keep_secrets(session, &candidate).await?;
    if plan.is_lossy() && !accept_loss {
        return Err(Error::LossNotAccepted);
    }
    // A job finds its content again by its change set or version.
    if (set.is_some() || restores.is_some())
        && let Some(work) = Box::pin(online::work_of(session, &candidate, &plan)).await?
    {
        let began = online::begin(session, &work, title, set.as_ref(), restores, accept_loss).await?;
        return Ok(Outcome::Began(began));
    }
    let mut fills = Vec::new();
    for schema in plan.changes.iter().filter_map(|one| one.change.schema.as_ref()) {
        let conversion = Box::pin(convert::of_change(session, &old, &candidate, schema)).await?;
        fills.extend(conversion.map(|conversion| conversion.inside(FillRows::All)));
    }
    let unit = Box::pin(writes(session, &old, &candidate, &plan, title, set)).await?;
    Ok(Outcome::Published(Box::pin(commit(session, candidate, plan, fills, unit)).await?))
}

/// Refuses a plan with what is wrong, all of it.
pub(super) fn refuse(old: &Model, candidate: &Candidate, plan: &Plan) -> Result<()> {
    if !plan.is_refused() {
        return Ok(());
    }
    let mut problems = Problems(problems_of(&candidate.newly_broken(old)));
    for one in &plan.changes {
        let change = &one.change;
        if change.class != kontor_model::diff::Class::Refused {
            continue;
        }
        let path = format!("/{}/{}{}", change.kind, change.name, change.pointer);
        if problems.iter().any(|problem| problem.path == path) {
            continue;
        }
        problems.push(if let Some(problem) = &one.problem {
            let mut problem = problem.clone();
            problem.path = path;
            problem
        } else {
            let mut problem = Problem::new(format!("change_{}", change.what), path);
            problem.parameters.clone_from(&change.parameters);
            problem
        });
    }
    Err(Error::Problems(problems))
}

/// The one transaction, and the swap of the model.
pub(super) async fn commit(
    session: &Session,
    candidate: Candidate,
    plan: Plan,
    fills: Vec<Fill>,
    mut unit: CommitUnit,
) -> Result<i64> {
    let workspace = &session.workspace;
    let published = Published::of(candidate.layers, candidate.model);
    let version = published.model.version;
    let model = Arc::clone(&published.model);
    let jobs = derived::jobs_of(&model, plan.changes.iter().filter_map(|one| one.change.schema.as_ref()));
    derived::queue(&mut unit, &jobs, session);
    unit.system(crate::records::stages::another_look(session.now));
    unit.system(crate::reports::snapshot::another_look(session.now));
    unit.system(SystemWrite::WakeTimer { key: CLOCK.to_owned(), now: session.now });
    // Held until the publication stands, so that nobody chooses a value meanwhile that would be forgotten.
    let turn = workspace.settings_turn.lock().await;
    let settings = crate::settings::say_anew(session, &workspace.model(), &model, &mut unit);
    workspace.store.publish_filling(&model, plan.sql.clone(), fills, unit).await.map_err(
        |error| match error {
            CommitError::Moved(version) => moved::error(session, "version", version.to_string()),
            CommitError::Duplicates(found) => {
                let told = found.iter().map(|one| not_unique_in(&model, &one.entity, &one.fields));
                Error::Problems(Problems(told.collect()))
            }
            CommitError::Against(_) => Error::internal("a publication is asked no rules"),
            // An index over values that were just converted.
            CommitError::Exists(name) => not_unique(&model, &name),
            CommitError::LeaseLost(_) => Error::NotFound,
            CommitError::SetMoved(_) => Problem::new("change_set_moved", "").into(),
            CommitError::Conflict { entity, .. } | CommitError::Missing { entity, .. } => {
                moved::error(session, "entity", entity)
            }
            // Who designs can put the file right, or tell who can.
            CommitError::Store(kontor_store::Error::Key(reason)) => {
                Problem::new("encryption_key", "").with("reason", reason).into()
            }
            CommitError::Store(error) => error.into(),
        },
    )?;
    let old = workspace.model();
    workspace.swap(published);
    if let Some(settings) = settings {
        workspace.set_settings(settings);
    }
    drop(turn);
    super::runs::follow_the_rest(session, &old, &model).await;
    // The publication stands: what is not worked out at once is left to its job, which says what is wrong.
    if let Err(error) = derived::after_publish(session, jobs).await {
        tracing::error!(%error, version, "calculated values could not be worked out with the publication");
    }
    Ok(version)
}

/// Values that are to occur once occur more often; told by the constraint that the database names.
pub(super) fn not_unique(model: &Model, constraint: &str) -> Error {
    match kontor_store::constrained(model, constraint) {
        Some((entity, fields)) => not_unique_in(model, &entity, &fields).into(),
        None => Problem::new("values_not_unique", "").with("fields", constraint).into(),
    }
}

fn not_unique_in(model: &Model, entity: &str, fields: &[usize]) -> Problem {
    let named = model.entity(entity).into_iter().flat_map(|entity| {
        fields.iter().filter_map(|index| entity.fields.get(*index)).map(|field| field.name.clone())
    });
    let names: Vec<String> = named.collect();
    Problem::new("values_not_unique", format!("/entity/{entity}/unique")).with("fields", names.join(", "))
}

/// What is written with a publication: the layer, what is parked, the change set, the version.
pub(super) async fn writes(
    session: &Session,
    old: &Model,
    candidate: &Candidate,
    plan: &Plan,
    title: &str,
    set: Option<ChangeSetRow>,
) -> Result<CommitUnit> {
    let mut unit = CommitUnit::new();
    let before = session.workspace.layers();
    let (old_top, new_top) = (before.workspace(), candidate.layers.workspace());
    layer_writes(&mut unit, WORKSPACE, &old_top, &new_top);
    pack_writes(&mut unit, &before, &candidate.layers);
    unit.writes.extend(candidate.writes.iter().cloned().map(|write| Write::System(Box::new(write))));
    park(session, old, candidate, plan, &mut unit).await?;
    super::unsearched::writes(session, old, &candidate.model, &mut unit).await?;
    let followed = crate::saved::follow(session, old, &candidate.model).await?;
    if !followed.is_empty() {
        unit.writes.extend(followed.into_iter().map(|write| Write::System(Box::new(write))));
        unit.push(crate::identity::stamp::changed());
    }
    // Runs wait for weeks: what they wait with says the new names, too.
    let runs = super::runs::follow(session, old, &candidate.model).await?;
    unit.writes.extend(runs.into_iter().map(|write| Write::System(Box::new(write))));
    let version = candidate.layers.version;
    let change_set = set.as_ref().map(|set| set.id);
    if let Some(mut set) = set {
        // What somebody puts into the set at this moment is not in what is published.
        unit.push(super::turn::see(session, &set));
        set.state = "published".into();
        set.published = Some(version);
        set.updated_at = super::turn::later(set.updated_at, session.now);
        unit.system(SystemWrite::PutChangeSet(set));
    }
    unit.system(SystemWrite::AddVersion(VersionRow {
        n: version,
        title: title.to_owned(),
        author: (!session.actor.id.is_nil()).then_some(session.actor.id),
        at: session.now,
        change_set,
        state: state_of(&candidate.layers.packs, &new_top),
    }));
    Ok(unit)
}

/// The writes that turn the packs of some layers into those of others.
fn pack_writes(unit: &mut CommitUnit, before: &Layers, after: &Layers) {
    let set_of = |layers: &Layers, name: &str| -> DefinitionSet {
        layers.sets.iter().find(|(layer, _)| layer == name).map(|(_, set)| set.clone()).unwrap_or_default()
    };
    for pack in &after.packs {
        if !before.packs.contains(pack) {
            unit.system(SystemWrite::PutPack(pack.clone()));
        }
        layer_writes(unit, &pack.name, &set_of(before, &pack.name), &set_of(after, &pack.name));
    }
    for pack in before.packs.iter().filter(|pack| !after.packs.iter().any(|other| other.name == pack.name)) {
        unit.system(SystemWrite::ClearLayer { layer: pack.name.clone() });
        unit.system(SystemWrite::DeletePack { name: pack.name.clone() });
    }
}

/// The writes that turn one layer into another.
pub fn layer_writes(unit: &mut CommitUnit, layer: &str, before: &DefinitionSet, after: &DefinitionSet) {
    for ((kind, name), body) in after {
        let known = before.get(&(*kind, name.clone()));
        if !known.is_some_and(|known| is_same(known, body)) {
            unit.system(SystemWrite::PutDefinition(DefinitionRow {
                layer: layer.to_owned(),
                kind: kind.to_string(),
                name: name.clone(),
                body: body.clone(),
            }));
        }
    }
    for (kind, name) in before.keys() {
        if !after.contains_key(&(*kind, name.clone())) {
            unit.system(SystemWrite::DeleteDefinition {
                layer: layer.to_owned(),
                kind: kind.to_string(),
                name: name.clone(),
            });
        }
    }
}

/// Remembers columns and tables that no definition names any more, and forgets those that one names again.
async fn park(
    session: &Session,
    old: &Model,
    candidate: &Candidate,
    plan: &Plan,
    unit: &mut CommitUnit,
) -> Result<()> {
    for change in plan.changes.iter().filter_map(|one| one.change.schema.as_ref()) {
        let (entity, field) = match change {
            SchemaChange::ParkEntity { entity } => (entity, None),
            SchemaChange::ParkField { entity, field } => (entity, Some(field)),
            _ => continue,
        };
        let Some(entity) = old.entity(entity) else { continue };
        let definition = old.definition(DefinitionKind::Entity, &entity.name).cloned().unwrap_or(Json::Null);
        let row = match field.and_then(|name| entity.field(name)) {
            Some(field) => ParkedRow {
                entity: entity.key.clone(),
                field: field.key.clone(),
                name: field.name.clone(),
                body: definition
                    .pointer(&format!("/properties/{}", field.name))
                    .cloned()
                    .unwrap_or(Json::Null),
                at: session.now,
            },
            None => ParkedRow {
                entity: entity.key.clone(),
                field: String::new(),
                name: entity.name.clone(),
                body: definition,
                at: session.now,
            },
        };
        unit.system(SystemWrite::Park(row));
    }
    let parked = session.workspace.store.parked().await?;
    let mut named: BTreeSet<(String, String)> = BTreeSet::new();
    for entity in candidate.model.entities.values() {
        named.insert((entity.key.clone(), String::new()));
        named.extend(entity.fields.iter().map(|field| (entity.key.clone(), field.key.clone())));
    }
    for row in parked {
        if named.contains(&(row.entity.clone(), row.field.clone())) {
            unit.system(SystemWrite::Unpark { entity: row.entity, field: row.field });
        }
    }
    Ok(())
}

/// The columns of what is parked that hold secrets: the one, or those of a whole entity.
pub(super) fn secret_keys(row: &ParkedRow) -> Vec<String> {
    let is_secret = |body: &Json| {
        let kind = body.get("kind").and_then(Json::as_str).and_then(kind::find);
        kind.is_some_and(kontor_model::FieldKind::is_write_only)
    };
    if !row.field.is_empty() {
        return if is_secret(&row.body) { vec![row.field.clone()] } else { Vec::new() };
    }
    let properties = row.body.get("properties").and_then(Json::as_object).into_iter().flatten();
    properties
        .filter(|(_, body)| is_secret(body))
        .map(|(name, body)| body.get("key").and_then(Json::as_str).unwrap_or(name).to_owned())
        .collect()
}

/// A parked column that holds secrets comes back as a secret or not at all: another kind would show them.
async fn keep_secrets(session: &Session, candidate: &Candidate) -> Result<()> {
    let mut problems = Problems::new();
    for row in session.workspace.store.parked().await? {
        let Some(entity) = candidate.model.entities.values().find(|entity| entity.key == row.entity) else {
            continue;
        };
        keep_sealed(&row, entity, &mut problems);
        for key in secret_keys(&row) {
            let field = entity.fields.iter().find(|field| field.key == key);
            if let Some(field) = field.filter(|field| !field.kind.is_write_only()) {
                let at = format!("/entity/{}/properties/{}", entity.name, field.name);
                problems.push(Problem::new("secret_column", at).with("key", key));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Problems(problems)) }
}

/// A parked column comes back to a field that is encrypted as it was, or not at all: the values would be unreadable, or
/// stay in the clear.
fn keep_sealed(row: &ParkedRow, entity: &EntityModel, problems: &mut Problems) {
    let body = |field: &FieldModel| {
        if row.field.is_empty() {
            row.body.pointer(&format!("/properties/{}", field.name)).cloned()
        } else {
            (row.field == field.key).then(|| row.body.clone())
        }
    };
    for field in &entity.fields {
        let Some(body) = body(field).filter(|_| !field.kind.is_write_only()) else { continue };
        let then = sealed_as(&body);
        let now = (field.encryption, field.encryption == Encryption::Lookup && field.ignores_case());
        if then != now {
            let code = if then.0 == Encryption::None { "clear_column" } else { "encrypted_column" };
            let at = format!("/entity/{}/properties/{}", entity.name, field.name);
            problems.push(Problem::new(code, at).with("key", &field.key));
        }
    }
}

/// How the values of a parked field are sealed, and whether they have digests without regard to case.
fn sealed_as(body: &Json) -> (Encryption, bool) {
    let kind = body.get("kind").and_then(Json::as_str).and_then(kind::find);
    let encryption = match (kind, body.get("encrypted")) {
        (Some(kind), Some(said)) => Encryption::said(Some(said), kind),
        _ => Encryption::None,
    };
    let is_folded = kind.is_some_and(kontor_model::FieldKind::is_folded);
    let ignores_case = is_folded && body.get("ignore_case") == Some(&Json::Bool(true));
    (encryption, encryption == Encryption::Lookup && ignores_case)
}

/// What restoring a version needs: the packs below, and the workspace's own layer. The content of packs is kept once,
/// under its fingerprint.
pub fn state_of(packs: &[PackRow], top: &DefinitionSet) -> Json {
    let packs: Vec<Json> =
        packs.iter().map(|pack| json!({ "name": pack.name, "version": pack.version, "position": pack.position, "content": pack.body.get("content") })).collect();
    let definitions: Vec<Json> = top
        .iter()
        .map(|((kind, name), body)| json!({ "kind": kind.as_str(), "name": name, "body": body }))
        .collect();
    json!({ "packs": packs, WORKSPACE: definitions })
}

/// The workspace layer of a stored state.
pub fn top_of(state: &Json) -> DefinitionSet {
    let list = state.get(WORKSPACE).and_then(Json::as_array).cloned().unwrap_or_default();
    list.into_iter()
        .filter_map(|mut one| {
            let kind = one.get("kind")?.as_str()?.parse::<DefinitionKind>().ok()?;
            let name = one.get("name")?.as_str()?.to_owned();
            Some(((kind, name), one.get_mut("body")?.take()))
        })
        .collect()
}
