//! A field changes its kind: its values are read as the new kind by way of their text. The old column is moved aside
//! with everything in it; what does not convert is empty and stays there.

use std::collections::BTreeMap;

use kontor_model::diff::SchemaChange;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::{EntityModel, FieldModel, Model, Problems, Record, Value};
use kontor_store::{PageQuery, Sort, Write};
use uuid::Uuid;

use super::candidate::Candidate;
use crate::Session;
use crate::error::Result;

/// Records that are read at once.
const CHUNK: u64 = 500;

/// What became of the values of one field.
#[derive(Debug, Default)]
pub struct Conversion {
    /// Records that held a value.
    pub rows: u64,
    /// Values that do not convert.
    pub unconvertible: u64,
    /// The values that do, by record, with the record's version.
    pub values: Vec<(Uuid, i64, Value)>,
}

/// Tries the conversion out on what is stored now; `None` when the change is none.
pub async fn attempt(
    session: &Session,
    old: &Model,
    candidate: &Candidate,
    change: &SchemaChange,
) -> Result<Option<Conversion>> {
    let SchemaChange::ConvertField { entity, field, .. } = change else { return Ok(None) };
    let Some(new_entity) = candidate.model.entity(entity) else { return Ok(None) };
    let Some(new_field) = new_entity.field(field) else { return Ok(None) };
    let before = old.entities.values().find(|old| old.key == new_entity.key);
    let Some(old_entity) = before else { return Ok(None) };
    let Some(old_field) = old_entity.fields.iter().find(|old| old.key == new_field.key) else {
        return Ok(None);
    };
    if comes_back(session, new_entity, new_field).await? {
        let rows = read(session, old, old_entity, old_field, |_, _, _| {}).await?;
        return Ok(Some(Conversion { rows, ..Conversion::default() }));
    }
    let mut conversion = Conversion::default();
    let rows = read(session, old, old_entity, old_field, |id, version, value| {
        match converted(session, old_field, new_field, value) {
            Some(value) => conversion.values.push((id, version, value)),
            None => conversion.unconvertible += 1,
        }
    })
    .await?;
    conversion.rows = rows;
    Ok(Some(conversion))
}

/// Whether an earlier change moved a column of the new kind aside: then it comes back with its values.
async fn comes_back(session: &Session, entity: &EntityModel, field: &FieldModel) -> Result<bool> {
    let aside = format!("{}__was_{}", field.key, field.kind.name().replace('_', ""));
    Ok(session.workspace.store.columns(&entity.key).await?.iter().any(|column| column.starts_with(&aside)))
}

fn converted(session: &Session, old: &FieldModel, new: &FieldModel, value: &Value) -> Option<Value> {
    let text = old.kind.to_text(old, value, session.actor.zone);
    let mut value = new.kind.parse_text(new, text.trim(), &session.parse_context()).ok()?;
    let mut problems = Problems::new();
    if !value.is_empty() {
        new.kind.check(new, &mut value, &mut problems);
    }
    (!problems.has_errors() && !value.is_empty()).then_some(value)
}

/// Hands every value of a field to `each`; says how many there are.
async fn read(
    session: &Session,
    model: &Model,
    entity: &EntityModel,
    field: &FieldModel,
    mut each: impl FnMut(Uuid, i64, &Value),
) -> Result<u64> {
    let own = |index: usize| FieldPath::own(entity.name.clone(), index);
    let workspace = &session.workspace;
    let mut count = 0;
    for bin in [false, true] {
        let mut after = None;
        loop {
            let query = PageQuery {
                entity: entity.name.clone(),
                select: vec![own(system::ID), own(system::VERSION), own(field.index)],
                filter: Filter::Leaf(Leaf {
                    path: own(field.index),
                    operator: Operator::Empty,
                    operand: Operand::Flag(false),
                }),
                sort: vec![Sort { path: own(system::ID), descending: false }],
                limit: CHUNK,
                after,
                bin,
                ..PageQuery::default()
            };
            let page = workspace
                .store
                .page(model, &workspace.full_access, &query, &session.filter_context())
                .await?;
            for row in &page.rows {
                if let [Value::Id(id), version, value] = row.as_slice() {
                    count += 1;
                    each(*id, version.as_integer().unwrap_or(0), value);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
    }
    Ok(count)
}

/// The parts of a value that is made of some.
fn parts(entity: &EntityModel, whole: usize, value: &Value) -> Vec<(usize, Value)> {
    let mut record = Record::empty(entity);
    record.set(whole, value.clone());
    kontor_model::kind::settle(entity, &mut record);
    entity.parts_of(whole).map(|part| (part.index, record.at(part.index).clone())).collect()
}

/// A record's version when it was read, and the values of its converted fields.
type Filled = (i64, Vec<(usize, Value)>);

/// The writes that fill the new columns, one per record whatever the number of fields. A record that somebody saved
/// since it was read refuses the whole publish.
pub fn writes(candidate: &Candidate, conversions: Vec<(String, String, Conversion)>) -> Vec<Write> {
    let mut by_record: BTreeMap<(String, Uuid), Filled> = BTreeMap::new();
    for (entity, field, conversion) in conversions {
        let Some(model) = candidate.model.entity(&entity) else { continue };
        let Some(index) = model.field_index(&field) else { continue };
        for (id, version, value) in conversion.values {
            let entry = by_record.entry((entity.clone(), id)).or_insert_with(|| (version, Vec::new()));
            entry.1.extend(parts(model, index, &value));
            entry.1.push((index, value));
        }
    }
    by_record
        .into_iter()
        .map(|((entity, id), (version, set))| Write::Update {
            entity,
            id,
            expected_version: Some(version),
            set,
            bump: false,
        })
        .collect()
}
