//! A file on its way out: part by part, as a download that runs nothing. Only pictures of dots are shown in place.

use std::fmt::Write;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use kontor_core::files::{self, FileRow};
use kontor_core::{Error, Session};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::error::Failure;

/// Whatever the file holds: it runs nothing, loads nothing and belongs to no site.
const POLICY: &str = "default-src 'none'; sandbox";
/// What a name may hold as it is (RFC 8187, `attr-char`).
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Answers with a file, if the reader may have it. Rights are asked for each time; what the browser has already is not
/// sent again.
///
/// # Errors
/// 404, whatever the reason.
pub async fn answer(session: &Session, headers: &HeaderMap, id: &str) -> Result<Response, Failure> {
    let id = Uuid::parse_str(id).map_err(|_| Failure::not_found())?;
    let row = files::open(session, id).await?;
    let tag = format!("\"{}\"", row.hash);
    let has_it = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = if has_it {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let length = row.size;
        let mut response = Response::new(Body::from_stream(parts(session.clone(), row.clone())));
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        response
    };
    let written = |text: &str| HeaderValue::from_str(text).map_err(|_| Failure::not_found());
    let answered = response.headers_mut();
    answered.insert(header::CONTENT_TYPE, written(&content_type(&row))?);
    answered.insert(header::CONTENT_DISPOSITION, written(&disposition(&row))?);
    answered.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    answered.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    answered.insert(header::ETAG, written(&tag)?);
    Ok(response)
}

/// Texts say how they are written, so that nobody guesses.
fn content_type(row: &FileRow) -> String {
    if row.media_type.starts_with("text/") {
        format!("{}; charset=utf-8", row.media_type)
    } else {
        row.media_type.clone()
    }
}

/// RFC 6266: the name in plain letters for old browsers, and as it is for all others.
fn disposition(row: &FileRow) -> String {
    let way = if files::is_picture(&row.media_type) { "inline" } else { "attachment" };
    let plain: String = row
        .name
        .chars()
        .map(|letter| match letter {
            ' '..='~' if !"\"\\%;".contains(letter) => letter,
            _ => '_',
        })
        .collect();
    let mut text = format!("{way}; filename=\"{plain}\"");
    // Writing into a text cannot fail.
    let _ = write!(text, "; filename*=UTF-8''{}", utf8_percent_encode(&row.name, KEPT));
    text
}

fn parts(session: Session, row: FileRow) -> impl stream::Stream<Item = Result<Bytes, Error>> {
    stream::unfold(Some((session, row, 0_i64)), |state| async move {
        let (session, row, n) = state?;
        match files::part(&session, &row, n).await {
            Ok(Some(bytes)) => Some((Ok(Bytes::from(bytes)), Some((session, row, n + 1)))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, media_type: &str) -> FileRow {
        FileRow {
            id: Uuid::nil(),
            hash: String::new(),
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            size: 0,
            pixels: None,
            author: None,
            at: chrono::DateTime::UNIX_EPOCH,
            holder: None,
        }
    }

    #[test]
    fn names_are_written_for_old_and_new_browsers() {
        for (name, media_type, expected) in [
            (
                "offer 1.pdf",
                "application/pdf",
                "attachment; filename=\"offer 1.pdf\"; filename*=UTF-8''offer%201.pdf",
            ),
            ("图纸.png", "image/png", "inline; filename=\"__.png\"; filename*=UTF-8''%E5%9B%BE%E7%BA%B8.png"),
            (
                "a\"b;c.svg",
                "image/svg+xml",
                "attachment; filename=\"a_b_c.svg\"; filename*=UTF-8''a%22b%3Bc.svg",
            ),
        ] {
            assert_eq!(disposition(&row(name, media_type)), expected);
        }
        assert_eq!(content_type(&row("a", "text/html")), "text/html; charset=utf-8");
    }
}
