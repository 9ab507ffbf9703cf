//! In what order groups stand.

use std::cmp::Ordering;

use kontor_model::definition::report::{ReportDefinition, ReportType};
use kontor_model::query::Group as AnswerGroup;
use kontor_model::value::fold;
use kontor_model::{Decimal, Value};

use super::build::Question;
use crate::Session;

/// The order of groups: what the report says, then the dimensions.
pub(super) fn sort(
    session: &Session,
    report: &ReportDefinition,
    question: &Question,
    groups: &mut [AnswerGroup],
) {
    let mut keys = written_keys(
        report,
        |name| question.dimensions.iter().position(|(head, _)| head.name == name),
        |name| question.measures.iter().position(|(head, _)| head.name == name),
    );
    if keys.is_empty() || report.report_type == ReportType::Funnel {
        keys.extend((0..question.dimensions.len()).map(|index| (Key::Dimension(index), false)));
    }
    order(session, question, &keys, groups);
}

/// The order that a report says: dimensions and measures by the places that are found for their names, and whether each is
/// turned round.
pub(super) fn written_keys(
    report: &ReportDefinition,
    dimension: impl Fn(&str) -> Option<usize>,
    measure: impl Fn(&str) -> Option<usize>,
) -> Vec<(Key, bool)> {
    let key = |written: &String| {
        let (descending, name) =
            written.strip_prefix('-').map_or((false, written.as_str()), |name| (true, name));
        let key = dimension(name).map(Key::Dimension).or_else(|| measure(name).map(Key::Measure))?;
        Some((key, descending))
    };
    report.sort.iter().filter_map(key).collect()
}

/// Puts groups in the order of keys, each perhaps turned round.
pub(super) fn order(
    session: &Session,
    question: &Question,
    keys: &[(Key, bool)],
    groups: &mut [AnswerGroup],
) {
    groups.sort_by(|left, right| {
        keys.iter()
            .map(|(key, descending)| {
                let order = compare(session, question, *key, left, right);
                if *descending { order.reverse() } else { order }
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
}

#[derive(Clone, Copy)]
pub(super) enum Key {
    Dimension(usize),
    Measure(usize),
}

pub(super) fn compare(
    session: &Session,
    question: &Question,
    key: Key,
    left: &AnswerGroup,
    right: &AnswerGroup,
) -> Ordering {
    match key {
        Key::Measure(index) => {
            let number = |group: &AnswerGroup| group.values.get(index).and_then(Value::as_decimal);
            number(left).unwrap_or(Decimal::ZERO).cmp(&number(right).unwrap_or(Decimal::ZERO))
        }
        Key::Dimension(index) => {
            let (Some(left), Some(right)) = (left.keys.get(index), right.keys.get(index)) else {
                return Ordering::Equal;
            };
            match (left.value.is_empty(), right.value.is_empty()) {
                (true, true) => return Ordering::Equal,
                (true, false) => return Ordering::Greater,
                (false, true) => return Ordering::Less,
                (false, false) => {}
            }
            let field =
                question.dimensions.get(index).and_then(|(_, group)| group.path.resolve(&session.model));
            match (&left.value, &right.value, field) {
                (Value::Date(one), Value::Date(other), _) => one.cmp(other),
                (Value::Text(one), Value::Text(other), Some(field))
                    if !field.definition.one_of.is_empty() =>
                {
                    // Choices come in the order of their options; what is no option any more comes last.
                    let options = &field.definition.one_of;
                    let place = |value: &str| {
                        options.iter().position(|option| option.value == value).unwrap_or(options.len())
                    };
                    place(one).cmp(&place(other))
                }
                (
                    Value::Text(_) | Value::Integer(_) | Value::Decimal(_) | Value::Boolean(_),
                    _,
                    Some(field),
                ) => field
                    .kind
                    .compare(field, &left.value, &right.value)
                    .unwrap_or_else(|| fold(&left.label).cmp(&fold(&right.label))),
                _ => fold(&left.label).cmp(&fold(&right.label)),
            }
        }
    }
}
