//! The lists of the record being saved, as the scripts of one call see and change them: rows and links by their ids, in
//! their order. They are read from the host when a script first asks, and handed back only where something changed.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use kontor_model::entity::{EntityModel, ListModel};
use kontor_model::kind::children::MOST;
use kontor_model::{FieldModel, Record, Value};
use rhai::{Array, Dynamic, EvalAltResult};
use uuid::Uuid;

use crate::convert::{describe, dynamic_to_value};
use crate::run::Run;
use crate::types::{Answer, Fault, Handle, Place};

/// One record of a list, as the save has it.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentRow {
    /// As it will be.
    pub record: Record,
    /// As it is stored; `None` for a new one.
    pub old: Option<Record>,
    /// Fields that a script gave, by index.
    pub given: BTreeSet<usize>,
}

/// A list of the record being saved.
#[derive(Clone, Debug, Default)]
pub struct DocumentList {
    /// Its records, in order.
    pub rows: Vec<DocumentRow>,
    /// Whether a stored record was already taken out of it.
    pub removed: bool,
}

/// What scripts made of a list.
#[derive(Clone, Debug, Default)]
pub struct ChangedList {
    /// Its records, in order.
    pub rows: Vec<DocumentRow>,
    /// Stored records that were taken out.
    pub removed: Vec<Record>,
}

/// A list during a call.
#[derive(Debug, Default)]
pub(crate) struct Held {
    order: Vec<Uuid>,
    rows: HashMap<Uuid, DocumentRow>,
    /// Whether the save changed the list before the script did.
    was_changed: bool,
    is_changed: bool,
    /// Rows whose change was charged.
    charged: HashSet<Uuid>,
}

impl Held {
    fn new(list: DocumentList) -> Self {
        let is_other = |row: &DocumentRow| row.old.as_ref() != Some(&row.record);
        let mut held = Self { was_changed: list.removed, ..Self::default() };
        for row in list.rows {
            held.was_changed |= is_other(&row);
            held.order.push(row.record.id());
            held.rows.insert(row.record.id(), row);
        }
        held
    }

    /// The list for the save, if the script changed it.
    pub(crate) fn into_changed(mut self) -> Option<ChangedList> {
        if !self.is_changed {
            return None;
        }
        let rows = self.order.iter().filter_map(|id| self.rows.remove(id)).collect();
        Some(ChangedList { rows, removed: self.rows.into_values().filter_map(|row| row.old).collect() })
    }

    fn linked(&self, through: usize, target: Uuid) -> Option<Uuid> {
        self.order
            .iter()
            .copied()
            .find(|id| self.rows.get(id).is_some_and(|row| row.record.at(through).as_id() == Some(target)))
    }
}

/// A field of the record being saved that holds records, with what it holds.
pub(crate) struct ListField<'r> {
    run: &'r Arc<Run>,
    field: &'r FieldModel,
    list: &'r ListModel,
    child: Arc<EntityModel>,
}

impl<'r> ListField<'r> {
    /// The list behind a field; `None` for every other field.
    pub(crate) fn of(run: &'r Arc<Run>, field: &'r FieldModel) -> Option<Self> {
        let list = field.list.as_ref()?;
        Some(Self { run, field, list, child: Arc::clone(run.model.entity(&list.entity)?) })
    }

    /// The name of the field.
    pub(crate) fn name(&self) -> &str {
        &self.field.name
    }

    fn with<T>(&self, work: impl FnOnce(&mut Held) -> T) -> Answer<T> {
        let (run, index) = (self.run, self.field.index);
        if !run.holds_list(index) {
            run.charge_query()?;
            let list = run.answer(run.host.document_list(index))?;
            run.charge_rows_read(list.rows.len())?;
            run.hold_list(index, Held::new(list));
        }
        run.with_list(index, work)
            .ok_or_else(|| Fault::error(format!("`{}` cannot be read here", self.field.name)))
    }

    fn handle(&self, id: Uuid) -> Dynamic {
        let place = Place::Row(self.field.index, id);
        Dynamic::from(Handle { run: Arc::clone(self.run), entity: Arc::clone(&self.child), place })
    }

    /// The records of the list, for the script.
    pub(crate) fn read(&self) -> Answer<Dynamic> {
        let ids = self.with(|held| held.order.clone())?;
        Ok(Dynamic::from_array(ids.into_iter().map(|id| self.handle(id)).collect::<Array>()))
    }

    /// The records of the list as they are stored: those of `old`.
    pub(crate) fn stored(&self) -> Answer<Vec<Record>> {
        self.run.answer(self.run.host.stored_list(self.field.index))
    }

    /// Whether the save changes the list.
    pub(crate) fn is_changed(&self) -> Answer<bool> {
        self.with(|held| held.was_changed || held.is_changed)
    }

    /// Where a record stands in the list, for messages.
    pub(crate) fn place_of(&self, id: Uuid) -> Answer<Option<usize>> {
        self.with(|held| held.order.iter().position(|one| *one == id))
    }

    /// A copy of a record of the list.
    pub(crate) fn row(&self, id: Uuid) -> Answer<DocumentRow> {
        self.with(|held| held.rows.get(&id).cloned())?
            .ok_or_else(|| Fault::error(format!("`{}` does not hold this record", self.field.name)))
    }

    /// What a link of the list leads to; `None` for rows.
    pub(crate) fn linked(&self, row: &Record) -> Option<Handle> {
        let through = self.child.fields.get(self.list.through?)?;
        let target = self.run.model.entity(through.targets.first()?)?;
        Some(Handle::stored(self.run, Arc::clone(target), row.at(through.index).as_id()?))
    }

    /// The column of a record of the list that scripts know by this name: any field of a row but its link back; of
    /// links what the list itself keeps.
    pub(crate) fn column(&self, name: &str) -> Option<&FieldModel> {
        let field = self.child.field(name)?;
        if self.list.through.is_none() {
            return (field.index != self.list.by).then_some(field);
        }
        let money = name.strip_suffix("_currency").unwrap_or(name);
        let own = &self.field.definition.properties;
        (own.contains_key(name) || own.contains_key(money)).then_some(field)
    }

    /// Changes a field of a record of the list.
    pub(crate) fn write(&self, id: Uuid, name: &str, given: &Dynamic) -> Answer<()> {
        self.demand_writable()?;
        let (field, value) = self.value(name, given)?;
        let outcome = self.with(|held| {
            if !held.order.contains(&id) {
                return None;
            }
            let row = held.rows.get_mut(&id)?;
            if *row.record.at(field.index) == value {
                return Some(false);
            }
            row.record.set(field.index, value);
            row.given.insert(field.index);
            held.is_changed = true;
            Some(held.charged.insert(id))
        })?;
        match outcome {
            None => Err(Fault::error(format!("the record was taken out of `{}`", self.field.name))),
            Some(true) => self.run.charge_row_written(),
            Some(false) => Ok(()),
        }
    }

    fn demand_writable(&self) -> Answer<()> {
        if !self.run.is_writable() {
            return Err(Fault::error("the record cannot be changed in this function; use before_save"));
        }
        if !self.field.is_typed() || self.field.definition.write.as_deref() == Some("nobody") {
            let message = format!("`{}` cannot be set: its value is kept by the system", self.field.name);
            return Err(Fault::error(message));
        }
        Ok(())
    }

    /// A value for a column, in the form of its field.
    fn value(&self, name: &str, given: &Dynamic) -> Answer<(&FieldModel, Value)> {
        let Some(field) = self.column(name) else {
            return Err(Fault::error(format!("`{}` has no field `{name}`", self.field.name)));
        };
        if !field.is_given() {
            return Err(Fault::error(format!("`{name}` cannot be set: its value is kept by the system")));
        }
        if field.kind.is_list() {
            return Err(Fault::error(format!("`{name}` cannot be set here: it holds records itself")));
        }
        let value = dynamic_to_value(self.run, field, given)?;
        Ok((field, value))
    }

    /// Gives the list new records: those of it that stay, in their new order, and maps for new ones.
    pub(crate) fn assign(&self, given: &Dynamic) -> Answer<()> {
        let empty = Array::new();
        let read = given.as_array_ref();
        let items = match &read {
            Ok(items) => &**items,
            Err(_) if given.is_unit() => &empty,
            Err(_) => return Err(self.no_list(given)),
        };
        let before = self.with(|held| held.order.clone())?;
        let same = items.len() == before.len()
            && items.iter().zip(&before).all(|(item, id)| self.row_of(item) == Some(*id));
        // Reading `record.lines.len()` gives the list back as it was: nothing happens, wherever it is done.
        if same {
            return Ok(());
        }
        self.demand_writable()?;
        if items.len() > MOST {
            return Err(Fault::error(format!("`{}` holds at most {MOST} records", self.field.name)));
        }
        let mut order: Vec<Uuid> = Vec::with_capacity(items.len());
        let mut named: HashSet<Uuid> = HashSet::with_capacity(items.len());
        for item in items {
            let id = match self.row_of(item) {
                Some(id) => id,
                None => self.add(item)?,
            };
            if !named.insert(id) {
                // What is linked already stays linked once.
                if self.list.through.is_some() {
                    continue;
                }
                return Err(Fault::error(format!("`{}` holds a record twice", self.field.name)));
            }
            order.push(id);
        }
        let gone = before.iter().filter(|id| !named.contains(id)).count();
        for _ in 0..gone {
            self.run.charge_row_written()?;
        }
        self.with(|held| {
            held.order = order;
            held.is_changed = true;
        })
    }

    fn no_list(&self, given: &Dynamic) -> Box<EvalAltResult> {
        Fault::error(format!("`{}` takes a list of records, not {}", self.field.name, describe(given)))
    }

    /// The record of this list that an item is; links are recognised by what they lead to.
    fn row_of(&self, item: &Dynamic) -> Option<Uuid> {
        let handle = item.read_lock::<Handle>()?;
        match handle.place {
            Place::Row(field, id) if field == self.field.index => Some(id),
            _ => {
                let through = self.child.fields.get(self.list.through?)?;
                if !through.targets.contains(&handle.entity.name) {
                    return None;
                }
                let target = handle.id();
                self.run.with_list(self.field.index, |held| held.linked(through.index, target)).flatten()
            }
        }
    }

    /// A new record of the list: from a map of its fields; of links also from what shall be linked.
    fn add(&self, item: &Dynamic) -> Answer<Uuid> {
        let mut values: Vec<(usize, Value)> = Vec::new();
        let through = self.list.through.and_then(|through| self.child.fields.get(through));
        let map = item.as_map_ref();
        if let Ok(map) = &map {
            for (name, value) in map.iter() {
                if name == "id" && through.is_some() {
                    continue;
                }
                let (field, value) = self.value(name, value)?;
                values.push((field.index, value));
            }
        } else if through.is_none() {
            return Err(self.no_list(item));
        }
        if let Some(through) = through {
            let target = match &map {
                Ok(map) => map.get("id").cloned().unwrap_or(Dynamic::UNIT),
                Err(_) => item.clone(),
            };
            let id = self.target(through, &target)?;
            if let Some(known) = self.with(|held| held.linked(through.index, id))? {
                self.with(|held| {
                    let Some(row) = held.rows.get_mut(&known) else { return };
                    for (field, value) in values {
                        row.record.set(field, value);
                        row.given.insert(field);
                    }
                    held.is_changed = true;
                })?;
                return Ok(known);
            }
            values.push((through.index, Value::Id(id)));
        }
        self.run.charge_row_written()?;
        let current = self.run.read_record(Clone::clone);
        let record = self.run.answer(self.run.host.new_row(self.field.index, &current, &values))?;
        let id = record.id();
        self.with(|held| {
            held.charged.insert(id);
            let given = values.iter().map(|(field, _)| *field).collect();
            held.rows.insert(id, DocumentRow { record, old: None, given });
        })?;
        Ok(id)
    }

    /// The id of a record that shall be linked; it must be there, and the caller must see it.
    fn target(&self, through: &FieldModel, given: &Dynamic) -> Answer<Uuid> {
        let id = dynamic_to_value(self.run, through, given)?.as_id();
        let entity = through.targets.first().map_or("", String::as_str);
        let Some(id) = id else { return Err(self.no_list(given)) };
        self.run.charge_query()?;
        match self.run.answer(self.run.host.get(entity, id))? {
            Some(_) => Ok(id),
            None => Err(Fault::error(format!("there is no such record of `{entity}`"))),
        }
    }
}
