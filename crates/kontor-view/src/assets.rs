//! Stylesheet, icon sprite, browser modules, manifest and favicon, each under a name that changes with its content.
//!
//! The names carry a hash, so the answer may be cached for a year; the crate that serves them decides the headers.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../templates/assets/"]
struct Files;

/// One file for the browser.
#[derive(Clone, Debug)]
pub struct Asset {
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// Value for `Content-Type`.
    pub content_type: &'static str,
    /// The first 12 hexadecimal digits of the content's SHA-256; also part of the address.
    pub hash: String,
}

/// Address of every file, made once: the files are part of the binary and cannot change while it runs.
static ADDRESSES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| {
            let file = Files::get(&name)?;
            let hash = short_hash(&file.metadata.sha256_hash());
            let address = match name.rsplit_once('.') {
                Some((stem, extension)) => format!("/assets/{stem}.{hash}.{extension}"),
                None => format!("/assets/{name}.{hash}"),
            };
            Some((name.into_owned(), address))
        })
        .collect()
});

/// Address of the file `name` (`kontor.css` gives `/assets/kontor.<hash>.css`); the plain path when there is no such file.
pub fn url(name: &str) -> String {
    ADDRESSES
        .iter()
        .find(|(known, _)| known == name)
        .map_or_else(|| format!("/assets/{name}"), |(_, address)| address.clone())
}

/// The file behind an address, with or without the leading `/assets/`, hashed or plain; `None` when there is none.
///
/// A name with a hash that is not the present one is not found: a year-long cache must never hold a wrong content.
pub fn get(path: &str) -> Option<Asset> {
    let wanted = path.strip_prefix("/assets/").unwrap_or(path);
    let name = ADDRESSES
        .iter()
        .find(|(name, address)| name == wanted || address.strip_prefix("/assets/") == Some(wanted))
        .map(|(name, _)| name)?;
    let file = Files::get(name)?;
    Some(Asset {
        content_type: content_type(name),
        hash: short_hash(&file.metadata.sha256_hash()),
        bytes: file.data,
    })
}

/// Whether the address carries a hash and may therefore be cached without asking again.
pub fn is_immutable(path: &str) -> bool {
    ADDRESSES.iter().any(|(_, address)| address == path || address.strip_prefix("/assets/") == Some(path))
}

fn short_hash(digest: &[u8; 32]) -> String {
    digest.iter().take(6).fold(String::with_capacity(12), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_hashed_address_leads_back_to_its_file() {
        let address = url("kontor.css");
        assert!(address.starts_with("/assets/kontor.") && is_immutable(&address));
        let asset = get(&address).expect("the stylesheet");
        assert_eq!(asset.content_type, "text/css; charset=utf-8");
        assert!(address.contains(&asset.hash));
        assert!(get("/assets/kontor.000000000000.css").is_none());
        assert!(get("../Cargo.toml").is_none());
    }

    #[test]
    fn scripts_stay_small() {
        let total: usize = Files::iter()
            .filter(|name| name.ends_with(".js"))
            .map(|name| get(&name).unwrap().bytes.len())
            .sum();
        assert!(total > 0 && total <= 40 * 1024, "{total} bytes of script");
    }
}
