//! `GET metrics/{name}`: one number with its comparison and its target as JSON.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::reports::metric::{self, Narrowing};
use kontor_model::filter::Against;
use kontor_model::{Decimal, Json, Value};
use serde::Deserialize;
use serde_json::json;

use super::{answer, rows};
use crate::error::Failure;
use crate::extract::query::Query;
use crate::visit::Caller;

#[derive(Deserialize)]
pub struct MetricPath {
    name: String,
}

/// `within` asks for another period than the definition's.
pub async fn show_metric(
    caller: Caller,
    Path(path): Path<MetricPath>,
    query: Query,
) -> Result<Response, Failure> {
    let session = &caller.session;
    let definition = metric::find(session, &path.name)?;
    let narrowing = Narrowing { within: query.get("within").map(str::to_owned), conditions: Vec::new() };
    let figure = metric::run(session, &definition, &narrowing).await?;
    let number =
        |number: Option<Decimal>| number.map_or(Json::Null, |one| rows::number(&Value::Decimal(one)));
    let before = figure.before.as_ref().map(|before| {
        json!({
            "with": match before.with { Against::Previous => "previous", Against::YearBefore => "year_before" },
            "first": before.first.to_string(),
            "last": before.last.to_string(),
            "value": rows::number(&before.value),
            "change": number(before.change),
            "change_percent": number(before.percent),
            "better": before.is_good,
        })
    });
    let target = figure.target.as_ref().map(|target| {
        json!({ "value": number(Some(target.value)), "percent": number(target.percent), "reached": target.is_reached })
    });
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
    let period = figure
        .period
        .as_ref()
        .map(|span| json!({ "within": span.within, "first": day(span.first), "last": day(span.last) }));
    Ok(answer::json(&json!({
        "name": definition.name,
        "title": definition.title,
        "entity": definition.entity,
        "value": rows::number(&figure.value),
        "kind": figure.head.kind,
        "currency": figure.head.currency,
        "converted": figure.head.converted,
        "mixed_currencies": figure.mixed,
        "without_rate": figure.missing,
        "period": period,
        "before": before,
        "target": target,
    })))
}
