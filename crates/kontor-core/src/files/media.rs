//! What a file is. Its first bytes say it, not its name; the name only tells texts apart from each other.

pub use kontor_model::held_file::is_picture;

/// What is not known to be anything else.
const UNKNOWN: &str = "application/octet-stream";
/// How far into a text the beginning of a drawing or a page is looked for.
const LOOKED_INTO: usize = 1_024;

/// Endings whose files have a beginning of their own, and what that says: a file with such an ending and another
/// beginning is not what it claims to be.
const CLAIMS: [(&str, &[&str]); 14] = [
    ("png", &["image/png"]),
    ("jpg", &["image/jpeg"]),
    ("jpeg", &["image/jpeg"]),
    ("gif", &["image/gif"]),
    ("webp", &["image/webp"]),
    ("pdf", &["application/pdf"]),
    ("zip", &["application/zip"]),
    ("docx", OFFICE),
    ("xlsx", OFFICE),
    ("pptx", OFFICE),
    ("odt", OFFICE),
    ("ods", OFFICE),
    ("odp", OFFICE),
    ("epub", OFFICE),
];

/// Documents that are archives inside: the beginning does not always tell which.
const OFFICE: &[&str] = &[
    "application/zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
    "application/epub+zip",
];

/// What archives with these endings are.
const ARCHIVES: [(&str, &str); 7] = [
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("epub", "application/epub+zip"),
];

/// What texts with these endings are.
const TEXTS: [(&str, &str); 8] = [
    ("csv", "text/csv"),
    ("md", "text/markdown"),
    ("json", "application/json"),
    ("ics", "text/calendar"),
    ("vcf", "text/vcard"),
    ("eml", "message/rfc822"),
    ("css", "text/css"),
    ("js", "text/javascript"),
];

/// The ending of a name, in small letters; empty when it has none.
fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// What a file is, by its first bytes.
pub fn of_bytes(head: &[u8], name: &str) -> String {
    let ending = ending(name);
    if let Some(drawn) = drawing_or_page(head) {
        return drawn.to_owned();
    }
    if let Some(known) = infer::get(head) {
        let archive = ARCHIVES.iter().find(|(known, _)| *known == ending).map(|(_, media_type)| *media_type);
        return match (known.mime_type(), archive) {
            ("application/zip", Some(archive)) => archive.to_owned(),
            (media_type, _) => media_type.to_owned(),
        };
    }
    if !is_text(head) {
        return UNKNOWN.to_owned();
    }
    let known = TEXTS.iter().find(|(known, _)| *known == ending);
    known.map_or("text/plain", |(_, media_type)| media_type).to_owned()
}

/// What browsers would run, however it begins: it is known for that before anything else.
fn drawing_or_page(head: &[u8]) -> Option<&'static str> {
    let start = String::from_utf8_lossy(head.get(..LOOKED_INTO).unwrap_or(head)).to_ascii_lowercase();
    let start = start.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if !start.starts_with('<') {
        return None;
    }
    if start.contains("<svg") {
        return Some("image/svg+xml");
    }
    if ["<html", "<!doctype html", "<script", "<body", "<head", "<iframe"]
        .iter()
        .any(|tag| start.contains(tag))
    {
        return Some("text/html");
    }
    start.starts_with("<?xml").then_some("text/xml")
}

/// Whether the bytes are the beginning of a text.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last letter may be cut in two.
        Err(error) if error.error_len().is_none() => {
            let whole = head.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.chars().any(|letter| letter.is_control() && !"\t\r\n\u{c}\u{1b}".contains(letter))
}

/// Whether the name claims a type that the bytes are not.
pub(super) fn is_pretended(media_type: &str, name: &str) -> bool {
    let ending = ending(name);
    CLAIMS.iter().any(|(known, types)| *known == ending && !types.contains(&media_type))
}

/// Width and height of a picture, from its beginning alone: it is never unpacked.
pub(super) fn pixels(media_type: &str, head: &[u8]) -> Option<(u32, u32)> {
    if !is_picture(media_type) {
        return None;
    }
    let size = imagesize::blob_size(head).ok()?;
    Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide() {
        for (head, name, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "a.txt", "image/png"),
            (b"%PDF-1.7\n", "a.png", "application/pdf"),
            (b"<html><script>alert(1)</script>", "a.png", "text/html"),
            (b"\xef\xbb\xbf <!DOCTYPE HTML>", "a.csv", "text/html"),
            (b"<?xml version='1.0'?><!-- x --><svg onload='x'>", "a.xml", "image/svg+xml"),
            (b"a,b\n1,2\n", "a.CSV", "text/csv"),
            ("täglich".as_bytes(), "a", "text/plain"),
            (b"\0\x01\x02", "a.csv", "application/octet-stream"),
            (b"PK\x03\x04rest", "a.docx", ARCHIVES[0].1),
            (b"", "empty", "text/plain"),
        ] {
            assert_eq!(of_bytes(head, name), expected, "{name}");
        }
        assert!(is_pretended("text/html", "photo.PNG"));
        assert!(is_pretended("application/octet-stream", "offer.pdf"));
        assert!(!is_pretended("application/zip", "letter.docx"));
        assert!(!is_pretended("text/plain", "notes"));
    }
}
