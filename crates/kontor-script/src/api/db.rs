//! Records: finding, counting, creating, changing, deleting — through the host, with the caller's rights.
//! Writes go into the buffer of the save and are committed with it, or not at all.

use std::sync::Arc;

use kontor_model::{Decimal, EntityModel, Json};
use rhai::{Array, Dynamic, Map, Module, NativeCallContext};
use serde_json::json;
use uuid::Uuid;

use super::builder::add;
use crate::convert::{describe, dynamic_to_json, is_any_link};
use crate::run::Run;
use crate::types::{Answer, Fault, Handle, Place};

/// How many records `find` gives when nothing is said.
const USUAL_LIMIT: u64 = 100;
/// The keys that make a map a filter; any other map asks for equal fields.
const FILTER_KEYS: [&str; 6] = ["all", "any", "not", "field", "has", "has_no"];

/// The functions `db::…`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    module.set_doc(
        "Records of any entity, with the rights of the caller. What is written is committed with the save.",
    );
    register_reading(&mut module);
    register_writing(&mut module);
    module
}

fn register_reading(m: &mut Module) {
    add(
        m,
        "get",
        &["entity: String", "id: String | Record", "Record"],
        "The record of that id; `()` when there is none.",
        |context: NativeCallContext, entity: &str, id: Dynamic| get(&context, entity, &id),
    );
    let about = "The records that match: a filter such as #{ field: \"total\", gte: 1000 }, or the fields that must be equal such as #{ status: \"new\" }; at most 100.";
    add(
        m,
        "find",
        &["entity: String", "filter: Map", "Array"],
        about,
        |context: NativeCallContext, entity: &str, filter: Map| find(&context, entity, filter, &Map::new()),
    );
    add(
        m,
        "find",
        &["entity: String", "filter: Map", "options: Map", "Array"],
        "The records that match, with #{ sort: \"-total\", limit: 20 }; `sort` may be a list.",
        |context: NativeCallContext, entity: &str, filter: Map, options: Map| {
            find(&context, entity, filter, &options)
        },
    );
    add(
        m,
        "first",
        &["entity: String", "filter: Map", "Record"],
        "The first record that matches; `()` when none does.",
        |context: NativeCallContext, entity: &str, filter: Map| first(&context, entity, filter, Map::new()),
    );
    add(
        m,
        "first",
        &["entity: String", "filter: Map", "options: Map", "Record"],
        "The first record that matches in the order of #{ sort: \"-total\" }; `()` when none does.",
        |context: NativeCallContext, entity: &str, filter: Map, options: Map| {
            first(&context, entity, filter, options)
        },
    );
    add(
        m,
        "count",
        &["entity: String", "filter: Map", "int"],
        "How many records match.",
        |context: NativeCallContext, entity: &str, filter: Map| count(&context, entity, filter),
    );
    add(
        m,
        "exists",
        &["entity: String", "filter: Map", "bool"],
        "Whether a record matches.",
        |context: NativeCallContext, entity: &str, filter: Map| -> Answer<bool> {
            Ok(count(&context, entity, filter)? > 0)
        },
    );
    add(
        m,
        "sum",
        &["entity: String", "field: String", "filter: Map", "Decimal"],
        "The sum of a number field over the records that match.",
        |context: NativeCallContext, entity: &str, field: &str, filter: Map| -> Answer<Decimal> {
            let run = Run::of(&context)?;
            let entity = entity_named(&run, entity)?;
            if entity.field(field).is_none() {
                return Err(Fault::error(format!("`{}` has no field `{field}`", entity.name)));
            }
            let filter = filter_json(&run, &entity, filter)?;
            run.charge_query()?;
            run.answer(run.host.sum(&entity.name, field, &filter))
        },
    );
}

fn register_writing(m: &mut Module) {
    add(
        m,
        "create",
        &["entity: String", "values: Map", "Record"],
        "Creates a record; its own rules and scripts run. An error says what is wrong with it.",
        |context: NativeCallContext, entity: &str, values: Map| -> Answer<Handle> {
            let run = Run::of(&context)?;
            let entity = entity_named(&run, entity)?;
            let values = values_json(&run, &entity, &values)?;
            run.charge_row_written()?;
            let id = run.answer(run.host.create(&entity.name, values))?;
            run.forget();
            Ok(Handle::stored(&run, entity, id))
        },
    );
    add(
        m,
        "update",
        &["record: Record", "values: Map", "()"],
        "Changes fields of another record; its own rules and scripts run.",
        |context: NativeCallContext, record: Handle, values: Map| -> Answer<()> {
            let run = Run::of(&context)?;
            let id = other_id(&record)?;
            update(&run, &record.entity, id, &values)
        },
    );
    add(
        m,
        "update",
        &["entity: String", "id: String | Record", "values: Map", "()"],
        "Changes fields of another record by its id.",
        |context: NativeCallContext, entity: &str, id: Dynamic, values: Map| -> Answer<()> {
            let run = Run::of(&context)?;
            let entity = entity_named(&run, entity)?;
            update(&run, &entity, id_of(&id)?, &values)
        },
    );
    add(
        m,
        "delete",
        &["record: Record", "()"],
        "Moves another record to the bin.",
        |context: NativeCallContext, record: Handle| -> Answer<()> {
            let run = Run::of(&context)?;
            let id = other_id(&record)?;
            delete(&run, &record.entity, id)
        },
    );
    add(
        m,
        "delete",
        &["entity: String", "id: String | Record", "()"],
        "Moves another record to the bin by its id.",
        |context: NativeCallContext, entity: &str, id: Dynamic| -> Answer<()> {
            let run = Run::of(&context)?;
            let entity = entity_named(&run, entity)?;
            delete(&run, &entity, id_of(&id)?)
        },
    );
}

fn entity_named(run: &Run, name: &str) -> Answer<Arc<EntityModel>> {
    run.model.entity(name).cloned().ok_or_else(|| Fault::error(format!("there is no entity `{name}`")))
}

fn id_of(given: &Dynamic) -> Answer<Uuid> {
    if let Some(handle) = given.read_lock::<Handle>() {
        return Ok(handle.id());
    }
    let text = given.as_immutable_string_ref().ok().and_then(|text| Uuid::parse_str(text.trim()).ok());
    text.ok_or_else(|| Fault::error(format!("{} is no record id", describe(given))))
}

/// The id of a record that is written beside the one being saved.
fn other_id(record: &Handle) -> Answer<Uuid> {
    match record.place {
        Place::Stored(id, _) => Ok(id),
        Place::Current | Place::Old | Place::Row(..) => {
            Err(Fault::error("the record being saved is changed by assigning to its fields"))
        }
    }
}

fn get(context: &NativeCallContext, entity: &str, id: &Dynamic) -> Answer<Dynamic> {
    let run = Run::of(context)?;
    let entity = entity_named(&run, entity)?;
    let handle = Handle::stored(&run, entity, id_of(id)?);
    Ok(if super::record::load(&handle)?.is_some() { Dynamic::from(handle) } else { Dynamic::UNIT })
}

fn find(context: &NativeCallContext, entity: &str, filter: Map, options: &Map) -> Answer<Array> {
    let run = Run::of(context)?;
    let entity = entity_named(&run, entity)?;
    let filter = filter_json(&run, &entity, filter)?;
    let (sort, limit) = read_options(options)?;
    run.charge_query()?;
    // One more than is left tells a script that reads too much from one that reads exactly all it may.
    let most = limit.min(run.rows_left().saturating_add(1));
    let records = run.answer(run.host.find(&entity.name, &filter, &sort, most))?;
    run.charge_rows_read(records.len())?;
    if records.len() > run.limits.array_items {
        return Err(Fault::error(format!(
            "find gives more than {} records; narrow the filter",
            run.limits.array_items
        )));
    }
    let handles =
        records.into_iter().map(|record| Handle::loaded(&run, Arc::clone(&entity), Arc::new(record)));
    Ok(handles.map(Dynamic::from).collect())
}

fn first(context: &NativeCallContext, entity: &str, filter: Map, mut options: Map) -> Answer<Dynamic> {
    options.insert("limit".into(), Dynamic::from_int(1));
    Ok(find(context, entity, filter, &options)?.into_iter().next().unwrap_or(Dynamic::UNIT))
}

fn count(context: &NativeCallContext, entity: &str, filter: Map) -> Answer<i64> {
    let run = Run::of(context)?;
    let entity = entity_named(&run, entity)?;
    let filter = filter_json(&run, &entity, filter)?;
    run.charge_query()?;
    Ok(i64::try_from(run.answer(run.host.count(&entity.name, &filter))?).unwrap_or(i64::MAX))
}

fn update(run: &Run, entity: &EntityModel, id: Uuid, values: &Map) -> Answer<()> {
    let values = values_json(run, entity, values)?;
    run.charge_row_written()?;
    run.answer(run.host.update(&entity.name, id, values))?;
    run.forget();
    Ok(())
}

fn delete(run: &Run, entity: &EntityModel, id: Uuid) -> Answer<()> {
    run.charge_row_written()?;
    run.answer(run.host.delete(&entity.name, id))?;
    run.forget();
    Ok(())
}

fn read_options(options: &Map) -> Answer<(Vec<String>, u64)> {
    let mut sort = Vec::new();
    let mut limit = USUAL_LIMIT;
    for (key, value) in options {
        match key.as_str() {
            "sort" => match dynamic_to_json(value)? {
                Json::String(one) => sort.push(one),
                Json::Array(many) => sort.extend(many.iter().filter_map(Json::as_str).map(str::to_owned)),
                _ => return Err(Fault::error("`sort` is a field name or a list of them")),
            },
            "limit" => {
                let wanted = value.as_int().ok().and_then(|number| u64::try_from(number).ok());
                limit = wanted.ok_or_else(|| Fault::error("`limit` is a whole number from 0"))?;
            }
            other => {
                return Err(Fault::error(format!(
                    "find knows the options `sort` and `limit`, not `{other}`"
                )));
            }
        }
    }
    Ok((sort, limit))
}

/// A filter as written, or the conjunction of equal fields.
fn filter_json(run: &Run, entity: &EntityModel, filter: Map) -> Answer<Json> {
    if filter.is_empty() {
        return Ok(Json::Null);
    }
    if filter.keys().any(|key| FILTER_KEYS.contains(&key.as_str())) {
        return dynamic_to_json(&Dynamic::from_map(filter));
    }
    let mut leaves = Vec::new();
    for (name, value) in &filter {
        if entity.field(name).is_none() {
            return Err(Fault::error(format!("`{}` has no field `{name}`", entity.name)));
        }
        leaves.push(match field_json(run, entity, name, value)? {
            Json::Null => json!({ "field": name.as_str(), "empty": true }),
            Json::Array(list) => json!({ "field": name.as_str(), "in": list }),
            value => json!({ "field": name.as_str(), "eq": value }),
        });
    }
    Ok(json!({ "all": leaves }))
}

/// The values of a record in JSON form; unknown fields are refused here, where the line is known.
fn values_json(run: &Run, entity: &EntityModel, values: &Map) -> Answer<Json> {
    let mut object = serde_json::Map::with_capacity(values.len());
    for (name, value) in values {
        if entity.field(name).is_none() {
            return Err(Fault::error(format!("`{}` has no field `{name}`", entity.name)));
        }
        object.insert(name.to_string(), field_json(run, entity, name, value)?);
    }
    Ok(Json::Object(object))
}

/// A value in the JSON form of its field. A record in an `any_link` field names its entity.
fn field_json(run: &Run, entity: &EntityModel, name: &str, value: &Dynamic) -> Answer<Json> {
    let Some(field) = entity.field(name) else { return dynamic_to_json(value) };
    if value.read_lock::<Handle>().is_some() {
        let value = crate::convert::dynamic_to_value(run, field, value)?;
        return Ok(field.kind.to_json(field, &value));
    }
    if is_any_link(field) && value.is_map() {
        return dynamic_to_json(value);
    }
    dynamic_to_json(value)
}
