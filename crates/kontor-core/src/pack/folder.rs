//! A pack as a folder on a disk: reading it, and writing it so that two exports of the same are identical.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kontor_model::Json;
use kontor_model::definition::{DefinitionKind, DefinitionSet};

use super::read::PackFile;
use crate::error::{Error, Result};

/// The files below a folder that belong to a pack, in the order of their paths.
///
/// # Errors
/// [`Error::File`] when the folder or a file in it cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PackFile>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Err(Error::File {
            path: folder.display().to_string(),
            source: std::io::Error::new(std::io::ErrorKind::NotFound, "no such folder"),
        });
    }
    for top in ["pack.json", "schemas", "scripts", "locale"] {
        let path = folder.join(top);
        if path.exists() {
            collect(&path, top, &mut found)?;
        }
    }
    found.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(found)
}

fn collect(path: &Path, name: &str, found: &mut Vec<PackFile>) -> Result<()> {
    let failed = |source| Error::File { path: path.display().to_string(), source };
    if path.is_dir() {
        for entry in fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let child = entry.file_name().to_string_lossy().into_owned();
            if !child.starts_with('.') {
                collect(&entry.path(), &format!("{name}/{child}"), found)?;
            }
        }
        return Ok(());
    }
    if super::read::has_ending(name, "json") || super::read::has_ending(name, "rhai") {
        found.push(PackFile { path: name.to_owned(), text: fs::read_to_string(path).map_err(failed)? });
    }
    Ok(())
}

/// Whether there is nothing in a folder but what is hidden, or no folder yet.
///
/// # Errors
/// [`Error::File`] when it cannot be read, or is a file.
pub fn is_empty(folder: &Path) -> Result<bool> {
    let failed = |source| Error::File { path: folder.display().to_string(), source };
    if !folder.exists() {
        return Ok(true);
    }
    for entry in fs::read_dir(folder).map_err(failed)? {
        if !entry.map_err(failed)?.file_name().to_string_lossy().starts_with('.') {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The name that a folder's `pack.json` says; `None` when there is none that can be read.
pub fn manifest_name(folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join("pack.json")).ok()?;
    let manifest: Json = serde_json::from_str(&text).ok()?;
    manifest.get("name").and_then(Json::as_str).map(str::to_owned)
}

/// Writes a layer as a pack's folder: one file per definition, keys in their order, two blanks, a line end.
/// With `tidy`, files of earlier exports that hold no definition any more are removed. Gives their paths.
///
/// # Errors
/// [`Error::File`] when the folder cannot be written.
pub fn write(folder: &Path, manifest: &Json, definitions: &DefinitionSet, tidy: bool) -> Result<Vec<String>> {
    let mut kept = Vec::new();
    save(folder, "pack.json", &pretty(manifest), &mut kept)?;
    for (path, text) in texts(definitions) {
        save(folder, &path, &text, &mut kept)?;
    }
    let mut removed = Vec::new();
    if tidy {
        for old in files(folder)?.into_iter().filter(|old| !kept.contains(&old.path)) {
            let path = folder.join(&old.path);
            fs::remove_file(&path)
                .map_err(|source| Error::File { path: path.display().to_string(), source })?;
            removed.push(old.path);
        }
    }
    Ok(removed)
}

/// The files of definitions by path, as they are written. A definition that a layer takes away is a file with `null`.
pub fn texts(definitions: &DefinitionSet) -> BTreeMap<String, String> {
    definitions
        .iter()
        .map(|((kind, name), json)| match kind {
            DefinitionKind::Script if !json.is_null() => {
                let source = json.get("source").and_then(Json::as_str).unwrap_or_default();
                (format!("scripts/{name}.rhai"), source.to_owned())
            }
            DefinitionKind::Script => (format!("scripts/{name}.json"), pretty(json)),
            DefinitionKind::Locale => (format!("locale/{name}.json"), pretty(json)),
            _ if json.is_null() => (format!("schemas/{}/{name}.json", kind.folder()), pretty(json)),
            _ => (format!("schemas/{}/{name}.json", kind.folder()), pretty(&with_schema(*kind, json))),
        })
        .collect()
}

fn save(folder: &Path, name: &str, text: &str, kept: &mut Vec<String>) -> Result<()> {
    let path = folder.join(name);
    let failed = |source| Error::File { path: path.display().to_string(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(&path, text).map_err(failed)?;
    kept.push(name.to_owned());
    Ok(())
}

/// The definition as its file: `$schema` first.
fn with_schema(kind: DefinitionKind, json: &Json) -> Json {
    let mut object = serde_json::Map::new();
    object.insert("$schema".into(), format!("https://kontor.dev/schemas/{kind}.schema.json").into());
    if let Some(own) = json.as_object() {
        // An older program kept that a layer has none.
        let own = own.iter().filter(|(key, _)| *key != "$schema");
        object.extend(own.map(|(key, value)| (key.clone(), value.clone())));
    }
    Json::Object(object)
}

fn pretty(json: &Json) -> String {
    let mut text = serde_json::to_string_pretty(json).unwrap_or_default();
    text.push('\n');
    text
}
