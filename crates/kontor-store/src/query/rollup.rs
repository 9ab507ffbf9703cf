//! The question behind a roll-up: one number for each of some records, over the records that point at them.

use kontor_model::entity::Rollup;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, Model, Value};
use uuid::Uuid;

use super::types::{AggregateQuery, Group, Measure, MeasureFunction};

/// The question, grouped by the records that are pointed at; `None` when the model no longer has what the roll-up is
/// over.
pub(crate) fn rollups_query(
    model: &Model,
    entity: &EntityModel,
    ids: &[Uuid],
    rollup: &Rollup,
) -> Option<AggregateQuery> {
    let children = model.entity(&rollup.entity)?;
    let link = children.field(&rollup.field)?;
    let is_any = link.kind.names_entity();
    let pointer = |id: &Uuid| {
        if is_any { Value::AnyLink(AnyLink { entity: entity.name.clone(), id: *id }) } else { Value::Id(*id) }
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
    let path = FieldPath::own(children.name.clone(), link.index);
    let leaf = |operator, operand| Filter::Leaf(Leaf { path: path.clone(), operator, operand });
    let points_here = match ids {
        [id] => leaf(Operator::Eq, Operand::One(pointer(id))),
        // What an `any_link` points at is asked one by one: a list of them is no operand.
        ids if is_any => {
            Filter::Any(ids.iter().map(|id| leaf(Operator::Eq, Operand::One(pointer(id)))).collect())
        }
        ids => leaf(Operator::In, Operand::Many(ids.iter().map(pointer).collect())),
    };
    let mut measures = vec![measure];
    // Amounts bring the first and the last of their currencies along, and for when those differ what they are worth in the
    // workspace's, and how many there are of each.
    let beside =
        of.and_then(|of| Some((of, children.currency_of(of)?.index, children.converted_of(of)?.index)));
    if let (Some((of, currency, converted)), Some(function)) =
        (beside, measures.first().map(|measure| measure.function))
    {
        for (function, field) in [
            (MeasureFunction::Min, currency),
            (MeasureFunction::Max, currency),
            (function, converted),
            (MeasureFunction::Count, of),
            (MeasureFunction::Count, converted),
        ] {
            measures.push(Measure {
                function,
                path: Some(FieldPath::own(children.name.clone(), field)),
                filter: Filter::True,
                name: "currency".into(),
            });
        }
    }
    Some(AggregateQuery {
        entity: children.name.clone(),
        group: vec![Group { path, by: None }],
        measures,
        filter: rollup.filter.clone().and(points_here),
        ..AggregateQuery::default()
    })
}
