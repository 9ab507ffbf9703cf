//! Rights to the history of stages: whoever may read a record, and the field that its process moves, may read what the
//! history says of it. Nobody writes it but the engine.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::access::{Access, EntityAccess, FieldRight, Scope};
use kontor_model::definition::process::ProcessDefinition;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Hop, Leaf, Operand, Operator};
use kontor_model::stages::{STAGE_LOG, log};
use kontor_model::{EntityModel, Model, Value};

/// Adds the rights to the history to those of roles.
pub(super) fn complete(model: &Model, entities: &mut HashMap<String, Arc<EntityAccess>>) {
    let nothing = EntityAccess::default();
    let access = of(model, |name| entities.get(name).map_or(&nothing, |access| access.as_ref()));
    entities.insert(STAGE_LOG.to_owned(), Arc::new(access));
}

/// The rights of whoever holds everything.
pub(super) fn of_everything(model: &Model) -> Access {
    let full = EntityAccess::full();
    Access::everything().with(STAGE_LOG, of(model, |_| &full))
}

fn of<'a>(model: &Model, access_to: impl Fn(&str) -> &'a EntityAccess) -> EntityAccess {
    let Some(history) = model.entity(STAGE_LOG) else { return EntityAccess::default() };
    let Some(record) = history.field(log::RECORD) else { return EntityAccess::default() };
    let mut seen = Vec::new();
    let mut export = true;
    for target in record.targets.iter().filter_map(|name| model.entity(name)) {
        let access = access_to(&target.name);
        let Some(filter) = of_records(model, history, record.index, target, access) else { continue };
        seen.push(filter);
        export &= access.export;
    }
    let export = export && !seen.is_empty();
    let read = if seen.is_empty() { Scope::None } else { Scope::Where(Arc::new(Filter::Any(seen))) };
    EntityAccess { read, export, ..EntityAccess::default() }
}

/// Which entries belong to records of an entity that are seen; `None` when there are none.
fn of_records(
    model: &Model,
    history: &EntityModel,
    record: usize,
    target: &EntityModel,
    access: &EntityAccess,
) -> Option<Filter> {
    let processes = model.about::<ProcessDefinition>(&target.name);
    // What tells of a field that one may not see is not there.
    let fields: Vec<Value> = processes
        .iter()
        .filter(|process| access.field(&process.field) > FieldRight::None)
        .filter_map(|process| target.field(&process.field))
        .map(|field| Value::text(&field.key))
        .collect();
    if fields.is_empty() || target.name == STAGE_LOG {
        return None;
    }
    let hop = Hop { entity: history.name.clone(), field: record, to: target.name.clone() };
    let scope = match &access.read {
        Scope::None => return None,
        Scope::All => None,
        Scope::Where(filter) => Some((**filter).clone().behind(&hop)),
    };
    let leaf = |path: FieldPath, operator, operand| Filter::Leaf(Leaf { path, operator, operand });
    let own = FieldPath::own(history.name.clone(), history.field_index(log::FIELD)?);
    let there = FieldPath { hops: vec![hop], entity: target.name.clone(), field: system::ID };
    let mut all = vec![
        leaf(own, Operator::In, Operand::Many(fields)),
        leaf(there, Operator::Empty, Operand::Flag(false)),
    ];
    all.extend(scope);
    Some(Filter::All(all))
}
