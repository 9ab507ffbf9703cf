//! `admin/kinds`: what kinds of field there are, and a page about each.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::permissions::demand_admin;
use kontor_model::kind;
use kontor_view::page::admin::kind::KindsPage;
use serde::Deserialize;

use crate::error::Failure;
use crate::frame::address;
use crate::present::admin::kind as present_kind;
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct KindPath {
    kind: String,
}

/// `GET admin/kinds`.
pub async fn list_kinds(reader: Reader) -> Result<Response, Failure> {
    demand_admin(&reader.session, "design")?;
    let reading = reader.reading();
    let href = |name: &str| reading.admin_href(&format!("kinds/{}", address::segment(name)));
    let kinds = kind::definable().map(|kind| (kind.name().to_owned(), href(kind.name()))).collect();
    let page = KindsPage { at: reader.visit.place(), kinds };
    reader.draw().below(reading.t("entities.title"), reading.admin_href("entities")).view(&page).await
}

/// `GET admin/kinds/{kind}`.
pub async fn show_kind(reader: Reader, Path(path): Path<KindPath>) -> Result<Response, Failure> {
    demand_admin(&reader.session, "design")?;
    let found = kind::find(&path.kind).filter(|kind| !kind.is_internal()).ok_or_else(Failure::not_found)?;
    let reading = reader.reading();
    let page = present_kind::page(&reading, found).ok_or_else(Failure::not_found)?;
    reader
        .draw()
        .below(reading.t("entities.title"), reading.admin_href("entities"))
        .below(reading.t("kinds.title"), reading.admin_href("kinds"))
        .view(&page)
        .await
}
