//! `GET snapshots/{name}`: figures that are kept per day.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::reports::snapshot;
use serde::Deserialize;

use crate::error::Failure;
use crate::extract::query::Query;
use crate::present::snapshot as present;
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct SnapshotPath {
    name: String,
}

/// The page; `?days=` says how far back.
pub async fn show_snapshot(
    reader: Reader,
    Path(path): Path<SnapshotPath>,
    query: Query,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let days = present::days(query.text("days"));
    let last = snapshot::today(session);
    let history = snapshot::history(session, &path.name, present::first(last, days), last).await?;
    let reading = reader.reading();
    let page = present::page(&reading, &history, days);
    reader
        .draw()
        .below(reading.t("reports.title"), format!("{}/reports", reader.visit.base))
        .view(&page)
        .await
}
