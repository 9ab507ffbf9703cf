//! A value over the records that point at this one.

use kontor_model::entity::Rollup;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, Value};
use kontor_store::{AggregateQuery, Measure, MeasureFunction};
use uuid::Uuid;

use crate::Session;
use crate::error::Result;

/// The value over what is stored now.
pub async fn compute(session: &Session, entity: &EntityModel, id: Uuid, rollup: &Rollup) -> Result<Value> {
    let Some(children) = session.model.entity(&rollup.entity) else { return Ok(Value::Empty) };
    let Some(link) = children.field(&rollup.field) else { return Ok(Value::Empty) };
    let pointer = if link.kind.name() == "any_link" {
        Value::AnyLink(AnyLink { entity: entity.name.clone(), id })
    } else {
        Value::Id(id)
    };
    let of = rollup.of.as_ref().and_then(|name| children.field_index(name));
    let query = AggregateQuery {
        entity: children.name.clone(),
        measures: vec![Measure {
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
        }],
        filter: rollup.filter.clone().and(Filter::Leaf(Leaf {
            path: FieldPath::own(children.name.clone(), link.index),
            operator: Operator::Eq,
            operand: Operand::One(pointer),
        })),
        ..AggregateQuery::default()
    };
    let workspace = &session.workspace;
    let rows = workspace
        .store
        .aggregate(&session.model, &workspace.full_access, &query, &session.filter_context())
        .await?;
    Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()).unwrap_or_default())
}
