//! Promotion: definition changes as a file that is carried from one workspace to another. Each change names what it was made
//! on, so that the other workspace can tell whether it is still the same thing.

mod rehearse;

pub use rehearse::{Reached, Rehearsal, rehearse, rehearse_set};

use std::collections::BTreeSet;

use kontor_model::definition::{DefinitionId, DefinitionKind};
use kontor_model::layer::{MergeState, effective, three_way};
use kontor_model::words::shortened;
use kontor_model::{Json, Problem, Problems};
use serde_json::json;
use uuid::Uuid;

use super::candidate::{Edit, rebase};
use super::packs::{fingerprint_of, of_packs};
use super::{DESIGN, change_sets, versions};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;

/// What a file says that it is.
const FORMAT: &str = "kontor-changes-1";

/// One change of a file.
#[derive(Clone, Debug)]
pub struct CarriedChange {
    /// Kind and name.
    pub id: DefinitionId,
    /// The effective definition on which it was made; `None` when there was none.
    pub before: Option<Json>,
    /// The full definition; `None` deletes it.
    pub body: Option<Json>,
}

/// A file of changes, read.
#[derive(Clone, Debug, Default)]
pub struct ChangeFile {
    /// What they are for.
    pub title: String,
    /// Where they come from: workspace and version.
    pub from: String,
    /// The packs that they were made on, as `pack.json` names them.
    pub packs: Json,
    /// The changes.
    pub changes: Vec<CarriedChange>,
}

impl ChangeFile {
    /// The file as text: two blanks, a line end, the same for the same.
    pub fn to_text(&self) -> String {
        let changes: Vec<Json> = self
            .changes
            .iter()
            .map(|one| {
                json!({
                    "kind": one.id.0.as_str(),
                    "name": one.id.1,
                    "base": one.before.as_ref().map(fingerprint_of),
                    "before": one.before,
                    "definition": one.body,
                })
            })
            .collect();
        let json = json!({
            "format": FORMAT, "title": self.title, "from": self.from, "packs": self.packs, "changes": changes,
        });
        let mut text = serde_json::to_string_pretty(&json).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Everything that is wrong with it, with pointers into it.
    pub fn read(text: &str) -> Result<Self, Problems> {
        let json: Json = serde_json::from_str(text).map_err(|error| {
            let line = u32::try_from(error.line()).unwrap_or(0);
            let column = u32::try_from(error.column()).ok();
            Problem::new("not_json", "").with("reason", error.to_string()).on_line(line, column)
        })?;
        let word = |key: &str| json.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        if word("format") != FORMAT {
            return Err(Problem::new("not_a_change_file", "/format").with("expected", FORMAT).into());
        }
        let mut file = Self {
            title: word("title"),
            from: word("from"),
            packs: json.get("packs").cloned().unwrap_or_default(),
            changes: Vec::new(),
        };
        let mut problems = Problems::new();
        let list = json.get("changes").and_then(Json::as_array).cloned().unwrap_or_default();
        if list.is_empty() {
            problems.push(Problem::new("nothing_to_publish", "/changes"));
        }
        for (index, one) in list.iter().enumerate() {
            match read_change(one) {
                Ok(change) => file.changes.push(change),
                Err(problem) => problems.push(problem.under(&format!("/changes/{index}"))),
            }
        }
        problems.into_result(file)
    }
}

fn read_change(json: &Json) -> Result<CarriedChange, Problem> {
    let word = |key: &str| json.get(key).and_then(Json::as_str).unwrap_or_default();
    let kind: DefinitionKind = word("kind").parse().map_err(|_| {
        let kinds: Vec<&str> = DefinitionKind::ALL.into_iter().map(DefinitionKind::as_str).collect();
        Problem::new("not_an_option", "/kind").with("value", word("kind")).with("options", kinds.join(", "))
    })?;
    if word("name").is_empty() {
        return Err(Problem::new("required", "/name").with("field", "name"));
    }
    let part = |key: &str| json.get(key).filter(|part| !part.is_null()).cloned();
    let before = part("before");
    if before.as_ref().map(fingerprint_of) != part("base").and_then(|base| base.as_str().map(str::to_owned)) {
        return Err(Problem::new("base_was_edited", "/base"));
    }
    let body = part("definition");
    if before.is_none() && body.is_none() {
        return Err(Problem::new("required", "/definition").with("field", "definition"));
    }
    Ok(CarriedChange { id: (kind, word("name").to_owned()), before, body })
}

fn origin(session: &Session) -> (String, Json) {
    let layers = session.workspace.layers();
    let packs =
        layers.packs.iter().map(|pack| json!({ "name": pack.name, "version": pack.version })).collect();
    (format!("{} {}", session.workspace.name, layers.version), packs)
}

/// An open change set as a file.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn export_set(session: &Session, id: Uuid) -> Result<ChangeFile> {
    let (set, rows) = change_sets::get(session, id).await?;
    let (from, packs) = origin(session);
    let changes = rows
        .into_iter()
        .filter_map(|row| {
            let kind: DefinitionKind = row.kind.parse().ok()?;
            Some(CarriedChange { id: (kind, row.name), before: row.base, body: row.body })
        })
        .collect();
    Ok(ChangeFile { title: set.title, from, packs, changes })
}

/// What the workspace itself changed since a version, as a file.
///
/// # Errors
/// [`Error::NotFound`] when there is no such version.
pub async fn export_since(session: &Session, n: i64) -> Result<ChangeFile> {
    demand_admin(session, DESIGN)?;
    let (then, now) = (versions::layers_at(session, n).await?, session.workspace.layers());
    let (old_top, new_top) = (then.workspace(), now.workspace());
    let (before, after) = (effective(&then.sets).0, effective(&now.sets).0);
    let ids: BTreeSet<&DefinitionId> = old_top.keys().chain(new_top.keys()).collect();
    let mut changes = Vec::new();
    for id in ids {
        if old_top.get(id) == new_top.get(id) {
            continue;
        }
        let body = match (id.0, new_top.get(id)) {
            (DefinitionKind::Script, Some(own)) => Some(own.clone()),
            _ => after.get(id).cloned(),
        };
        if body.as_ref() == before.get(id) {
            continue;
        }
        changes.push(CarriedChange { id: id.clone(), before: before.get(id).cloned(), body });
    }
    let (from, packs) = origin(session);
    let title = session.catalogue.text_with("ui.changes.since_version", &[("n", n.to_string())]);
    Ok(ChangeFile { title, from, packs, changes })
}

/// The changes of a file that are still to be made here, on top of what is published here.
///
/// # Errors
/// Every definition that was changed here in the same place, by name; packs that are missing.
pub(super) fn edits(session: &Session, file: &ChangeFile) -> Result<Vec<(Edit, Option<Json>)>> {
    demand_admin(session, DESIGN)?;
    let mut problems = prerequisites(session, file);
    let model = session.workspace.model();
    let mut edits = Vec::new();
    for change in &file.changes {
        let (kind, name) = &change.id;
        let current = model.definition(*kind, name).cloned();
        let is_done = match (kind, &current, &change.body) {
            (DefinitionKind::Script, Some(current), Some(body)) => {
                current.get("source") == body.get("source")
            }
            (_, current, body) => current == body,
        };
        if is_done {
            continue;
        }
        let edit =
            Edit { id: change.id.clone(), body: change.body.clone(), base: Some(change.before.clone()) };
        match rebase(&edit, current.as_ref()) {
            Ok(body) => edits.push((Edit { id: edit.id, body, base: None }, current)),
            Err(_) => problems.0.extend(conflicts(change, current.as_ref())),
        }
    }
    problems.into_result(edits).map_err(Error::from)
}

/// Packs that the changes were made on and that are not here, or not in a version that fits, with the way out.
fn prerequisites(session: &Session, file: &ChangeFile) -> Problems {
    let found = of_packs(&json!({ "packs": file.packs }), &session.workspace.layers().packs);
    let told = found.into_iter().map(|problem| match problem.code.as_ref() {
        "pack_missing" => Problem { code: "made_on_missing_pack".into(), ..problem },
        "pack_version_does_not_fit" => Problem { code: "made_on_other_version".into(), ..problem },
        _ => problem,
    });
    Problems(told.collect())
}

/// Where a change of a file and one that was made here meet, with what either says.
fn conflicts(change: &CarriedChange, current: Option<&Json>) -> Vec<Problem> {
    let (kind, name) = &change.id;
    let at = format!("/{kind}/{name}");
    let told = |code: &'static str, at: String| Problem::new(code, at).with("kind", kind).with("name", name);
    if current.is_none() && change.before.is_some() {
        return vec![told("changed_and_gone", at)];
    }
    let merging = three_way(change.before.as_ref(), current, change.body.as_ref(), &|_| None);
    let said =
        |value: Option<&Json>| value.map_or_else(|| "—".to_owned(), |value| shortened(&value.to_string()));
    let places: Vec<Problem> = merging
        .values
        .iter()
        .filter(|value| value.state == MergeState::Conflict)
        .map(|value| {
            told("changed_here_too_at", format!("{at}/{}", value.place.trim_start_matches('/')))
                .with("theirs", said(value.theirs.as_ref()))
                .with("mine", said(value.ours.as_ref()))
        })
        .collect();
    if places.is_empty() { vec![told("changed_here_too", at)] } else { places }
}

/// Makes a change set of a file; it can be looked at, rehearsed and published like any other.
///
/// # Errors
/// Every definition that was changed here in the same place, and what is wrong with the definitions, by name.
pub async fn bring_in(session: &Session, file: &ChangeFile) -> Result<Uuid> {
    let edits = edits(session, file)?;
    if edits.is_empty() {
        return Err(Problem::new("nothing_to_publish", "").into());
    }
    // The file may say otherwise what is here already: without keys, or with texts that a layer below has.
    let own: Vec<Edit> = edits.iter().map(|(edit, _)| edit.clone()).collect();
    let candidate = super::candidate::of_edits(&session.workspace, own).await?;
    if candidate.layers.workspace() == session.workspace.layers().workspace() {
        return Err(Problem::new("nothing_to_publish", "").into());
    }
    let id = change_sets::create(session, &file.title).await?;
    let changes = edits.into_iter().map(|(edit, base)| (edit.id, edit.body, base)).collect();
    match change_sets::put_based(session, id, changes).await {
        Ok(()) => Ok(id),
        Err(error) => {
            change_sets::discard_all(session, id).await?;
            Err(error)
        }
    }
}
