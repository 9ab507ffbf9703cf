//! Evaluates a filter on one record. The store's SQL says the same; a property test over both holds them together.

use std::cmp::Ordering;

use super::{Filter, FilterContext, Leaf, Operand, Operator, Subject};
use crate::value::{Value, dialled, fold, search_words};

/// Whether a record matches. See [`super`] for what empty means.
pub fn matches(filter: &Filter, subject: &dyn Subject, context: &FilterContext) -> bool {
    match filter {
        Filter::True => true,
        Filter::All(list) => list.iter().all(|filter| matches(filter, subject, context)),
        Filter::Any(list) => list.iter().any(|filter| matches(filter, subject, context)),
        Filter::Not(filter) => !matches(filter, subject, context),
        Filter::Leaf(leaf) => leaf_holds(leaf, subject, context),
        Filter::Has(has) => {
            let count = subject.count(has);
            has.at_least.is_none_or(|least| count >= least) && has.at_most.is_none_or(|most| count <= most)
        }
        Filter::Shared(_) | Filter::Linked(_) => subject.reaches(filter),
    }
}

fn leaf_holds(leaf: &Leaf, subject: &dyn Subject, context: &FilterContext) -> bool {
    let value = subject.value(&leaf.path);
    let other = || operand_value(&leaf.operand, &value, subject, context);
    match leaf.operator {
        Operator::Empty => value.is_empty() == (leaf.operand == Operand::Flag(true)),
        Operator::Is if leaf.operand == Operand::MyTeams => {
            value.as_id().is_some_and(|team| context.teams.contains(&team))
        }
        Operator::Is if leaf.operand == Operand::MyTerritories => {
            value.as_id().is_some_and(|one| context.territories.contains(&one))
        }
        Operator::Eq | Operator::Is => equal(&value, &other()),
        Operator::Ne => {
            let other = other();
            !value.is_empty() && !other.is_empty() && !equal(&value, &other)
        }
        Operator::Lt => order(&value, &other()) == Some(Ordering::Less),
        Operator::Lte => matches!(order(&value, &other()), Some(Ordering::Less | Ordering::Equal)),
        Operator::Gt => order(&value, &other()) == Some(Ordering::Greater),
        Operator::Gte => matches!(order(&value, &other()), Some(Ordering::Greater | Ordering::Equal)),
        Operator::Between => {
            let Operand::Range(from, to) = &leaf.operand else { return false };
            matches!(order(&value, from), Some(Ordering::Greater | Ordering::Equal))
                && matches!(order(&value, to), Some(Ordering::Less | Ordering::Equal))
        }
        Operator::In => is_in(&value, &leaf.operand),
        Operator::NotIn => !value.is_empty() && !is_in(&value, &leaf.operand),
        Operator::Contains => contains(&value, &leaf.operand),
        Operator::NotContains => !value.is_empty() && !contains(&value, &leaf.operand),
        Operator::StartsWith => text_holds(&value, &leaf.operand, |text, part| text.starts_with(part)),
        Operator::EndsWith => text_holds(&value, &leaf.operand, |text, part| text.ends_with(part)),
        Operator::AnyOf => shared(&value, &leaf.operand) > 0,
        Operator::NoneOf => !value.is_empty() && shared(&value, &leaf.operand) == 0,
        Operator::AllOf => {
            let Operand::Many(wanted) = &leaf.operand else { return false };
            !value.is_empty() && wanted.iter().all(|option| holds_option(&value, option))
        }
        Operator::Alike => match (&value, &leaf.operand) {
            (Value::Text(text), Operand::Text(number)) => dialled(text) == *number,
            _ => false,
        },
        Operator::EverWas => {
            // A moment is compared in the kind of each value: the field may be empty now.
            let wanted = |one: &Value| operand_value(&leaf.operand, one, subject, context);
            let is_empty = !matches!(leaf.operand, Operand::Now(_)) && wanted(&value).is_empty();
            equal(&value, &wanted(&value))
                || (!is_empty && subject.past(&leaf.path).iter().any(|past| equal(past, &wanted(past))))
        }
        Operator::Under => other().as_id().is_some_and(|top| subject.is_under(&leaf.path, top)),
        Operator::Within => within(&value, &leaf.operand, context),
        Operator::Changed | Operator::ChangedTo | Operator::ChangedFrom | Operator::Was => {
            changed(leaf, &value, subject)
        }
    }
}

/// The one value that an operand stands for, in the type of the field's value.
fn operand_value(operand: &Operand, field: &Value, subject: &dyn Subject, context: &FilterContext) -> Value {
    match operand {
        Operand::One(value) => value.clone(),
        Operand::Field(path) => subject.value(path),
        Operand::Me => context.user.map_or(Value::Empty, Value::Id),
        Operand::MyTeam => context.team.map_or(Value::Empty, Value::Id),
        Operand::User(path) => context.attribute(path),
        Operand::Setting(name) => context.setting(name),
        Operand::Now(offset) => match field {
            Value::Date(_) => Value::Date(offset.day(context)),
            _ => Value::DateTime(offset.apply(context.now, context.zone, &context.working)),
        },
        Operand::MyTeams
        | Operand::MyTerritories
        | Operand::Many(_)
        | Operand::Range(..)
        | Operand::Text(_)
        | Operand::Dialled(_)
        | Operand::Flag(_)
        | Operand::Period(_) => Value::Empty,
    }
}

/// Equality of values that are there; an `any_link` also equals the id that it points at.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Empty, _) | (_, Value::Empty) => false,
        (Value::AnyLink(link), Value::Id(id)) | (Value::Id(id), Value::AnyLink(link)) => link.id == *id,
        (Value::Integer(_), Value::Decimal(_)) | (Value::Decimal(_), Value::Integer(_)) => {
            left.as_decimal() == right.as_decimal()
        }
        _ => left == right,
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(fold(left).as_bytes().cmp(fold(right).as_bytes())),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::DateTime(left), Value::DateTime(right)) => Some(left.cmp(right)),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        _ => Some(left.as_decimal()?.cmp(&right.as_decimal()?)),
    }
}

fn is_in(value: &Value, operand: &Operand) -> bool {
    match operand {
        Operand::Many(list) => list.iter().any(|one| equal(value, one)),
        _ => false,
    }
}

/// Whether a text has a part; whether each of the words is in one of the parts of a value that has several.
fn contains(value: &Value, operand: &Operand) -> bool {
    match (value, operand) {
        (Value::Json(_), Operand::Text(part)) => {
            let Some(words) = value.as_words() else { return false };
            let words = fold(&words);
            let joined = words.replace(' ', "");
            search_words(part).all(|word| {
                if word.is_joined { joined.contains(word.text) } else { words.contains(word.text) }
            })
        }
        _ => text_holds(value, operand, |text, part| text.contains(part)),
    }
}

fn text_holds(value: &Value, operand: &Operand, test: impl Fn(&str, &str) -> bool) -> bool {
    match (value, operand) {
        (Value::Text(text), Operand::Text(part)) => test(&fold(text), part),
        (Value::Text(text), Operand::Dialled(part)) => test(&dialled(text), &dialled(part)),
        (Value::Json(_) | Value::Files(_), Operand::Text(part)) => {
            value.as_words().is_some_and(|words| test(&fold(&words), part))
        }
        _ => false,
    }
}

fn holds_option(value: &Value, option: &Value) -> bool {
    match (value, option) {
        (Value::List(list), Value::Text(option)) => list.contains(option),
        _ => false,
    }
}

fn shared(value: &Value, operand: &Operand) -> usize {
    match operand {
        Operand::Many(wanted) => wanted.iter().filter(|option| holds_option(value, option)).count(),
        _ => 0,
    }
}

fn within(value: &Value, operand: &Operand, context: &FilterContext) -> bool {
    let Operand::Period(period) = operand else { return false };
    let range = period.range(context);
    match value {
        Value::Date(day) => {
            range.first.is_none_or(|first| *day >= first) && range.last.is_none_or(|last| *day <= last)
        }
        Value::DateTime(moment) => {
            range.from.is_none_or(|from| *moment >= from) && range.until.is_none_or(|until| *moment < until)
        }
        _ => false,
    }
}

/// What a save changed; without knowledge of a save nothing was changed and nothing was before.
fn changed(leaf: &Leaf, value: &Value, subject: &dyn Subject) -> bool {
    let old = subject.old(&leaf.path);
    let has_changed = old.as_ref().is_some_and(|old| old != value);
    let old = old.unwrap_or_default();
    match (&leaf.operator, &leaf.operand) {
        (Operator::Changed, operand) => has_changed == (*operand == Operand::Flag(true)),
        (Operator::ChangedTo, Operand::One(wanted)) => has_changed && equal(value, wanted),
        (Operator::ChangedFrom, Operand::One(wanted)) => has_changed && equal(&old, wanted),
        (Operator::Was, Operand::One(wanted)) => equal(&old, wanted),
        _ => false,
    }
}
