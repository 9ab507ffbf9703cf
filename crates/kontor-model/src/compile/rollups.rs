//! Roll-ups as definitions write them: which records, and what is made of them.

use super::resolve::check_type;
use crate::Json;
use crate::entity::{EntityModel, FieldModel};
use crate::filter::Filter;
use crate::formula::Type;
use crate::kind::{FieldKind, KINDS};
use crate::model::Model;
use crate::problem::{Problem, Problems};
use crate::rollup::{FUNCTIONS, LISTED, Rollup};

/// Reads a roll-up; the problems' paths are relative to it.
pub(super) fn read(
    written: &Json,
    field: &FieldModel,
    entity: &EntityModel,
    model: &Model,
    problems: &mut Problems,
) -> Option<Rollup> {
    let of = written.get("of").and_then(Json::as_str).unwrap_or_default();
    let (name, link) = of.split_once('.').unwrap_or((of, ""));
    let Some(related) = model.entity(name) else {
        problems.push(Problem::new("unknown_entity", "/of").with("entity", name));
        return None;
    };
    let points_here = |link: &&FieldModel| !link.kind.is_list() && link.targets.contains(&entity.name);
    match related.field(link) {
        Some(link) if points_here(&link) => {}
        // Many to many: what points here are the pairs, which are records of their own.
        Some(links) if links.list.as_ref().is_some_and(|list| list.through.is_some()) => {
            let problem = Problem::new("points_by_pairs", "/of").with("field", of);
            problems.push(problem.with("options", pairs_of(links, entity, model).join(", ")));
            return None;
        }
        Some(_) => {
            let links = related.own_fields().filter(points_here).map(|link| format!("{name}.{}", link.name));
            let links: Vec<String> = links.collect();
            let problem = Problem::new("does_not_point_here", "/of").with("field", of);
            problems.push(problem.with("entity", &entity.name).with("options", links.join(", ")));
        }
        None => problems.push(Problem::new("unknown_field", "/of").with("field", link).with("entity", name)),
    }
    let filter = match written.get("where").map(|condition| Filter::parse(condition, related, model)) {
        Some(Ok(filter)) => {
            // What is stored is the same for everybody.
            if filter.depends_on_reader() {
                problems.push(Problem::new("only_for_readers", "/where"));
            }
            // It is worked out before the history of the same save is written.
            if filter.asks_for_history() {
                problems.push(Problem::new("history_not_here", "/where"));
            }
            filter
        }
        Some(Err(found)) => {
            problems.extend_under("/where", found);
            Filter::True
        }
        None => Filter::True,
    };
    let text = |key: &str| written.get(key).and_then(Json::as_str);
    let mut asked = FUNCTIONS.into_iter().filter(|function| match *function {
        "count" => written.get("count").and_then(Json::as_bool) == Some(true),
        function => text(function).is_some(),
    });
    let (Some(function), None) = (asked.next(), asked.next()) else {
        problems.push(Problem::new("rollup_function", "").with("options", FUNCTIONS.join(", ")));
        return None;
    };
    let limit = written.get("limit").and_then(Json::as_u64).and_then(|limit| usize::try_from(limit).ok());
    let rollup = Rollup {
        entity: name.to_owned(),
        field: link.to_owned(),
        function: function.to_owned(),
        of: text(function).map(str::to_owned),
        by: text("by").map(str::to_owned),
        limit: limit.unwrap_or(LISTED),
        filter,
    };
    for (key, fits) in [("by", rollup.picks().is_some()), ("limit", rollup.lists())] {
        if written.get(key).is_some_and(|said| !said.is_null()) && !fits {
            problems.push(Problem::new("key_does_not_fit", format!("/{key}")).with("key", key));
        }
    }
    if rollup.picks().is_some() {
        check_order(&rollup, related, problems);
    }
    let at = format!("/{function}");
    let Some(path) = &rollup.of else {
        check_type(field, Type::Number, &at, problems);
        return Some(rollup);
    };
    let Some(gathered) = related.field(path) else {
        problems.push(Problem::new("unknown_field", at).with("field", path).with("entity", name));
        return Some(rollup);
    };
    check_gathered(&rollup, field, gathered, &at, problems);
    Some(rollup)
}

/// The links of a list's pairs that point at an entity, as a roll-up names them.
fn pairs_of(links: &FieldModel, entity: &EntityModel, model: &Model) -> Vec<String> {
    let pairs = links.list.as_ref().and_then(|list| model.entity(&list.entity));
    let ends = pairs.into_iter().flat_map(|pairs| {
        let here = pairs.own_fields().filter(|end| !end.kind.is_list() && end.targets.contains(&entity.name));
        here.map(|end| format!("{}.{}", pairs.name, end.name))
    });
    ends.collect()
}

/// Whether what is gathered fits the function and the field that keeps it.
fn check_gathered(rollup: &Rollup, field: &FieldModel, of: &FieldModel, at: &str, problems: &mut Problems) {
    let wrong = |code: &'static str| {
        Problem::new(code, at)
            .with("field", &of.title)
            .with("kind", of.kind.name())
            .with("expected", field.kind.name())
    };
    if of.is_sealed() || of.kind.is_write_only() {
        problems.push(wrong("encrypted_uses"));
        return;
    }
    let (own, found) = (field.kind.formula_type(), of.kind.formula_type());
    match rollup.function.as_str() {
        "sum" | "avg" if !of.kind.is_number() => problems.push(wrong("not_a_number_field")),
        "sum" | "avg" | "min" | "max" => check_taken(rollup, field, of, at, problems),
        _ if of.kind.is_list() || of.kind.holds_files() || of.kind.is_signed() => {
            problems.push(wrong("rollup_not_gathered"));
        }
        "count_distinct" if matches!(found, Type::List | Type::Object) => {
            problems.push(wrong("rollup_not_gathered"));
        }
        "count_distinct" => check_type(field, Type::Number, at, problems),
        "list" => {
            let is_plain = matches!(found, Type::Text | Type::Number | Type::Date | Type::DateTime);
            if !is_plain {
                problems.push(wrong("rollup_not_gathered"));
            }
            let keeps = matches!(own, Type::Text | Type::List) && field.definition.one_of.is_empty();
            if !keeps || field.kind.is_drawn() || field.kind.is_link() {
                problems.push(wrong("rollup_list_kind"));
            }
        }
        // The first and the last are taken as they are: whole values and pointers by a field of the same kind.
        _ if matches!(found, Type::Id | Type::List | Type::Object) || of.kind.is_link() => {
            if of.kind.name() != field.kind.name() || of.targets != field.targets {
                problems.push(wrong("rollup_same_kind"));
            }
        }
        _ => check_taken(rollup, field, of, at, problems),
    }
}

/// Whether the field that keeps what is gathered holds values of that kind.
fn check_taken(rollup: &Rollup, field: &FieldModel, of: &FieldModel, at: &str, problems: &mut Problems) {
    let function = rollup.function.as_str();
    let before = problems.0.len();
    check_type(field, of.kind.formula_type(), at, problems);
    if problems.0.len() > before {
        return;
    }
    let told = |code: &'static str, options: Vec<&str>| {
        Problem::new(code, at)
            .with("field", &of.title)
            .with("kind", of.kind.name())
            .with("expected", field.kind.name())
            .with("options", options.join(", "))
    };
    if !is_taken(function, of.kind, field.kind) {
        let fitting = KINDS.iter().filter(|kind| is_taken(function, **kind, field.kind));
        let fitting: Vec<&str> = fitting.map(|kind| kind.name()).collect();
        problems.push(told(if fitting.is_empty() { "rollup_nothing" } else { "rollup_kinds" }, fitting));
        return;
    }
    // A choice holds its own options and no others.
    let own: Vec<&str> = field.definition.one_of.iter().map(|option| option.value.as_str()).collect();
    let is_known = |value: &str| own.contains(&value);
    if field.kind.is_choice() && !of.definition.one_of.iter().all(|option| is_known(&option.value)) {
        problems.push(told("rollup_options", own));
    }
}

/// A kind of marks within limits, which no sum keeps to.
const MARKS: &str = "rating";

/// Whether what a function makes of values of one kind is a value of the other: the same kind, or a number or a text that
/// is nothing more than that on one side. Of a number of seconds, of a part of a hundred and of an amount none is another.
fn is_taken(function: &str, of: &dyn FieldKind, own: &dyn FieldKind) -> bool {
    let orders = |kind: Type| matches!(kind, Type::Text | Type::Number | Type::Date | Type::DateTime);
    let (found, is_same) = (of.formula_type(), of.name() == own.name());
    if found != own.formula_type() || of.is_link() || of.is_list() || own.is_drawn() {
        return false;
    }
    match function {
        "sum" | "avg" if !of.is_number() => return false,
        "sum" if own.name() == MARKS => return false,
        "min" | "max" if !orders(found) || of.names_entity() || of.is_write_only() => return false,
        _ => {}
    }
    match found {
        Type::Number => is_same || own.takes_any() || of.takes_any(),
        Type::Text => is_same || own.takes_any(),
        _ => true,
    }
}

/// Whether the records have an order by the field that is named.
fn check_order(rollup: &Rollup, related: &EntityModel, problems: &mut Problems) {
    let Some(by) = rollup.by(related) else {
        let name = rollup.by.as_deref().unwrap_or_default();
        problems.push(Problem::new("unknown_field", "/by").with("field", name).with("entity", &related.name));
        return;
    };
    let has_order = matches!(by.kind.formula_type(), Type::Text | Type::Number | Type::Date | Type::DateTime);
    if !by.is_sortable() || !has_order || by.kind.is_link() {
        problems
            .push(Problem::new("rollup_order", "/by").with("field", &by.title).with("kind", by.kind.name()));
    }
}
