//! A file as a record holds it: its id, and what it was when it was put there. A file never changes, so what the record
//! says of it stays true; where its content lies is the store's part.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, json};
use uuid::Uuid;

use crate::Json;

/// A file that a record holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldFile {
    /// Its id.
    pub id: Uuid,
    /// Its name, without a path.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// What its first bytes say that it is: `image/png`. Empty while only the id is known.
    pub media_type: String,
    /// Width and height of a picture.
    pub pixels: Option<(u32, u32)>,
    /// Who signed with it, and when.
    pub signed: Option<Signed>,
}

/// Who signed, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The user; nobody for the engine itself.
    pub by: Option<Uuid>,
    /// The name that the user had then.
    pub name: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl HeldFile {
    /// A file of which only the id is known yet.
    pub fn named_by(id: Uuid) -> Self {
        Self { id, ..Self::default() }
    }

    /// A name that somebody typed as a signature; it becomes a small text file when it is saved.
    pub fn typed(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Whether this is a name that was typed and not made a file yet.
    pub fn is_typed(&self) -> bool {
        self.id.is_nil()
    }

    /// Whether more is known than the id.
    pub fn is_known(&self) -> bool {
        !self.media_type.is_empty()
    }

    /// Whether browsers draw it as a picture of dots, which cannot hold anything that runs.
    pub fn is_picture(&self) -> bool {
        is_picture(&self.media_type)
    }

    /// The JSON form.
    pub fn to_json(&self) -> Json {
        let mut object = Map::new();
        if self.is_typed() {
            object.insert("typed".into(), self.name.as_str().into());
            return Json::Object(object);
        }
        object.insert("id".into(), json!(self.id));
        if !self.is_known() {
            return Json::Object(object);
        }
        object.insert("name".into(), self.name.as_str().into());
        object.insert("size".into(), json!(self.size));
        object.insert("type".into(), self.media_type.as_str().into());
        if let Some((width, height)) = self.pixels {
            object.insert("width".into(), json!(width));
            object.insert("height".into(), json!(height));
        }
        if let Some(signed) = &self.signed {
            object.insert("signed_by".into(), json!({ "id": signed.by, "name": signed.name }));
            let at = signed.at.to_rfc3339_opts(SecondsFormat::Millis, true);
            object.insert("signed_at".into(), at.into());
        }
        Json::Object(object)
    }

    /// Reads the JSON form, an id alone, or a typed name.
    pub fn from_json(json: &Json) -> Option<Self> {
        if let Some(text) = json.as_str() {
            return Uuid::parse_str(text.trim()).ok().filter(|id| !id.is_nil()).map(Self::named_by);
        }
        let object = json.as_object()?;
        let text = |key: &str| object.get(key).and_then(Json::as_str);
        if let Some(name) = text("typed") {
            return Some(Self::typed(name.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
        let id = Uuid::parse_str(text("id")?).ok().filter(|id| !id.is_nil())?;
        let number = |key: &str| object.get(key).and_then(Json::as_u64);
        let side = |key: &str| number(key).and_then(|side| u32::try_from(side).ok());
        Some(Self {
            id,
            name: text("name").unwrap_or_default().to_owned(),
            size: number("size").unwrap_or_default(),
            media_type: text("type").unwrap_or_default().to_owned(),
            pixels: side("width").zip(side("height")),
            signed: signed(object),
        })
    }
}

fn signed(object: &Map<String, Json>) -> Option<Signed> {
    let at = object.get("signed_at")?.as_str()?.parse().ok()?;
    let by = object.get("signed_by")?;
    Some(Signed {
        by: by.get("id").and_then(Json::as_str).and_then(|text| Uuid::parse_str(text).ok()),
        name: by.get("name").and_then(Json::as_str).unwrap_or_default().to_owned(),
        at,
    })
}

/// The media types that browsers draw as pictures of dots. Drawings (SVG) are not among them: they may hold scripts.
pub const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// Whether browsers draw files of this type as pictures of dots.
pub fn is_picture(media_type: &str) -> bool {
    PICTURES.contains(&media_type)
}

/// What a definition's `accept` says, as the attribute of HTML: media types (`application/pdf`), groups of them
/// (`image/*`) and endings of names (`.docx`), separated by commas.
pub fn accepts(accept: &str, media_type: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    accept.split(',').map(str::trim).filter(|one| !one.is_empty()).any(|one| {
        let one = one.to_lowercase();
        match one.strip_suffix("/*") {
            _ if one.starts_with('.') => name.ends_with(&one),
            Some(group) => media_type.split('/').next() == Some(group),
            None => one == media_type,
        }
    })
}

/// A size as definitions write it: `25 MB`, `200 kB`, `1.5 MiB`.
pub fn bytes_of(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let whole: u64 = whole.parse().ok()?;
    let thousandths: u64 = match part.len() {
        0 => 0,
        1..=3 => format!("{part:0<3}").parse().ok()?,
        _ => return None,
    };
    whole.checked_mul(factor)?.checked_add(thousandths.checked_mul(factor)? / 1_000).filter(|size| *size > 0)
}

/// A size as people read it: `84 kB`, `2.5 MB`.
pub fn size_text(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    let tenths = (bytes * 10 + unit / 2) / unit;
    if tenths >= 100 || tenths.is_multiple_of(10) {
        return format!("{} {name}", (tenths + 5) / 10);
    }
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written() {
        for (text, size) in
            [("25 MB", 25_000_000), ("1.5 MiB", 1_572_864), ("200kB", 200_000), ("12", 12), ("0.25 kB", 250)]
        {
            assert_eq!(bytes_of(text), Some(size), "{text}");
        }
        for wrong in ["", "MB", "-1 MB", "1,5 MB", "3 TB", "0", "1.2345 MB", "99999999999999 GB"] {
            assert_eq!(bytes_of(wrong), None, "{wrong}");
        }
        for (size, text) in
            [(0, "0 B"), (999, "999 B"), (84_213, "84 kB"), (2_540_000, "2.5 MB"), (25_000_000, "25 MB")]
        {
            assert_eq!(size_text(size), text);
        }
    }

    #[test]
    fn what_is_accepted_is_said_as_in_html() {
        assert!(accepts("image/*, .pdf", "image/png", "a.png"));
        assert!(accepts("image/*, .pdf", "application/pdf", "A.PDF"));
        assert!(!accepts("image/*, .pdf", "text/html", "a.html"));
        assert!(!accepts("application/pdf", "text/plain", "a.pdf"));
        assert!(!accepts("", "text/plain", "a"));
    }
}
