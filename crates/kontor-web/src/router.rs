//! All addresses in one place, and what surrounds them.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{And, NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

use crate::app::App;
use crate::error::Failure;
use crate::frame::{assets, health, trailing};
use crate::{api, routes, visit};

/// Answers smaller than this are not worth compressing.
const WORTH_COMPRESSING: u64 = 1024;
/// The workspace that `/` leads to.
const MAIN: &str = "/w/main/";

/// The whole application.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to(MAIN) }))
        .route("/w/{workspace}", get(enter_workspace))
        .merge(api::routes())
        .merge(routes::routes())
        .route("/healthz", get(health::show_health))
        .route("/readyz", get(health::show_readiness))
        .route("/metrics", get(health::show_metrics))
        .route("/assets/{*name}", get(assets::show_asset))
        .fallback(trailing::show_nothing)
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| Failure::Panic.into_response()))
        .layer(axum::middleware::from_fn_with_state(app.clone(), visit::enter))
        .layer(compression())
        .with_state(app)
}

fn compression() -> CompressionLayer<And<SizeAbove, NotForContentType>> {
    let worth = SizeAbove::new(WORTH_COMPRESSING).and(NotForContentType::IMAGES);
    CompressionLayer::new().gzip(true).quality(CompressionLevel::Fastest).compress_when(worth)
}

async fn enter_workspace(Path(workspace): Path<String>) -> Response {
    Redirect::permanent(&format!("/w/{}/", crate::frame::address::segment(&workspace))).into_response()
}
