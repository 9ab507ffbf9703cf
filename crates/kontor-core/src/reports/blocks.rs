//! Reports over several entities: each block is a question of its own, and groups that mean the same stand in one row.

use std::collections::HashMap;

use kontor_model::definition::report::{Block, Dimension, ReportDefinition};
use kontor_model::query::{Answer, Behind, Group};
use kontor_model::{Decimal, Value};
use kontor_model::{Json, Problems};

use super::across;
use super::build::question;
use super::metric::in_own_currency;
use super::order::{Key, order, written_keys};
use super::parameters::Places;
use crate::Session;
use crate::error::{Error, Result};

/// The groups that are shown of a report that names no limit.
const USUAL: usize = 1_000;

/// The report itself is the first block. What of the others the reader may not read is not there.
pub(super) async fn run(
    session: &Session,
    report: &ReportDefinition,
    parameters: &HashMap<String, Json>,
) -> Result<Answer> {
    let alone =
        ReportDefinition { blocks: Vec::new(), sort: Vec::new(), limit: None, ..across::without(report) };
    let mut joined = in_own_currency(session, &alone, parameters).await?;
    let entity = session.entity(&report.entity)?;
    for group in &mut joined.rows {
        group.behind = vec![Behind { entity: entity.name.clone(), filter: group.filter.clone() }];
    }
    joined.blocks = vec![0];
    let mut places: HashMap<String, usize> =
        joined.rows.iter().enumerate().map(|(place, group)| (key(group), place)).collect();
    let mut zeros = zeros(&alone.measures);
    for block in &report.blocks {
        let asked = of_block(&alone, block);
        let answer = match in_own_currency(session, &asked, parameters).await {
            Ok(answer) => answer,
            // A wrong answer to what the report asks is told, whichever block asks for it.
            Err(Error::Problems(wrong)) if is_of_parameter(report, &wrong) => return Err(wrong.into()),
            Err(Error::NotFound | Error::Forbidden(_) | Error::Problems(_)) => continue,
            Err(other) => return Err(other),
        };
        join(&mut joined, answer, block, &mut places, &mut zeros);
    }
    across::work_out(session, report, &mut joined)?;
    sort(session, report, &alone, &mut joined)?;
    let limit = report.limit.map_or(USUAL, |limit| limit as usize);
    joined.capped |= joined.rows.len() > limit;
    joined.rows.truncate(limit);
    Ok(joined)
}

/// A block as a report: the rows are those of the whole, each by the block's own field.
pub(super) fn of_block(report: &ReportDefinition, block: &Block) -> ReportDefinition {
    let rows = report.rows.iter().zip(&block.fields);
    ReportDefinition {
        entity: block.entity.clone(),
        filter: block.filter.clone(),
        rows: rows
            .map(|(row, field)| Dimension {
                field: field.clone(),
                name: Some(row.name().to_owned()),
                ..row.clone()
            })
            .collect(),
        measures: block.measures.clone(),
        chart: None,
        ..report.clone()
    }
}

fn is_of_parameter(report: &ReportDefinition, wrong: &Problems) -> bool {
    let is_asked = |path: &str| {
        let name = path.trim_start_matches('/').split('/').next();
        report.parameters.iter().any(|parameter| Some(parameter.name.as_str()) == name)
    };
    wrong.iter().any(|problem| is_asked(&problem.path))
}

/// What groups have in common, whatever entity they come from.
fn key(group: &Group) -> String {
    let values: Vec<&Value> = group.keys.iter().map(|key| &key.value).collect();
    format!("{values:?}")
}

/// What the measures are where a block has no records: counts and sums are nothing, everything else is not there.
fn zeros(measures: &[kontor_model::definition::report::Measure]) -> Vec<Value> {
    let of = |measure: &kontor_model::definition::report::Measure| match measure.function() {
        Some(("count" | "count_distinct", _)) => Value::Integer(0),
        Some(("sum", _)) => Value::Decimal(Decimal::ZERO),
        _ => Value::Empty,
    };
    measures.iter().map(of).collect()
}

fn join(
    joined: &mut Answer,
    answer: Answer,
    block: &Block,
    places: &mut HashMap<String, usize>,
    before: &mut Vec<Value>,
) {
    let own = zeros(&block.measures);
    let nth = joined.blocks.len();
    joined.blocks.push(joined.measures.len());
    let heads = answer.measures.len();
    joined.measures.extend(answer.measures);
    joined.capped |= answer.capped;
    joined.mixed |= answer.mixed;
    joined.missing = joined.missing.max(answer.missing);
    let totals = if answer.totals.is_empty() { vec![Value::Empty; heads] } else { answer.totals };
    if !joined.totals.is_empty() {
        joined.totals.extend(totals);
    }
    for group in &mut joined.rows {
        group.values.extend(own.iter().cloned());
        group.behind.push(Behind::default());
    }
    for group in answer.rows {
        let place = *places.entry(key(&group)).or_insert_with(|| {
            let values = before.iter().chain(&own).cloned().collect();
            let behind = vec![Behind::default(); nth + 1];
            joined.rows.push(Group { keys: group.keys.clone(), values, filter: Json::Null, behind });
            joined.rows.len() - 1
        });
        let Some(row) = joined.rows.get_mut(place) else { continue };
        row.values.truncate(before.len());
        row.values.extend(group.values);
        if let Some(last) = row.behind.last_mut() {
            *last = Behind { entity: block.entity.clone(), filter: group.filter };
        }
    }
    before.extend(own);
}

/// The order of the whole: names of rows and of measures of any block.
fn sort(
    session: &Session,
    report: &ReportDefinition,
    alone: &ReportDefinition,
    joined: &mut Answer,
) -> Result<()> {
    let entity = session.entity(&report.entity)?;
    let question = question(session, &entity, alone, serde_json::json!({ "all": [] }), &Places::default())?;
    let (dimension, measure) =
        (|name: &str| joined.dimension_index(name), |name: &str| joined.measure_index(name));
    let mut keys = written_keys(report, dimension, measure);
    keys.extend((0..joined.dimensions.len()).map(|index| (Key::Dimension(index), false)));
    order(session, &question, &keys, &mut joined.rows);
    Ok(())
}
