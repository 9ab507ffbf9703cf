//! `files/{id}`: a file for who is signed in and may have it.

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::api::files::FilePath;
use crate::download;
use crate::error::Failure;
use crate::visit::Reader;

/// `GET files/{id}`.
pub async fn show_file(
    reader: Reader,
    Path(path): Path<FilePath>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    download::answer(&reader.session, &headers, &path.id).await
}
