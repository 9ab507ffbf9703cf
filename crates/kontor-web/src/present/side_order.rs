//! In what order the values of a dimension stand as columns of a matrix or as series of a chart: each in its own order, not in
//! that in which the rows first name them.

use std::cmp::Ordering;

use kontor_model::Value;
use kontor_model::definition::report::ReportDefinition;
use kontor_model::filter::FieldPath;
use kontor_model::query::{Answer, DimensionValue};

use super::Reading;

/// The order of one dimension.
#[derive(Default)]
pub struct SideOrder {
    /// The values as the answer orders them; empty where it does not.
    known: Vec<Value>,
    /// The options of a choice.
    options: Vec<String>,
    /// Whether the report turns it round.
    descending: bool,
}

impl SideOrder {
    /// The order of the dimension at a place of an answer.
    pub fn of(reading: &Reading<'_>, report: &ReportDefinition, answer: &Answer, dimension: usize) -> Self {
        let Some(head) = answer.dimensions.get(dimension) else { return Self::default() };
        let model = &reading.session.model;
        let entity = model.entity(&report.entity);
        let path = entity.and_then(|entity| FieldPath::parse(&head.field, entity, model).ok());
        let field = path.as_ref().and_then(|path| path.resolve(model));
        let options = field.map(|field| &field.definition.one_of).into_iter().flatten();
        let sides = answer.across.iter().filter(|_| dimension == report.rows.len());
        Self {
            known: sides.filter_map(|side| Some(side.keys.first()?.value.clone())).collect(),
            options: options.map(|option| option.value.clone()).collect(),
            descending: report.sort.iter().any(|key| key.strip_prefix('-') == Some(head.name.as_str())),
        }
    }

    /// Which of two values comes first; equal where nothing orders them.
    pub fn compare(&self, left: &DimensionValue, right: &DimensionValue) -> Ordering {
        if !self.known.is_empty() {
            let place = |key: &DimensionValue| self.known.iter().position(|value| *value == key.value);
            return place(left).unwrap_or(usize::MAX).cmp(&place(right).unwrap_or(usize::MAX));
        }
        let order = match (&left.value, &right.value) {
            (Value::Empty, Value::Empty) => Ordering::Equal,
            (Value::Empty, _) => Ordering::Greater,
            (_, Value::Empty) => Ordering::Less,
            (Value::Text(left), Value::Text(right)) => self.place(left).cmp(&self.place(right)),
            (Value::Date(left), Value::Date(right)) => left.cmp(right),
            (left, right) => match (left.as_decimal(), right.as_decimal()) {
                (Some(left), Some(right)) => left.cmp(&right),
                _ => Ordering::Equal,
            },
        };
        if self.descending { order.reverse() } else { order }
    }

    /// What is no option any more comes last.
    fn place(&self, value: &str) -> usize {
        self.options.iter().position(|option| option == value).unwrap_or(self.options.len())
    }
}

/// The places of the columns of a matrix in their order.
pub fn columns(
    reading: &Reading<'_>,
    report: &ReportDefinition,
    answer: &Answer,
    columns: &[&[DimensionValue]],
) -> Vec<usize> {
    let first = report.rows.len();
    let orders: Vec<SideOrder> = (first..answer.dimensions.len())
        .map(|dimension| SideOrder::of(reading, report, answer, dimension))
        .collect();
    let values = |keys: &[DimensionValue]| keys.iter().map(|key| key.value.clone()).collect::<Vec<Value>>();
    let sides: Vec<Vec<Value>> = answer.across.iter().map(|side| values(&side.keys)).collect();
    let mut order: Vec<(usize, usize)> = columns
        .iter()
        .map(|keys| values(keys))
        .map(|keys| sides.iter().position(|side| *side == keys).unwrap_or(sides.len()))
        .enumerate()
        .collect();
    order.sort_by(|(left, left_side), (right, right_side)| {
        let by_values = || {
            let (Some(left), Some(right)) = (columns.get(*left), columns.get(*right)) else {
                return Ordering::Equal;
            };
            let pairs = left.iter().zip(right.iter()).zip(&orders);
            pairs
                .map(|((left, right), order)| order.compare(left, right))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        };
        left_side.cmp(right_side).then_with(by_values)
    });
    order.into_iter().map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(value: Value) -> DimensionValue {
        DimensionValue { value, ..DimensionValue::default() }
    }

    fn text(value: &str) -> DimensionValue {
        key(Value::Text(value.to_owned()))
    }

    #[test]
    fn choices_stand_as_their_options_do_and_nothing_comes_last() {
        let order = SideOrder { options: ["new", "old"].map(str::to_owned).to_vec(), ..SideOrder::default() };
        assert_eq!(order.compare(&text("old"), &text("new")), Ordering::Greater);
        assert_eq!(order.compare(&text("gone"), &text("old")), Ordering::Greater);
        assert_eq!(order.compare(&text("gone"), &key(Value::Empty)), Ordering::Less);
        let turned = SideOrder { descending: true, ..order };
        assert_eq!(turned.compare(&text("old"), &text("new")), Ordering::Less);
    }

    #[test]
    fn what_the_answer_orders_stays_so() {
        let known = ["b", "a"].map(|value| Value::Text(value.to_owned())).to_vec();
        let order = SideOrder { known, ..SideOrder::default() };
        assert_eq!(order.compare(&text("a"), &text("b")), Ordering::Greater);
    }
}
