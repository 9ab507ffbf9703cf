//! Reading and writing the fields of records, following links, and the few methods that records have.

use std::sync::Arc;

use kontor_model::{FieldModel, Record, Value};
use rhai::{Array, Dynamic, EvalAltResult, FuncRegistration, Map, Module};

use super::builder::add;
use crate::convert::{dynamic_to_value, value_to_dynamic};
use crate::types::{Answer, Fault, Handle, Place};

pub(super) fn register(module: &mut Module) {
    module.set_custom_type::<Handle>("Record");
    module.set_custom_type::<Fault>("Error");
    FuncRegistration::new_index_getter()
        .set_into_module(module, |record: &mut Handle, name: &str| read_field(record, name));
    FuncRegistration::new_index_setter()
        .set_into_module(module, |record: &mut Handle, name: &str, value: Dynamic| {
            write_field(record, name, &value)
        });
    // Reading through something empty gives empty, as in formulas: a link that is not set, `old` while creating.
    FuncRegistration::new_index_getter().set_into_module(module, |(): &mut (), _: &str| Dynamic::UNIT);
    FuncRegistration::new_getter("message")
        .set_into_module(module, |fault: &mut Fault| -> String { fault.message.clone() });

    register_methods(module);
    register_comparison(module);
}

fn register_methods(module: &mut Module) {
    add(
        module,
        "is_new",
        &["record: Record", "bool"],
        "Whether the record is being created.",
        |record: &mut Handle| matches!(record.place, Place::Current) && record.run.old.is_none(),
    );
    add(
        module,
        "changed",
        &["record: Record", "field: String", "bool"],
        "Whether a field of the record being saved differs from what is stored; true for every filled field of a new record.",
        |record: &mut Handle, name: &str| changed(record, name),
    );
    add(
        module,
        "title",
        &["record: Record", "String"],
        "What titles the record on screen; empty when there is no such record.",
        |record: &mut Handle| title(record),
    );
    add(
        module,
        "exists",
        &["record: Record", "bool"],
        "Whether the record that a link points at is there and may be seen.",
        |record: &mut Handle| -> Answer<bool> { Ok(load(record)?.is_some()) },
    );
    add(
        module,
        "entity_name",
        &["record: Record", "String"],
        "The name of the record's entity.",
        |record: &mut Handle| record.entity.name.clone(),
    );
    add(
        module,
        "has_field",
        &["record: Record", "field: String", "bool"],
        "Whether the record's entity has a field of that name.",
        |record: &mut Handle, name: &str| record.entity.field_index(name).is_some(),
    );
    add(
        module,
        "field_names",
        &["record: Record", "Array"],
        "The names of all fields of the record's entity.",
        |record: &mut Handle| -> Array {
            record.entity.fields.iter().map(|field| field.name.clone().into()).collect()
        },
    );
    add(
        module,
        "to_map",
        &["record: Record", "Map"],
        "All fields of the record as a map.",
        |record: &mut Handle| -> Answer<Map> { to_map(record) },
    );
}

fn register_comparison(module: &mut Module) {
    add(
        module,
        "==",
        &["left: Record", "right: Record", "bool"],
        "Whether both are the same record.",
        |left: Handle, right: Handle| is_same(&left, &right),
    );
    add(
        module,
        "!=",
        &["left: Record", "right: Record", "bool"],
        "Whether they are different records.",
        |left: Handle, right: Handle| !is_same(&left, &right),
    );
    add(
        module,
        "to_string",
        &["record: Record", "String"],
        "What titles the record.",
        |record: &mut Handle| title(record),
    );
    add(
        module,
        "to_debug",
        &["record: Record", "String"],
        "The record's entity and id.",
        |record: &mut Handle| format!("{record:?}"),
    );
    add(
        module,
        "to_string",
        &["error: Error", "String"],
        "What went wrong.",
        |fault: &mut Fault| -> String { fault.message.clone() },
    );
    add(module, "to_debug", &["error: Error", "String"], "What went wrong.", |fault: &mut Fault| -> String {
        fault.message.clone()
    });
}

fn is_same(left: &Handle, right: &Handle) -> bool {
    left.entity.name == right.entity.name && left.id() == right.id()
}

fn unknown(record: &Handle, name: &str) -> Box<EvalAltResult> {
    Fault::error(format!("`{}` has no field `{name}`", record.entity.name))
}

fn field<'h>(record: &'h Handle, name: &str) -> Answer<&'h FieldModel> {
    record.entity.field(name).ok_or_else(|| unknown(record, name))
}

/// The stored record behind a handle that is not the current one.
pub(super) fn load(record: &Handle) -> Answer<Option<Arc<Record>>> {
    let run = &record.run;
    let Place::Stored(id, cell) = &record.place else {
        let copy = match record.place {
            Place::Old => run.old.clone(),
            _ => Some(run.read_record(Clone::clone)),
        };
        return Ok(copy.map(Arc::new));
    };
    if let Some(loaded) = cell.get() {
        return Ok(loaded.clone());
    }
    if let Some(known) = run.remembered(&record.entity.name, *id) {
        return Ok(cell.get_or_init(|| known).clone());
    }
    run.charge_query()?;
    let read = run.answer(run.host.get(&record.entity.name, *id))?.map(Arc::new);
    run.charge_rows_read(usize::from(read.is_some()))?;
    run.remember(&record.entity.name, *id, read.clone());
    Ok(cell.get_or_init(|| read).clone())
}

pub(super) fn read_field(record: &mut Handle, name: &str) -> Answer<Dynamic> {
    let field = field(record, name)?;
    let convert = |stored: &Record| value_to_dynamic(&record.run, field, stored.at(field.index));
    match &record.place {
        Place::Current => Ok(record.run.read_record(convert)),
        Place::Old => Ok(record.run.old.as_ref().map_or(Dynamic::UNIT, convert)),
        // The id of a link is known without reading what it points at.
        Place::Stored(id, _) if field.index == kontor_model::entity::system::ID => Ok(id.to_string().into()),
        Place::Stored(..) => Ok(load(record)?.map_or(Dynamic::UNIT, |stored| convert(&stored))),
    }
}

fn write_field(record: &mut Handle, name: &str, given: &Dynamic) -> Answer<()> {
    let run = &record.run;
    match record.place {
        Place::Current => {}
        Place::Old => return Err(Fault::error("`old` cannot be changed")),
        Place::Stored(..) => {
            return Err(Fault::error(format!(
                "only the record being saved is changed by assigning; use db::update for `{}`",
                record.entity.name
            )));
        }
    }
    let field = field(record, name)?;
    if !run.is_writable() {
        return Err(Fault::error("the record cannot be changed in this function; use before_save"));
    }
    if !field.is_typed() || field.definition.write.as_deref() == Some("nobody") {
        return Err(Fault::error(format!("`{name}` cannot be set: its value is kept by the system")));
    }
    let value = dynamic_to_value(run, field, given)?;
    run.change_record(|current| current.set(field.index, value));
    Ok(())
}

fn changed(record: &mut Handle, name: &str) -> Answer<bool> {
    let field = field(record, name)?;
    if !matches!(record.place, Place::Current) {
        return Ok(false);
    }
    let before = record.run.old.as_ref().map_or(&Value::Empty, |old| old.at(field.index));
    Ok(record.run.read_record(|current| current.at(field.index) != before))
}

pub(super) fn title(record: &mut Handle) -> Answer<String> {
    if let Place::Stored(id, cell) = &record.place
        && cell.get().is_none()
    {
        let run = &record.run;
        run.charge_query()?;
        return Ok(run.answer(run.host.title(&record.entity.name, *id))?.unwrap_or_default());
    }
    let field = record.entity.display_field();
    let zone = record.run.context.zone;
    Ok(load(record)?.map_or_else(String::new, |stored| match stored.at(field.index) {
        Value::Empty => String::new(),
        value => field.kind.to_text(field, value, zone),
    }))
}

fn to_map(record: &mut Handle) -> Answer<Map> {
    let Some(stored) = load(record)? else { return Ok(Map::new()) };
    let run = &record.run;
    let fields = record.entity.fields.iter();
    Ok(fields
        .map(|field| (field.name.as_str().into(), value_to_dynamic(run, field, stored.at(field.index))))
        .collect())
}
