//! `GET metrics/{name}`: one number with its comparison, its target and its line over time.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::reports::metric::{self, Narrowing};
use serde::Deserialize;

use crate::error::Failure;
use crate::extract::query::Query;
use crate::present::metric as present;
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct MetricPath {
    name: String,
}

/// The page; `?within=` asks for another period.
pub async fn show_metric(
    reader: Reader,
    Path(path): Path<MetricPath>,
    query: Query,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let definition = metric::find(session, &path.name)?;
    let narrowing = Narrowing { within: query.get("within").map(str::to_owned), conditions: Vec::new() };
    let figure = metric::run(session, &definition, &narrowing).await?;
    let line = metric::over_time(session, &definition, &narrowing).await?;
    let reading = reader.reading();
    let page = present::page(&reading, &definition, &figure, line.as_ref(), &query);
    reader
        .draw()
        .below(reading.t("reports.title"), format!("{}/reports", reader.visit.base))
        .view(&page)
        .await
}
