//! Reading and writing the fields of records, following links, and the few methods that records have.

use std::sync::Arc;

use kontor_model::{FieldModel, Problem, Record, Value};
use rhai::{Array, Dynamic, EvalAltResult, FuncRegistration, Map, Module};
use uuid::Uuid;

use super::builder::add;
use super::say::CODE;
use crate::convert::{dynamic_to_value, value_to_dynamic};
use crate::rows::ListField;
use crate::run::Run;
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
        |record: &mut Handle| -> Answer<bool> { is_new(record) },
    );
    add(
        module,
        "changed",
        &["record: Record", "field: String", "bool"],
        "Whether a field of the record being saved, or of one of its rows, differs from what is stored; true for every filled field of a new record, and for a list of which anything changes.",
        |record: &mut Handle, name: &str| changed(record, name),
    );
    for (name, about, warning) in [
        (
            "fail",
            "Refuses the save with a message at a field of the record, which may be a row of the one being saved.",
            false,
        ),
        (
            "warn",
            "Shows a message at a field of the record, which may be a row of the one being saved; the save goes on.",
            true,
        ),
    ] {
        add(
            module,
            name,
            &["record: Record", "field: String", "message: String", "()"],
            about,
            move |record: &mut Handle, field: &str, message: &str| report(record, field, message, warning),
        );
    }
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

/// The list that holds a record of the record being saved.
fn list_of(run: &Arc<Run>, field: usize) -> Answer<ListField<'_>> {
    run.entity
        .fields
        .get(field)
        .and_then(|field| ListField::of(run, field))
        .ok_or_else(|| Fault::error("the list of this record is not known"))
}

fn is_new(record: &Handle) -> Answer<bool> {
    Ok(match &record.place {
        Place::Current => record.run.old.is_none(),
        Place::Row(field, id) => list_of(&record.run, *field)?.row(*id)?.old.is_none(),
        Place::Old | Place::Stored(..) => false,
    })
}

/// Refuses the save, or warns, with a message at a field of a row.
fn report(record: &Handle, name: &str, message: &str, warning: bool) -> Answer<()> {
    let path = match record.place {
        Place::Current => field(record, name).map(|field| format!("/{}", field.name))?,
        Place::Row(list, id) => {
            let list = list_of(&record.run, list)?;
            if list.column(name).is_none() {
                return Err(unknown(record, name));
            }
            let place = list.place_of(id)?.map(|place| format!("/{place}/{name}")).unwrap_or_default();
            format!("/{}{place}", list.name())
        }
        Place::Old | Place::Stored(..) => {
            return Err(Fault::error("only the record being saved, and its rows, can be refused"));
        }
    };
    let problem = Problem::new(CODE, path).saying(message);
    record.run.report(if warning { problem.as_warning() } else { problem });
    Ok(())
}

/// The stored record behind a handle that is not the current one.
pub(super) fn load(record: &Handle) -> Answer<Option<Arc<Record>>> {
    let run = &record.run;
    let Place::Stored(id, cell) = &record.place else {
        let copy = match record.place {
            Place::Old => run.old.clone(),
            Place::Row(field, id) => Some(list_of(run, field)?.row(id)?.record),
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
    if let Place::Row(list, id) = record.place {
        return read_row(record, list, id, name);
    }
    let field = field(record, name)?;
    if field.kind.is_list() {
        return read_list(record, field);
    }
    let convert = |stored: &Record| value_to_dynamic(&record.run, field, stored.at(field.index));
    match &record.place {
        Place::Current => Ok(record.run.read_record(convert)),
        Place::Old => Ok(record.run.old.as_ref().map_or(Dynamic::UNIT, convert)),
        // The id of a link is known without reading what it points at.
        Place::Stored(id, _) if field.index == kontor_model::entity::system::ID => Ok(id.to_string().into()),
        Place::Row(..) | Place::Stored(..) => {
            Ok(load(record)?.map_or(Dynamic::UNIT, |stored| convert(&stored)))
        }
    }
}

/// The records of a list: of the record being saved as they will be, of others as they are stored and as far as the
/// caller may see them.
fn read_list(record: &Handle, field: &FieldModel) -> Answer<Dynamic> {
    let run = &record.run;
    if let (Place::Current, Some(list)) = (&record.place, ListField::of(run, field)) {
        return list.read();
    }
    let Some(child) = field.list.as_ref().and_then(|list| run.model.entity(&list.entity)) else {
        return Ok(Dynamic::from_array(Array::new()));
    };
    let records = look_at(record, field)?;
    let handles = records.iter().map(|found| Handle::loaded(run, Arc::clone(child), Arc::clone(found)));
    Ok(Dynamic::from_array(handles.map(Dynamic::from).collect::<Array>()))
}

/// The records of a list that can only be looked at; asked for once.
fn look_at(record: &Handle, field: &FieldModel) -> Answer<Arc<Vec<Arc<Record>>>> {
    let run = &record.run;
    let key = match &record.place {
        Place::Old if run.old.is_none() => return Ok(Arc::default()),
        // The record itself is read with everything in it, and so has a key of its own.
        Place::Current | Place::Old => (String::new(), Uuid::nil(), field.index),
        Place::Row(_, id) | Place::Stored(id, _) => (field.entity.clone(), *id, field.index),
    };
    if let Some(known) = run.seen_list(&key) {
        return Ok(known);
    }
    run.charge_query()?;
    let records = match (&record.place, ListField::of(run, field)) {
        (Place::Old, Some(list)) => list.stored()?,
        _ => seen_by_caller(record, field, key.1)?,
    };
    run.charge_rows_read(records.len())?;
    Ok(run.see_list(key, records))
}

fn seen_by_caller(record: &Handle, field: &FieldModel, id: Uuid) -> Answer<Vec<Record>> {
    let run = &record.run;
    let Some(list) = &field.list else { return Ok(Vec::new()) };
    let Some(child) = run.model.entity(&list.entity) else { return Ok(Vec::new()) };
    let name = |index: usize| child.fields.get(index).map(|field| field.name.clone());
    let Some(by) = name(list.by) else { return Ok(Vec::new()) };
    let sort: Vec<String> = list.order.and_then(name).into_iter().chain(["created_at".to_owned()]).collect();
    let filter = serde_json::json!({ "field": by, "eq": id.to_string() });
    let most = u64::try_from(kontor_model::kind::children::MOST).unwrap_or(u64::MAX).min(run.rows_left() + 1);
    run.answer(run.host.find(&child.name, &filter, &sort, most))
}

/// Whether what is given is the list as it was read: the engine gives back what a method was called on.
fn is_untouched(record: &Handle, field: &FieldModel, given: &Dynamic) -> Answer<bool> {
    let Ok(items) = given.as_array_ref() else { return Ok(false) };
    let known = look_at(record, field)?;
    let same = |(item, known): (&Dynamic, &Arc<Record>)| {
        item.read_lock::<Handle>().is_some_and(|handle| handle.id() == known.id())
    };
    Ok(items.len() == known.len() && items.iter().zip(known.iter()).all(same))
}

/// A field of a record of a list. A link of a list shows what the list keeps of it, and else what it leads to.
fn read_row(record: &mut Handle, list: usize, id: Uuid, name: &str) -> Answer<Dynamic> {
    let run = Arc::clone(&record.run);
    let list = list_of(&run, list)?;
    let row = list.row(id)?.record;
    if let Some(field) = list.column(name) {
        if field.kind.is_list() {
            return read_list(record, field);
        }
        return Ok(value_to_dynamic(&run, field, row.at(field.index)));
    }
    if let Some(mut linked) = list.linked(&row) {
        read_field(&mut linked, name)
    } else {
        let field = field(record, name)?;
        Ok(value_to_dynamic(&run, field, row.at(field.index)))
    }
}

fn write_field(record: &mut Handle, name: &str, given: &Dynamic) -> Answer<()> {
    let run = &record.run;
    if matches!(record.place, Place::Old | Place::Stored(..))
        && let Some(field) = record.entity.field(name).filter(|field| field.kind.is_list())
        && is_untouched(record, field, given)?
    {
        return Ok(());
    }
    match record.place {
        Place::Current => {}
        Place::Row(list, id) => return list_of(run, list)?.write(id, name, given),
        Place::Old => return Err(Fault::error("`old` cannot be changed")),
        Place::Stored(..) => {
            return Err(Fault::error(format!(
                "only the record being saved is changed by assigning; use db::update for `{}`",
                record.entity.name
            )));
        }
    }
    let field = field(record, name)?;
    if let Some(list) = ListField::of(run, field) {
        return list.assign(given);
    }
    if !run.is_writable() {
        return Err(Fault::error("the record cannot be changed in this function; use before_save"));
    }
    if !field.is_given() {
        return Err(Fault::error(format!("`{name}` cannot be set: its value is kept by the system")));
    }
    let value = dynamic_to_value(run, field, given)?;
    run.change_record(|current| current.set(field.index, value));
    Ok(())
}

fn changed(record: &mut Handle, name: &str) -> Answer<bool> {
    if let Place::Row(list, id) = record.place {
        let list = list_of(&record.run, list)?;
        let Some(field) = list.column(name) else { return Err(unknown(record, name)) };
        let row = list.row(id)?;
        let before = row.old.as_ref().map_or(&Value::Empty, |old| old.at(field.index));
        return Ok(row.record.at(field.index) != before);
    }
    let field = field(record, name)?;
    if let (Place::Current, Some(list)) = (&record.place, ListField::of(&record.run, field)) {
        return list.is_changed();
    }
    if !matches!(record.place, Place::Current) {
        return Ok(false);
    }
    let before = record.run.old.as_ref().map_or(&Value::Empty, |old| old.at(field.index));
    Ok(record.run.read_record(|current| current.at(field.index) != before))
}

pub(super) fn title(record: &mut Handle) -> Answer<String> {
    if let Place::Row(list, id) = record.place {
        let list = list_of(&record.run, list)?;
        if let Some(mut linked) = list.linked(&list.row(id)?.record) {
            return title(&mut linked);
        }
    }
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
    // What lists hold would be a query for each.
    let fields = record.entity.fields.iter().filter(|field| !field.kind.is_list());
    Ok(fields
        .map(|field| (field.name.as_str().into(), value_to_dynamic(run, field, stored.at(field.index))))
        .collect())
}
