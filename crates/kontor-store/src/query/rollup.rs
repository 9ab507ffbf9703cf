//! The question behind a roll-up: one number over the records that point at one record.

use kontor_model::entity::Rollup;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, Model, Value};
use uuid::Uuid;

use super::types::{AggregateQuery, Measure, MeasureFunction};

/// The question; `None` when the model no longer has what the roll-up is over.
pub fn rollup_query(
    model: &Model,
    entity: &EntityModel,
    id: Uuid,
    rollup: &Rollup,
) -> Option<AggregateQuery> {
    let children = model.entity(&rollup.entity)?;
    let link = children.field(&rollup.field)?;
    let pointer = if link.kind.names_entity() {
        Value::AnyLink(AnyLink { entity: entity.name.clone(), id })
    } else {
        Value::Id(id)
    };
    let of = rollup.of.as_ref().and_then(|name| children.field_index(name));
    let measure = Measure {
        function: match rollup.function.as_str() {
            "sum" => MeasureFunction::Sum,
            "min" => MeasureFunction::Min,
            "max" => MeasureFunction::Max,
            "avg" => MeasureFunction::Avg,
            _ => MeasureFunction::Count,
        },
        path: of.map(|index| FieldPath::own(children.name.clone(), index)),
        filter: Filter::True,
        name: "value".into(),
    };
    let points_here = Filter::Leaf(Leaf {
        path: FieldPath::own(children.name.clone(), link.index),
        operator: Operator::Eq,
        operand: Operand::One(pointer),
    });
    Some(AggregateQuery {
        entity: children.name.clone(),
        measures: vec![measure],
        filter: rollup.filter.clone().and(points_here),
        ..AggregateQuery::default()
    })
}
