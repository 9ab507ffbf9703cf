//! What the records say to a change: those that would not fit a narrower field, that lack what becomes required, that
//! hold the same value twice, that hold an option which goes.

use kontor_model::definition::DefinitionKind;
use kontor_model::diff::{Change, Class};
use kontor_model::entity::{EntityModel, FieldModel, Source, system};
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::{Model, Problem, Problems, Value};
use kontor_store::{PageQuery, Sort};
use uuid::Uuid;

use super::candidate::Candidate;
use crate::Session;
use crate::error::Result;

/// Records that are read at once.
const CHUNK: u64 = 500;
/// Records that are looked at one by one for a plan; beyond that it says "at least".
const MOST: u64 = 200_000;
/// Records that are named.
const NAMED: usize = 20;
/// Facets that values may stop to fit when they change.
const LIMITS: [&str; 10] = [
    "maxLength",
    "minLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "pattern",
    "maxItems",
    "minItems",
];

/// A record that stands in the way, or is touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The entity as it is called now.
    pub entity: String,
    /// The record.
    pub id: Uuid,
    /// What it is called; may be empty.
    pub title: String,
    /// What it holds, as text; empty when it holds nothing.
    pub value: String,
}

/// What the records say.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// `missing`, `not_fitting`, `double`, `option_used`, `without_default`, `copied`, `rounded`,
    /// `unconvertible` or `coarser`; the sentence is `changes.found_<what>`.
    pub what: &'static str,
    /// How many records.
    pub rows: u64,
    /// Whether more were not looked at.
    pub at_least: bool,
    /// The first of them.
    pub examples: Vec<Example>,
}

impl Finding {
    /// This one, or another where it found nothing.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.rows > 0 || other.rows == 0 { self } else { other }
    }
}

/// The records that are there before a new field with a default: they have no value of it.
async fn without_default(
    session: &Session,
    old: &Model,
    entity: &EntityModel,
    new: &FieldModel,
) -> Result<Option<Finding>> {
    if new.definition.default.is_none() {
        return Ok(None);
    }
    let rows = super::plan::count(session, old, entity, Filter::True).await?;
    Ok((rows > 0).then(|| Finding { what: "without_default", rows, ..Finding::default() }))
}

/// The records that are there before a new copy: it is taken for those that are linked.
async fn copied(
    session: &Session,
    old: &Model,
    (entity, new_entity): (&EntityModel, &EntityModel),
    new: &FieldModel,
) -> Result<Option<Finding>> {
    let Source::Copy(link, _) = &new.source else { return Ok(None) };
    let key = new_entity.fields.get(*link).map(|link| &link.key);
    let Some(link) = entity.fields.iter().find(|old| Some(&old.key) == key) else { return Ok(None) };
    let rows = super::plan::count_filled(session, old, entity, link.index).await?;
    Ok((rows > 0).then(|| Finding { what: "copied", rows, ..Finding::default() }))
}

/// Looks at the records for one change, and makes it what it is: lossy, or refused.
pub async fn of_change(
    session: &Session,
    old: &Model,
    candidate: &Candidate,
    change: &mut Change,
) -> Result<Option<(Finding, Option<Problem>)>> {
    if change.kind == DefinitionKind::Role {
        return Ok(held(session, old, change).await?.map(|finding| (finding, None)));
    }
    if change.kind == DefinitionKind::Approval && change.what == "definition_removed" {
        return waited_for(session, change).await;
    }
    let Some(new_entity) = candidate.model.entity(&change.name).cloned() else { return Ok(None) };
    let Some(entity) = old.entities.values().find(|old| old.key == new_entity.key).cloned() else {
        return Ok(None);
    };
    let parameter = |change: &Change, name: &str| {
        change.parameters.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone())
    };
    if change.what == "unique_added" {
        let names = parameter(change, "fields").unwrap_or_default();
        return doubles(session, old, &entity, &new_entity, &names, change).await;
    }
    let Some(name) = change.pointer.strip_prefix("/properties/") else { return Ok(None) };
    let Some(new) = new_entity.field(name) else { return Ok(None) };
    let Some(field) = entity.fields.iter().find(|field| field.key == new.key) else {
        let found = match without_default(session, old, &entity, new).await? {
            Some(found) => Some(found),
            None => copied(session, old, (&entity, &new_entity), new).await?,
        };
        return Ok(found.map(|finding| (finding, None)));
    };
    let finding = match change.what.as_str() {
        "required_added" => missing(session, old, &entity, field).await?,
        "option_removed" => {
            let option = parameter(change, "option").unwrap_or_default();
            let operator = if field.kind.name() == "choice" { Operator::Eq } else { Operator::AnyOf };
            let operand = if field.kind.name() == "choice" {
                Operand::One(Value::text(option.clone()))
            } else {
                Operand::Many(vec![Value::text(option)])
            };
            let filter = leaf(&entity, field.index, operator, operand);
            let found = matching(session, old, &entity, field, filter, "option_used").await?;
            if found.rows > 0 {
                change.class = Class::Lossy;
            }
            found
        }
        "field_changed" => {
            let facets = parameter(change, "facets").unwrap_or_default();
            if facets.split(", ").any(|facet| facet == "to") {
                let found = astray(session, old, &entity, field, (&candidate.model, new)).await?;
                if found.rows > 0 {
                    change.class = Class::Refused;
                    let problem = Problem::new("link_target_in_use", &change.pointer)
                        .with("field", &field.title)
                        .with("count", found.rows);
                    return Ok(Some((found, Some(problem))));
                }
            }
            if !facets.split(", ").any(|facet| LIMITS.contains(&facet)) {
                return Ok(None);
            }
            looked_through(session, old, &entity, field, "not_fitting", |value| stays(field, new, value))
                .await?
        }
        // The columns stay as they are, and so do values that the new kind would not take.
        "field_kind_changed" if change.schema.is_none() => {
            looked_through(session, old, &entity, field, "not_fitting", |value| stays(field, new, value))
                .await?
        }
        "field_scale_changed" if change.class == Class::Lossy => {
            let Some(scale) = new.kind.scale(new) else { return Ok(None) };
            let exact =
                |value: &Value| value.as_decimal().is_none_or(|number| number.rescale(scale) == Some(number));
            let found = looked_through(session, old, &entity, field, "rounded", exact).await?;
            if found.rows == 0 && !found.at_least {
                change.class = Class::Safe;
            }
            found
        }
        _ => return Ok(None),
    };
    Ok((finding.rows > 0 || finding.at_least).then_some((finding, None)))
}

/// Whether a change makes nothing worse for a value: it fits, or it did not fit before either.
fn stays(old: &FieldModel, new: &FieldModel, value: &Value) -> bool {
    let fits = |field: &FieldModel| {
        let (mut value, mut problems) = (value.clone(), Problems::new());
        field.kind.check(field, &mut value, &mut problems);
        !problems.has_errors()
    };
    fits(new) || !fits(old)
}

/// The people who hold a role that goes: they may do less from then on, or nothing at all.
async fn held(session: &Session, old: &Model, change: &mut Change) -> Result<Option<Finding>> {
    if change.what != "definition_removed" {
        return Ok(None);
    }
    let Some(entity) = old.entity("user") else { return Ok(None) };
    let holders: Vec<Uuid> = session
        .workspace
        .store
        .all_user_roles()
        .await?
        .into_iter()
        .filter(|(_, role)| *role == change.name)
        .map(|(user, _)| user)
        .collect();
    if holders.is_empty() {
        return Ok(None);
    }
    change.class = Class::Lossy;
    let named = holders.iter().take(NAMED).map(|id| (*id, Value::Empty)).collect();
    let examples = shown(session, old, entity, entity.display_field(), named).await?;
    Ok(Some(Finding { what: "role_held", rows: holders.len() as u64, at_least: false, examples }))
}

/// The requests that wait for an approval that goes: without it nobody could decide on them.
async fn waited_for(session: &Session, change: &mut Change) -> Result<Option<(Finding, Option<Problem>)>> {
    let count = crate::approvals::waiting_for(session, &change.name).await?;
    if count == 0 {
        return Ok(None);
    }
    change.class = Class::Refused;
    let problem = Problem::new("approval_waited_for", &change.pointer).with("name", &change.name);
    let finding = Finding { what: "waited_for", rows: count as u64, ..Finding::default() };
    Ok(Some((finding, Some(problem.with("count", count)))))
}

fn leaf(entity: &EntityModel, field: usize, operator: Operator, operand: Operand) -> Filter {
    Filter::Leaf(Leaf { path: FieldPath::own(entity.name.clone(), field), operator, operand })
}

async fn missing(
    session: &Session,
    model: &Model,
    entity: &EntityModel,
    field: &FieldModel,
) -> Result<Finding> {
    let filter = leaf(entity, field.index, Operator::Empty, Operand::Flag(true));
    matching(session, model, entity, field, filter, "missing").await
}

/// Records for which a filter holds: counted by the database, the first of them named.
async fn matching(
    session: &Session,
    model: &Model,
    entity: &EntityModel,
    field: &FieldModel,
    filter: Filter,
    what: &'static str,
) -> Result<Finding> {
    let rows = super::plan::count(session, model, entity, filter.clone()).await?;
    let mut examples = Vec::new();
    if rows > 0 {
        let query = query(entity, field, filter, NAMED as u64);
        let workspace = &session.workspace;
        let page =
            workspace.store.page(model, &session.actor.access, &query, &session.filter_context()).await?;
        for row in &page.rows {
            if let [Value::Id(id), value, title] = row.as_slice() {
                examples.push(example(session, entity, field, *id, (value, title)));
            }
        }
    }
    Ok(Finding { what, rows, at_least: false, examples })
}

/// Records whose value does not pass a test that only this program can make.
async fn looked_through(
    session: &Session,
    model: &Model,
    entity: &EntityModel,
    field: &FieldModel,
    what: &'static str,
    passes: impl Fn(&Value) -> bool,
) -> Result<Finding> {
    let workspace = &session.workspace;
    let mut finding = Finding { what, ..Finding::default() };
    let filled = leaf(entity, field.index, Operator::Empty, Operand::Flag(false));
    let mut query = query(entity, field, filled, CHUNK);
    let mut failed: Vec<(Uuid, Value)> = Vec::new();
    let mut seen = 0;
    loop {
        let context = session.filter_context();
        let page = workspace.store.page(model, &workspace.full_access, &query, &context).await?;
        for row in page.rows {
            seen += 1;
            if let [Value::Id(id), value, _] = row.as_slice()
                && !passes(value)
            {
                finding.rows += 1;
                if failed.len() < NAMED {
                    failed.push((*id, value.clone()));
                }
            }
        }
        match page.next {
            Some(_) if seen >= MOST => {
                finding.at_least = true;
                break;
            }
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    finding.examples = shown(session, model, entity, field, failed).await?;
    Ok(finding)
}

/// Links that point where the field may no longer point.
async fn astray(
    session: &Session,
    model: &Model,
    entity: &EntityModel,
    old: &FieldModel,
    (new_model, new): (&Model, &FieldModel),
) -> Result<Finding> {
    // An entity that is called otherwise now is the same one.
    let key = |model: &Model, name: &str| {
        model.entity(name).map_or_else(|| name.to_owned(), |entity| entity.key.clone())
    };
    let kept: Vec<String> = new.targets.iter().map(|target| key(new_model, target)).collect();
    let keeps = |target: &str| kept.contains(&key(model, target));
    if old.targets.iter().all(|target| keeps(target)) {
        return Ok(Finding::default());
    }
    looked_through(session, model, entity, old, "astray", |value| match value {
        Value::AnyLink(link) => keeps(&link.entity),
        _ => false,
    })
    .await
}

/// Living records that hold the same values in fields which shall be unique.
async fn doubles(
    session: &Session,
    old: &Model,
    entity: &EntityModel,
    new_entity: &EntityModel,
    names: &str,
    change: &mut Change,
) -> Result<Option<(Finding, Option<Problem>)>> {
    let mut fields = Vec::new();
    for name in names.split(", ") {
        let Some(new) = new_entity.field(name) else { return Ok(None) };
        let known = entity.fields.iter().find(|field| field.key == new.key);
        // Fields that are new, get another kind or other digests have no columns yet in which something could be the same.
        let stays = |field: &&FieldModel| {
            let is_kept = field.encryption == new.encryption && field.columns() == new.columns();
            field.kind.name() == new.kind.name() && is_kept
        };
        let Some(field) = known.filter(stays) else { return Ok(None) };
        fields.push((field.index, new));
    }
    // How the new definition compares texts is what counts.
    let compared: Vec<&FieldModel> = fields.iter().map(|(_, new)| *new).collect();
    let (rows, ids) = session.workspace.store.doubles(entity, &compared, NAMED).await?;
    if rows == 0 {
        return Ok(None);
    }
    change.class = Class::Refused;
    let first = fields.first().map_or(system::ID, |(index, _)| *index);
    let mut examples = Vec::new();
    if let Some(field) = entity.fields.get(first) {
        let named = ids.into_iter().map(|id| (id, Value::Empty)).collect();
        examples = shown(session, old, entity, field, named).await?;
    }
    let problem =
        Problem::new("values_not_unique", &change.pointer).with("fields", names).with("count", rows);
    Ok(Some((Finding { what: "double", rows, at_least: false, examples }, Some(problem))))
}

fn query(entity: &EntityModel, field: &FieldModel, filter: Filter, limit: u64) -> PageQuery {
    let own = |index: usize| FieldPath::own(entity.name.clone(), index);
    PageQuery {
        entity: entity.name.clone(),
        select: vec![own(system::ID), own(field.index), own(entity.display)],
        filter,
        sort: vec![Sort { path: own(system::ID), descending: false }],
        limit,
        ..PageQuery::default()
    }
}

/// Those of the records that the actor may read, with what they hold: who designs fields need not see every record.
pub async fn shown(
    session: &Session,
    model: &Model,
    entity: &EntityModel,
    field: &FieldModel,
    records: Vec<(Uuid, Value)>,
) -> Result<Vec<Example>> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let ids = records.iter().map(|(id, _)| Value::Id(*id)).collect();
    let filter = leaf(entity, system::ID, Operator::In, Operand::Many(ids));
    let query = query(entity, field, filter, records.len() as u64);
    let workspace = &session.workspace;
    let page = workspace.store.page(model, &session.actor.access, &query, &session.filter_context()).await;
    // A field that may not be read gives no page: then there is nothing to show.
    let Ok(page) = page else { return Ok(Vec::new()) };
    let mut found: Vec<Example> = page
        .rows
        .iter()
        .filter_map(|row| match row.as_slice() {
            [Value::Id(id), value, title] => Some(example(session, entity, field, *id, (value, title))),
            _ => None,
        })
        .collect();
    let place = |id: &Uuid| records.iter().position(|(known, _)| known == id);
    found.sort_by_key(|one| place(&one.id));
    Ok(found)
}

fn example(
    session: &Session,
    entity: &EntityModel,
    field: &FieldModel,
    id: Uuid,
    (value, title): (&Value, &Value),
) -> Example {
    let text = |field: &FieldModel, value: &Value| {
        if value.is_empty() { String::new() } else { field.kind.to_text(field, value, session.actor.zone) }
    };
    let display = entity.fields.get(entity.display).filter(|display| display.index != system::ID);
    let title = display.map(|display| text(display, title)).unwrap_or_default();
    Example { entity: entity.name.clone(), id, title, value: text(field, value) }
}
