//! What a pack holds, as it is compared and kept: a fingerprint of its definitions, and the row that going back needs.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_store::system::{PackContentRow, PackRow};
use serde_json::json;
use sha2::{Digest, Sha256};

/// The key of an installed pack's row that holds its fingerprint.
const CONTENT: &str = "content";
/// Hexadecimal digits of a fingerprint.
const DIGITS: usize = 32;

/// The fingerprint of definitions: the same for the same, whatever the order of files.
pub fn fingerprint(version: &str, definitions: &DefinitionSet) -> String {
    let mut digest = Sha256::new();
    digest.update(version.as_bytes());
    for ((kind, name), body) in definitions {
        for part in [kind.as_str(), name, &body.to_string()] {
            digest.update([0]);
            digest.update(part.as_bytes());
        }
    }
    hexadecimal(&digest.finalize())
}

/// The fingerprint of one JSON value.
pub fn fingerprint_of(json: &Json) -> String {
    hexadecimal(&Sha256::digest(json.to_string().as_bytes()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for byte in bytes.iter().take(DIGITS / 2) {
        // Writing to a text cannot fail.
        write!(text, "{byte:02x}").ok();
    }
    text
}

/// The fingerprint with which a pack was installed. Packs of earlier programs have none in their row: their layer is what
/// they brought.
pub fn installed(row: &PackRow, layer: &DefinitionSet) -> String {
    match row.body.get(CONTENT).and_then(Json::as_str) {
        Some(content) => content.to_owned(),
        None => fingerprint(&row.version, layer),
    }
}

/// The row of a pack that is installed.
pub fn row(manifest: &Json, version: &str, name: &str, position: i64, content: &str) -> PackRow {
    let mut body = manifest.clone();
    if let Some(object) = body.as_object_mut() {
        object.insert(CONTENT.into(), content.into());
    }
    PackRow { name: name.to_owned(), position, version: version.to_owned(), body }
}

/// The manifest of an installed pack as it was in its folder.
pub fn manifest(row: &PackRow) -> Json {
    let mut manifest = row.body.clone();
    if let Some(object) = manifest.as_object_mut() {
        object.shift_remove(CONTENT);
    }
    manifest
}

/// What is kept of an installed pack.
pub fn kept(row: &PackRow, layer: &DefinitionSet, at: DateTime<Utc>) -> PackContentRow {
    PackContentRow {
        name: row.name.clone(),
        content: installed(row, layer),
        version: row.version.clone(),
        manifest: manifest(row),
        definitions: to_json(layer),
        at,
    }
}

/// Definitions as they are kept.
pub fn to_json(definitions: &DefinitionSet) -> Json {
    definitions
        .iter()
        .map(|((kind, name), body)| json!({ "kind": kind.as_str(), "name": name, "body": body }))
        .collect()
}

/// Definitions that were kept.
pub fn from_json(json: &Json) -> DefinitionSet {
    json.as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| {
            let kind = one.get("kind")?.as_str()?.parse::<DefinitionKind>().ok()?;
            Some(((kind, one.get("name")?.as_str()?.to_owned()), one.get("body")?.clone()))
        })
        .collect()
}
