//! What publishing would do: readable changes, each safe, lossy or refused, who uses what is changed, and the very
//! SQL that publish runs.

use kontor_model::definition::DefinitionKind;
use kontor_model::diff::{self, Change, Class, SchemaChange};
use kontor_model::entity::EntityModel;
use kontor_model::filter::{FieldPath, Filter, Has, Leaf, Operand, Operator};
use kontor_model::locale::Catalogue;
use kontor_model::{Model, Problem};
use kontor_store::Beforehand;

use super::candidate::{Candidate, is_consequence};
use super::come_back::{bring_back, round_aside};
use super::findings::{self, Finding};
use super::plan_scripts::broken_scripts;
use super::{convert, mentions};
use crate::Session;
use crate::error::Result;
use crate::records::{AggregateQuery, Measure, MeasureFunction};

/// What publishing would do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Each change, entities first.
    pub changes: Vec<PlannedChange>,
    /// The statements, in order.
    pub sql: Vec<String>,
}

/// One change with what it touches.
#[derive(Clone, Debug)]
pub struct PlannedChange {
    /// What the difference is.
    pub change: Change,
    /// Records that hold a value of what is changed or removed.
    pub rows: u64,
    /// Values that would not convert.
    pub unconvertible: u64,
    /// What the records say to it.
    pub finding: Option<Finding>,
    /// What is wrong, for a refused change.
    pub problem: Option<Problem>,
}

impl Plan {
    /// Whether something cannot be done.
    pub fn is_refused(&self) -> bool {
        self.changes.iter().any(|one| one.change.class == Class::Refused)
    }

    /// Whether something is lost.
    pub fn is_lossy(&self) -> bool {
        self.changes.iter().any(|one| one.change.class == Class::Lossy)
    }
}

impl From<Change> for PlannedChange {
    fn from(change: Change) -> Self {
        Self { change, rows: 0, unconvertible: 0, finding: None, problem: None }
    }
}

impl PlannedChange {
    /// What is wrong with it, with its whole place.
    pub fn into_problem(self) -> Option<Problem> {
        let mut problem = self.problem?;
        problem.path = format!("/{}/{}{}", self.change.kind, self.change.name, self.change.pointer);
        Some(problem)
    }

    /// Whether values are carried over into another kind.
    pub fn is_conversion(&self) -> bool {
        matches!(self.change.schema, Some(SchemaChange::ConvertField { .. }))
    }

    /// The change in a sentence.
    pub fn sentence(&self, catalogue: &Catalogue) -> String {
        if let Some(problem) = &self.problem {
            return problem.message(catalogue);
        }
        let change = &self.change;
        let said = |name: &str, value: &String| match name {
            "kind" if change.what.starts_with("definition_") => {
                catalogue.find(&format!("ui.definition.{value}.one")).map(str::to_owned)
            }
            "kind" | "from" if change.what == "field_kind_changed" || change.what == "field_added" => {
                catalogue.find(&format!("ui.kind.{value}.title")).map(str::to_owned)
            }
            "title" if change.what.starts_with("definition_") => {
                Some(catalogue.label(change.kind.as_str(), &change.name, "title", value).to_owned())
            }
            "part" => catalogue.find(&format!("ui.entity_part.{value}")).map(str::to_owned),
            "facets" => {
                let comma = catalogue.text("ui.said.comma");
                Some(value.split(", ").map(|key| part(catalogue, key)).collect::<Vec<_>>().join(comma))
            }
            "entity" if change.kind == DefinitionKind::Entity => {
                Some(catalogue.label(change.kind.as_str(), &change.name, "title", value).to_owned())
            }
            "field" if change.kind == DefinitionKind::Entity => {
                let field = change.pointer.strip_prefix("/properties/").filter(|name| !name.contains('/'));
                let path = format!("properties.{}.title", field?);
                Some(catalogue.label(change.kind.as_str(), &change.name, &path, value).to_owned())
            }
            _ => None,
        };
        let parameters: Vec<(&str, String)> = change
            .parameters
            .iter()
            .map(|(name, value)| (*name, said(name, value).unwrap_or_else(|| value.clone())))
            .collect();
        catalogue.text_with(&format!("change.{}", change.what), &parameters)
    }

    /// Why a refused change cannot be, and which ways there are.
    pub fn why(&self, catalogue: &Catalogue) -> Option<String> {
        let why = self.change.parameters.iter().find(|(name, _)| *name == "why");
        why.and_then(|(_, why)| catalogue.find(&format!("problem.kind_stays_{why}"))).map(str::to_owned)
    }
}

/// What a key of a field is called on its page.
fn part(catalogue: &Catalogue, key: &str) -> String {
    let word = key.chars().fold(String::new(), |word, letter| {
        if letter.is_ascii_uppercase() {
            format!("{word}_{}", letter.to_ascii_lowercase())
        } else {
            format!("{word}{letter}")
        }
    });
    let own = catalogue.find(&format!("ui.entity_part.{word}"));
    let asked = || catalogue.find(&format!("ui.field_editor.facet_{word}"));
    own.or_else(asked).unwrap_or(key).to_owned()
}

/// The plan of a candidate against what is published.
///
/// # Errors
/// When the database does not answer.
pub async fn of_candidate(session: &Session, candidate: &Candidate) -> Result<Plan> {
    let old = session.workspace.model();
    let mut changes = Vec::new();
    for mut change in diff::plan(&old, &candidate.model) {
        add_uses(&old, &mut change);
        bring_back(session, candidate, &mut change).await?;
        let conversion = match &change.schema {
            Some(schema) => Box::pin(convert::attempt(session, &old, candidate, schema)).await?,
            None => None,
        };
        let (rows, unconvertible) = match &conversion {
            Some(trial) => (trial.rows, trial.lost.rows),
            None => (rows_of(session, &old, &change).await?, 0),
        };
        // Whether digits are lost is said by what is found below.
        let is_whole = conversion.as_ref().is_some_and(|trial| unconvertible == 0 && trial.coarser.rows == 0);
        if is_whole && change.what != "field_scale_changed" {
            change.class = Class::Safe;
        }
        // What does not convert at all is told first.
        let lost = conversion.map(|trial| trial.lost.or(trial.coarser));
        let lost = lost.filter(|lost| lost.rows > 0 || lost.at_least);
        let (finding, problem) = match findings::of_change(session, &old, candidate, &mut change).await? {
            Some((finding, problem)) => (Some(finding), problem),
            None => (lost, None),
        };
        round_aside(&mut change);
        // What a default leaves out is not touched by the change.
        let touched = finding.as_ref().filter(|finding| finding.what != "without_default");
        let rows = touched.map_or(rows, |finding| rows.max(finding.rows));
        changes.push(PlannedChange { change, rows, unconvertible, finding, problem });
    }
    let all_broken = candidate.newly_broken(&old);
    for broken in &all_broken {
        for problem in broken.problems.iter().filter(|problem| !is_consequence(problem, &all_broken)) {
            changes.push(PlannedChange {
                change: Change {
                    kind: broken.id.0,
                    name: broken.id.1.clone(),
                    pointer: problem.path.clone(),
                    what: "broken".into(),
                    parameters: Vec::new(),
                    class: Class::Refused,
                    schema: None,
                    used_by: Vec::new(),
                },
                rows: 0,
                unconvertible: 0,
                finding: None,
                problem: Some(problem.clone()),
            });
        }
    }
    let broken_scripts = broken_scripts(session, &old, &candidate.model);
    changes.extend(broken_scripts);
    let sql = statements(session, &old, candidate, &changes, &Beforehand::default()).await?;
    Ok(Plan { changes, sql })
}

/// The statements of the changes.
pub async fn statements(
    session: &Session,
    old: &Model,
    candidate: &Candidate,
    changes: &[PlannedChange],
    beforehand: &Beforehand,
) -> Result<Vec<String>> {
    let schema: Vec<SchemaChange> = changes.iter().filter_map(|one| one.change.schema.clone()).collect();
    if schema.is_empty() {
        return Ok(Vec::new());
    }
    Ok(session.workspace.store.statements_after(old, &candidate.model, &schema, beforehand).await?)
}

/// Who refers to what the change removes, renames or alters: definitions by pointer, scripts by line.
fn add_uses(old: &Model, change: &mut Change) {
    if change.kind != DefinitionKind::Entity {
        if change.what == "definition_removed" {
            change.used_by = mentions::of_definition(old, &(change.kind, change.name.clone()));
        }
        return;
    }
    let parameter =
        |name: &str| change.parameters.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str());
    // Renamed things are known to the old model by their old names.
    let entity = old.entities.values().find(|entity| match &change.schema {
        Some(SchemaChange::ParkEntity { entity: name } | SchemaChange::ParkField { entity: name, .. }) => {
            entity.name == *name
        }
        _ => {
            entity.name == change.name
                || change.what == "entity_renamed" && Some(entity.name.as_str()) == parameter("from")
        }
    });
    let Some(entity) = entity else { return };
    let field = change.pointer.strip_prefix("/properties/").and_then(|rest| rest.split('/').next());
    change.used_by = match (change.what.as_str(), field) {
        ("entity_removed" | "entity_renamed", _) => mentions::all(old, &entity.name, None),
        ("field_renamed", _) => mentions::all(old, &entity.name, parameter("from")),
        ("field_removed" | "field_kind_changed" | "field_calculated", Some(field)) => {
            mentions::all(old, &entity.name, Some(field))
        }
        ("option_removed", Some(field)) => {
            mentions::of_option(old, &entity.name, field, parameter("option").unwrap_or_default())
        }
        _ => return,
    };
}

/// How many records hold a value of what the change takes away or alters.
async fn rows_of(session: &Session, old: &Model, change: &Change) -> Result<u64> {
    let (entity, field) = match &change.schema {
        Some(SchemaChange::ParkEntity { entity }) => (entity, None),
        Some(
            SchemaChange::ParkField { entity, field }
            | SchemaChange::ConvertField { entity, field, .. }
            | SchemaChange::RescaleField { entity, field, .. }
            | SchemaChange::Recompute { entity, field },
        ) => (entity, Some(field)),
        _ => return Ok(0),
    };
    let Some(entity) = old.entity(entity) else { return Ok(0) };
    let filter = match field.and_then(|field| entity.field_index(field)) {
        Some(index) => filled(entity, index),
        None if field.is_some() => return Ok(0),
        None => Filter::True,
    };
    count(session, old, entity, filter).await
}

/// How many living records hold a value of a field.
pub async fn count_filled(
    session: &Session,
    model: &Model,
    entity: &EntityModel,
    field: usize,
) -> Result<u64> {
    count(session, model, entity, filled(entity, field)).await
}

/// How many living records a filter holds for.
pub async fn count(session: &Session, model: &Model, entity: &EntityModel, filter: Filter) -> Result<u64> {
    let query = AggregateQuery {
        entity: entity.name.clone(),
        measures: vec![Measure {
            function: MeasureFunction::Count,
            path: None,
            filter: Filter::True,
            name: "n".into(),
        }],
        filter,
        ..AggregateQuery::default()
    };
    let workspace = &session.workspace;
    let rows =
        workspace.store.aggregate(model, &workspace.full_access, &query, &session.filter_context()).await?;
    let count =
        rows.first().and_then(|row| row.first()).and_then(kontor_model::Value::as_integer).unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

fn filled(entity: &EntityModel, index: usize) -> Filter {
    // A list has no column: it is filled where there is a record that points here.
    if let Some(list) = entity.fields.get(index).and_then(|field| field.list.as_ref()) {
        return Filter::Has(Has {
            entity: list.entity.clone(),
            field: list.by,
            filter: Box::new(Filter::True),
            at_least: None,
            at_most: None,
        });
    }
    Filter::Leaf(Leaf {
        path: FieldPath::own(entity.name.clone(), index),
        operator: Operator::Empty,
        operand: Operand::Flag(false),
    })
}
