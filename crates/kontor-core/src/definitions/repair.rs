//! Definitions that are found broken, because somebody edited the database or an older program wrote them: what they
//! say, and putting them back as they were published.

use std::collections::BTreeMap;

use kontor_model::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use kontor_model::layer::script_sources;
use kontor_model::model::Broken;
use kontor_model::{Json, Model, Problem};
use kontor_store::CommitUnit;
use kontor_store::system::{SystemWrite, VersionRow};
use uuid::Uuid;

use super::candidate::is_consequence;
use super::layers::{Layers, WORKSPACE};
use super::packs::definitions_of_content;
use super::publish::{layer_writes, state_of, top_of};
use super::{DESIGN, script_check};
use crate::error::{Error, Result};
use crate::pack::{embedded, read_pack};
use crate::permissions::{ADMINISTRATOR, demand_admin};
use crate::{Session, derived};

/// Versions that are looked through, the newest first.
const LOOKED_AT: usize = 200;

/// What is stored of a definition, all layers together, whether it is right or not.
///
/// # Errors
/// [`Error::NotFound`].
pub fn stored(session: &Session, kind: DefinitionKind, name: &str) -> Result<Json> {
    demand_admin(session, DESIGN)?;
    let id = (kind, name.to_owned());
    let layers = session.workspace.layers();
    let only: Vec<(String, DefinitionSet)> = layers
        .sets
        .iter()
        .map(|(layer, set)| {
            let own = set.get_key_value(&id).map(|(id, json)| (id.clone(), json.clone()));
            (layer.clone(), own.into_iter().collect())
        })
        .collect();
    let (mut whole, _) = kontor_model::layer::effective(&only);
    let highest = || only.iter().rev().find_map(|(_, set)| set.get(&id).cloned());
    whole.remove(&id).or_else(highest).ok_or(Error::NotFound)
}

/// Scripts that do not compile, or name what is not there. They are not run over when the program starts, so this
/// looks at them now.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn broken_scripts(session: &Session) -> Result<Vec<Broken>> {
    demand_admin(session, DESIGN)?;
    let model = &session.model;
    let runner = &session.workspace.runner;
    let mut found = Vec::new();
    for (name, json) in model.definitions_of(DefinitionKind::Script) {
        for (layer, source) in script_sources(json) {
            let is_own = layer.is_empty() || layer == WORKSPACE;
            let of = if is_own { script_check::of_own } else { script_check::of_source };
            let problems = of(&**runner, name, source, model);
            if problems.has_errors() {
                found.push(Broken { id: (DefinitionKind::Script, name.to_owned()), problems });
            }
        }
    }
    Ok(found)
}

/// Somebody who holds roles that are not there.
#[derive(Clone, Debug)]
pub struct RolesGone {
    /// The person.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// Those of their roles that no definition describes.
    pub roles: Vec<String>,
}

/// People whose role is gone, because it was removed or is called otherwise now. A role that is broken is listed itself.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn roles_gone(session: &Session) -> Result<Vec<RolesGone>> {
    demand_admin(session, DESIGN)?;
    let model = &session.model;
    let is_there = |role: &str| {
        let id = (DefinitionKind::Role, role.to_owned());
        // The administrator's role holds everything, described or not.
        role == ADMINISTRATOR
            || model.definitions.contains_key(&id)
            || model.broken.iter().any(|one| one.id == id)
    };
    let mut gone: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for (user, role) in session.workspace.store.all_user_roles().await? {
        if !is_there(&role) {
            gone.entry(user).or_default().push(role);
        }
    }
    let people = gone.keys().map(|id| ("user".to_owned(), *id)).collect();
    let mut titles = crate::records::Titles::new();
    crate::records::add_titles(session, people, &mut titles).await?;
    let named = |(id, roles): (Uuid, Vec<String>)| {
        let name = titles.get(&id).cloned().unwrap_or_else(|| id.to_string());
        RolesGone { id, name, roles }
    };
    Ok(gone.into_iter().map(named).collect())
}

/// Puts a definition back as it was published last: what the workspace says of it as the newest version remembers,
/// what the base pack says of it as the program brings it. Gives the new version.
///
/// # Errors
/// `nothing_to_publish` when it is as it was published.
pub async fn revert(session: &Session, kind: DefinitionKind, name: &str) -> Result<i64> {
    demand_admin(session, DESIGN)?;
    let workspace = &session.workspace;
    workspace.reload().await?;
    let id: DefinitionId = (kind, name.to_owned());
    let layers = workspace.layers();
    let newest = super::versions::readable(session, layers.version).await?;
    let mut remembered = top_of(&newest.state);
    let mut unit = CommitUnit::new();
    let one =
        |json: Option<Json>| -> DefinitionSet { json.map(|json| (id.clone(), json)).into_iter().collect() };
    for (layer, set) in &layers.sets {
        let published = if layer == WORKSPACE {
            remembered.get(&id).cloned()
        } else {
            match of_pack(session, &layers, &newest.state, layer).await? {
                Some(mut set) => set.remove(&id),
                None => continue,
            }
        };
        layer_writes(&mut unit, layer, &one(set.get(&id).cloned()), &one(published));
    }
    if unit.writes.is_empty() {
        is_broken_itself(session, &id)?;
        // What was published since remembers the definition as somebody broke it: a version before that knows better.
        let stored = layers.workspace().remove(&id);
        let Some(known) = published_before(session, &id, stored.as_ref(), layers.version).await? else {
            return Err(Problem::new("nothing_to_publish", "").into());
        };
        layer_writes(&mut unit, WORKSPACE, &one(stored), &one(known.clone()));
        remembered.remove(&id);
        remembered.extend(known.map(|body| (id.clone(), body)));
    }
    let n = layers.version + 1;
    unit.system(SystemWrite::AddVersion(VersionRow {
        n,
        title: session.catalogue.text_with("ui.problems.reverted", &[("name", name.to_owned())]),
        author: (!session.actor.id.is_nil()).then_some(session.actor.id),
        at: session.now,
        change_set: None,
        state: state_of(&layers.packs, &remembered),
    }));
    workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    let broken = workspace.model();
    workspace.reload().await?;
    work_out(session, &broken).await?;
    Ok(n)
}

/// Refuses to look for an older state of what is as it was published and not broken, or set aside only because of others:
/// they have to be put right, and nothing of this one is to be lost.
fn is_broken_itself(session: &Session, id: &DefinitionId) -> Result<()> {
    let model = session.workspace.model();
    let scripts = if id.0 == DefinitionKind::Script { broken_scripts(session)? } else { Vec::new() };
    let Some(own) = model.broken.iter().chain(&scripts).find(|one| one.id == *id) else {
        return Err(Problem::new("nothing_to_publish", "").into());
    };
    let causes = causes_of(session, own);
    if causes.is_empty() {
        return Ok(());
    }
    let problem =
        Problem::new("nothing_own_broken", "").with("name", &id.1).with("causes", causes.join(", "));
    Err(problem.into())
}

/// The names of the broken definitions because of which one is set aside; none when something of its own is wrong.
pub fn causes_of(session: &Session, one: &Broken) -> Vec<String> {
    let model = session.workspace.model();
    let others: Vec<&Broken> = model.broken.iter().filter(|other| other.id != one.id).collect();
    let mut causes: Vec<String> = Vec::new();
    for problem in one.problems.iter().filter(|problem| !problem.warning) {
        let Some(cause) = cause_of(session, problem, &others) else { return Vec::new() };
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    causes
}

/// The broken definition that a problem follows from: what it cannot find is there, and set aside.
fn cause_of(session: &Session, problem: &Problem, broken: &[&Broken]) -> Option<String> {
    let parameter = |wanted: &str| {
        problem.parameters.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone())
    };
    let cause = broken.iter().find(|one| is_consequence(problem, &[one]));
    if let Some(cause) = cause {
        return Some(cause.id.1.clone());
    }
    // A field that points at what is set aside leads nowhere.
    if !matches!(problem.code.as_ref(), "unknown_field" | "formula_unknown_name") {
        return None;
    }
    let (entity, field) = (parameter("entity")?, parameter("field").or_else(|| parameter("name"))?);
    let first = field.split('.').next().unwrap_or(&field);
    let model = session.workspace.model();
    // A field that is written down, but left out because it is wrong.
    let written = model.definition(DefinitionKind::Entity, &entity);
    let is_left_out = written.is_some_and(|json| json.pointer(&format!("/properties/{first}")).is_some())
        && model.entity(&entity).is_some_and(|entity| entity.field(first).is_none());
    if is_left_out {
        return Some(entity);
    }
    let target = model.entity(&entity)?.field(first)?.targets.first()?.clone();
    let is_target = |one: &&&Broken| one.id == (DefinitionKind::Entity, target.clone());
    broken.iter().find(is_target).map(|one| one.id.1.clone())
}

/// What was calculated stayed as it was while the definition was broken: it is worked out anew.
async fn work_out(session: &Session, broken: &Model) -> Result<()> {
    let workspace = &session.workspace;
    let model = workspace.model();
    let changes = kontor_model::diff::plan(broken, &model);
    let jobs = derived::jobs_of(&model, changes.iter().filter_map(|change| change.schema.as_ref()));
    if jobs.is_empty() {
        return Ok(());
    }
    let mut unit = CommitUnit::new();
    derived::queue(&mut unit, &jobs, session);
    workspace.store.commit(&model, unit).await.map_err(Error::internal)?;
    Ok(())
}

/// What the newest version that says otherwise than what is stored says of a definition; `None` when none does.
async fn published_before(
    session: &Session,
    id: &DefinitionId,
    stored: Option<&Json>,
    newest: i64,
) -> Result<Option<Option<Json>>> {
    for n in (1..=newest).rev().take(LOOKED_AT) {
        let version = match session.workspace.store.version(n).await {
            Err(kontor_store::Error::Corrupt { .. }) => continue,
            found => found?,
        };
        let Some(version) = version else { continue };
        let known = top_of(&version.state).get(id).cloned();
        if known.as_ref() != stored {
            return Ok(Some(known));
        }
    }
    Ok(None)
}

/// What a pack holds as it was installed; `None` for the engine, and where nothing remembers it.
async fn of_pack(
    session: &Session,
    layers: &Layers,
    state: &Json,
    layer: &str,
) -> Result<Option<DefinitionSet>> {
    let Some(row) = layers.packs.iter().find(|pack| pack.name == layer) else { return Ok(None) };
    let listed = state.get("packs").and_then(Json::as_array);
    let content = listed
        .into_iter()
        .flatten()
        .find(|one| one.get("name").and_then(Json::as_str) == Some(layer))
        .and_then(|one| one.get("content")?.as_str());
    if let Some(content) = content
        && let Some(kept) = session.workspace.store.pack_content(layer, content).await?
    {
        return Ok(Some(definitions_of_content(&kept.definitions)));
    }
    let base = read_pack(embedded::base()).map_err(|_| Error::internal("the base pack is broken"))?;
    let is_it = base.name() == layer && base.version() == row.version;
    Ok(is_it.then_some(base.definitions))
}
