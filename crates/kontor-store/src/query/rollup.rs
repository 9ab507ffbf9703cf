//! The question behind a roll-up: one number for each of some records, over the records that point at them.

use kontor_model::entity::Rollup;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Model, Value};
use uuid::Uuid;

use super::types::{AggregateQuery, Group, Measure, MeasureFunction, PageQuery, Sort};

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
    let of = rollup.of.as_ref().and_then(|name| children.field_index(name));
    let measure = Measure {
        function: match rollup.function.as_str() {
            "sum" => MeasureFunction::Sum,
            "min" => MeasureFunction::Min,
            "max" => MeasureFunction::Max,
            "avg" => MeasureFunction::Avg,
            "count_distinct" => MeasureFunction::CountDistinct,
            _ => MeasureFunction::Count,
        },
        path: of.map(|index| FieldPath::own(children.name.clone(), index)),
        filter: Filter::True,
        name: "value".into(),
    };
    let path = FieldPath::own(children.name.clone(), link.index);
    let points_here = pointing(children, link, entity, ids);
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

/// The records that point at some.
fn pointing(children: &EntityModel, link: &FieldModel, entity: &EntityModel, ids: &[Uuid]) -> Filter {
    let path = FieldPath::own(children.name.clone(), link.index);
    let is_any = link.kind.names_entity();
    let pointer = |id: &Uuid| {
        if is_any { Value::AnyLink(AnyLink { entity: entity.name.clone(), id: *id }) } else { Value::Id(*id) }
    };
    let leaf = |operator, operand| Filter::Leaf(Leaf { path: path.clone(), operator, operand });
    match ids {
        [id] => leaf(Operator::Eq, Operand::One(pointer(id))),
        // What an `any_link` points at is asked one by one: a list of them is no operand.
        ids if is_any => {
            Filter::Any(ids.iter().map(|id| leaf(Operator::Eq, Operand::One(pointer(id)))).collect())
        }
        ids => leaf(Operator::In, Operand::Many(ids.iter().map(pointer).collect())),
    }
}

/// The question for the distinct values of some records' roll-up that joins them, or counts amounts: those with their
/// currencies.
pub(crate) fn listed_query(
    model: &Model,
    entity: &EntityModel,
    ids: &[Uuid],
    rollup: &Rollup,
) -> Option<AggregateQuery> {
    let children = model.entity(&rollup.entity)?;
    let link = children.field(&rollup.field)?;
    let of = children.field(rollup.of.as_ref()?)?;
    let group =
        |field: &FieldModel| Group { path: FieldPath::own(children.name.clone(), field.index), by: None };
    let currency = children.currency_of(of.index);
    Some(AggregateQuery {
        entity: children.name.clone(),
        group: [Some(link), Some(of), currency].into_iter().flatten().map(group).collect(),
        filter: rollup.filter.clone().and(pointing(children, link, entity, ids)),
        ..AggregateQuery::default()
    })
}

/// The question for the first or the last record that points at one: its value, and the currency of an amount.
pub(crate) fn picked_query(
    model: &Model,
    entity: &EntityModel,
    id: Uuid,
    rollup: &Rollup,
) -> Option<PageQuery> {
    let children = model.entity(&rollup.entity)?;
    let link = children.field(&rollup.field)?;
    let of = children.field(rollup.of.as_ref()?)?;
    let own = |index: usize| FieldPath::own(children.name.clone(), index);
    let by = own(rollup.by(children)?.index);
    let is_there =
        Filter::Leaf(Leaf { path: by.clone(), operator: Operator::Empty, operand: Operand::Flag(false) });
    let currency = children.currency_of(of.index).map(|currency| own(currency.index));
    Some(PageQuery {
        entity: children.name.clone(),
        select: std::iter::once(own(of.index)).chain(currency).collect(),
        filter: rollup.filter.clone().and(pointing(children, link, entity, &[id])).and(is_there),
        sort: vec![Sort { path: by, descending: rollup.picks() == Some(true) }],
        limit: 1,
        ..PageQuery::default()
    })
}
