//! `GET apps/{name}`: changes to the menu of another app.

use axum::extract::Path;
use axum::http::header;
use axum::response::Response;
use serde::Deserialize;

use crate::error::Failure;
use crate::frame::cookie;
use crate::present::frame;
use crate::visit::{APP_COOKIE, Reader};

#[derive(Deserialize)]
pub struct AppPath {
    name: String,
}

/// Remembers the app and goes to its home.
pub async fn choose_app(reader: Reader, Path(path): Path<AppPath>) -> Result<Response, Failure> {
    let apps = frame::apps(&reader.reading());
    let app = apps.iter().find(|app| app.name == path.name).ok_or_else(Failure::not_found)?;
    let mut response = reader.go(&format!("{}/", reader.visit.base));
    let year = std::time::Duration::from_hours(8760);
    if let Some(value) = cookie::set(APP_COOKIE, &app.name, Some(year), false) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}
