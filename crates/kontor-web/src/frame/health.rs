//! What operators and load balancers ask: does the process live, is it ready, what has it done.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;

/// `GET /healthz`: the process lives.
pub async fn show_health() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: 200 once a workspace is open.
pub async fn show_readiness(State(app): State<App>) -> Response {
    if app.workspaces.names().is_empty() {
        return (StatusCode::SERVICE_UNAVAILABLE, "no workspace is open yet\n").into_response();
    }
    "ready\n".into_response()
}

/// `GET /metrics`: counters in the text format of Prometheus.
pub async fn show_metrics(State(app): State<App>) -> Response {
    let text = app.metrics.to_text(app.workspaces.names().len());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
