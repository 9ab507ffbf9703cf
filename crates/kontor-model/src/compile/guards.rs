//! Which rules and conditions of an entity can come to be wrong by what others save: those over roll-ups, over what is
//! made of them, and over the records that point here.

use indexmap::IndexMap;

use crate::entity::{EntityModel, FieldModel, Source};
use crate::filter::{FieldPath, Filter, Has, Leaf, Operand, Operator};
use crate::guard::{Asked, Guard, Says};
use crate::value::Value;

/// Fills in `fed`, `guards` and `asked` of every entity.
pub(super) fn connect(entities: &mut IndexMap<String, EntityModel>) {
    let mut asked: Vec<(String, Asked)> = Vec::new();
    for entity in entities.values_mut() {
        entity.fed = fed(entity);
        entity.guards = guards(entity);
        for (child, link) in entity.guards.iter().flat_map(|guard| &guard.rows) {
            asked.push((child.clone(), Asked { link: *link, entity: entity.name.clone() }));
        }
    }
    for (child, asked) in asked {
        let Some(child) = entities.get_mut(&child) else { continue };
        if !child.asked.contains(&asked) {
            child.asked.push(asked);
        }
    }
}

/// Roll-ups, and what is calculated from them within the same record.
fn fed(entity: &EntityModel) -> Vec<usize> {
    let mut fed: Vec<usize> = Vec::new();
    for index in &entity.derived_order {
        let Some(field) = entity.fields.get(*index) else { continue };
        let is_fed = match &field.source {
            Source::Rollup(_) => true,
            Source::Formula(formula) => {
                formula.reads.iter().any(|path| path.is_own() && fed.contains(&path.field))
            }
            Source::Converted(conversion) => fed.contains(&conversion.amount),
            _ => false,
        };
        if is_fed {
            fed.push(*index);
            fed.extend(entity.currency_of(*index).map(|currency| currency.index));
        }
    }
    fed
}

fn guards(entity: &EntityModel) -> Vec<Guard> {
    let mut guards = Vec::new();
    let mut add = |wrong: Filter, says: Says| {
        // What a save changed is known to that save alone.
        if wrong.asks_for_changes() {
            return;
        }
        let mut reads: Vec<usize> =
            wrong.paths().into_iter().filter(|path| path.is_own()).map(|path| path.field).collect();
        reads.retain(|index| entity.fed.contains(index));
        let has = |has: &Has| (has.entity.clone(), has.field);
        let rows: Vec<(String, usize)> = wrong.has_conditions().into_iter().map(has).collect();
        if !reads.is_empty() || !rows.is_empty() {
            guards.push(Guard { wrong, reads, rows, says });
        }
    };
    for (place, rule) in entity.rules.iter().enumerate().filter(|(_, rule)| !rule.warning) {
        add(rule.when.clone(), Says::Rule(place));
    }
    for field in entity.own_fields().filter(|field| matches!(field.source, Source::Typed)) {
        // What is hidden need not be filled.
        let visible = field.conditions.visible.clone().unwrap_or_default();
        let required = match &field.conditions.required {
            _ if field.required => Some(Filter::True),
            condition => condition.clone(),
        };
        if let Some(required) = required.filter(|_| !field.kind.is_drawn()) {
            add(required.and(visible).and(is_empty(entity, field)), Says::Required(field.index));
        }
        for (option, condition) in &field.conditions.options {
            let wrong = is_chosen(entity, field, option).and(Filter::Not(Box::new(condition.clone())));
            add(wrong, Says::Option(field.index, option.clone()));
        }
    }
    guards
}

fn is_empty(entity: &EntityModel, field: &FieldModel) -> Filter {
    match &field.list {
        Some(list) => Filter::Has(Has {
            entity: list.entity.clone(),
            field: list.by,
            filter: Box::new(Filter::True),
            at_least: None,
            at_most: Some(0),
        }),
        None => leaf(entity, field, Operator::Empty, Operand::Flag(true)),
    }
}

fn is_chosen(entity: &EntityModel, field: &FieldModel, option: &str) -> Filter {
    let value = Value::text(option);
    if field.operators().contains(&Operator::AnyOf) {
        return leaf(entity, field, Operator::AnyOf, Operand::Many(vec![value]));
    }
    leaf(entity, field, Operator::Eq, Operand::One(value))
}

fn leaf(entity: &EntityModel, field: &FieldModel, operator: Operator, operand: Operand) -> Filter {
    Filter::Leaf(Leaf { path: FieldPath::own(entity.name.clone(), field.index), operator, operand })
}
