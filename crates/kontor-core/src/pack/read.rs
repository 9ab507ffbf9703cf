//! Turns the files of a pack into definitions, with every problem named by file and pointer.

use std::collections::BTreeMap;

use kontor_model::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use kontor_model::{Json, Problem, Problems};
use serde_json::json;

/// One file of a pack: its path below the pack's folder, with `/`, and its text.
#[derive(Clone, Debug)]
pub struct PackFile {
    /// For example `schemas/entities/ticket.json`.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// What is wrong with a file.
#[derive(Clone, Debug)]
pub struct FileProblem {
    /// The path below the pack's folder.
    pub file: String,
    /// What and where in it.
    pub problem: Problem,
}

/// A pack as read.
#[derive(Clone, Debug, Default)]
pub struct Pack {
    /// `pack.json`: name, title, version, and the packs below it.
    pub manifest: Json,
    /// Its definitions.
    pub definitions: DefinitionSet,
    /// Which file a definition came from.
    pub files: BTreeMap<DefinitionId, String>,
}

impl Pack {
    /// The name in `pack.json`.
    pub fn name(&self) -> &str {
        self.manifest.get("name").and_then(Json::as_str).unwrap_or("workspace")
    }

    /// The version in `pack.json`.
    pub fn version(&self) -> &str {
        self.manifest.get("version").and_then(Json::as_str).unwrap_or("0")
    }
}

/// Reads a pack's files. Folders that the engine owns (`schemas/meta`, `scripts/host_api`, `scripts/tests`) and
/// files that are not definitions are passed over.
///
/// # Errors
/// Everything that is no JSON, has no or a wrong name, or lies in an unknown folder.
pub fn read_pack(files: impl IntoIterator<Item = PackFile>) -> Result<Pack, Vec<FileProblem>> {
    let (pack, wrong) = read_all(files);
    if wrong.is_empty() { Ok(pack) } else { Err(wrong) }
}

/// The same, with what could be read beside what is wrong, so that the rest can be checked too.
pub fn read_all(files: impl IntoIterator<Item = PackFile>) -> (Pack, Vec<FileProblem>) {
    let mut pack = Pack::default();
    let mut wrong = Vec::new();
    for file in files {
        if let Err(problems) = read_file(&mut pack, &file) {
            wrong
                .extend(problems.into_iter().map(|problem| FileProblem { file: file.path.clone(), problem }));
        }
    }
    (pack, wrong)
}

fn read_file(pack: &mut Pack, file: &PackFile) -> Result<(), Problems> {
    let parts: Vec<&str> = file.path.split('/').collect();
    match parts.as_slice() {
        ["pack.json"] => {
            pack.manifest = parse(&file.text)?;
        }
        ["schemas", "meta", ..] | ["scripts", "host_api" | "tests", ..] => {}
        ["schemas", folder, name] => {
            let Some(name) = name.strip_suffix(".json") else { return Ok(()) };
            let Some(kind) = kind_of_folder(folder) else {
                return Err(Problem::new("unknown_folder", "").with("folder", folder).into());
            };
            let mut json = parse(&file.text)?;
            if json.is_null() {
                // A layer that takes a definition of the layers below away.
                pack.insert((kind, name.to_owned()), json, &file.path);
                return Ok(());
            }
            let own = json.get("name").and_then(Json::as_str).map(str::to_owned);
            if let Some(own) = own.filter(|own| own != name) {
                return Err(Problem::new("name_differs_from_file", "/name")
                    .with("name", own)
                    .with("file", name)
                    .into());
            }
            if let Some(object) = json.as_object_mut() {
                if object.get("$schema").is_some_and(|schema| !schema.is_string()) {
                    let problem = Problem::new("wrong_type", "/$schema").with("expected", "text");
                    return Err(problem.into());
                }
                object.shift_remove("$schema");
                object.entry("name").or_insert_with(|| name.into());
            }
            pack.insert((kind, name.to_owned()), json, &file.path);
        }
        ["schemas", ..] => return Err(Problem::new("unknown_folder", "").with("folder", &file.path).into()),
        ["scripts", rest @ ..] => {
            let path = rest.join("/");
            if let Some(name) = path.strip_suffix(".json") {
                if parse(&file.text)?.is_null() {
                    pack.insert((DefinitionKind::Script, name.to_owned()), Json::Null, &file.path);
                }
            } else if let Some(name) = path.strip_suffix(".rhai") {
                pack.insert(
                    (DefinitionKind::Script, name.to_owned()),
                    json!({ "source": file.text }),
                    &file.path,
                );
            }
        }
        ["locale", name] => {
            if let Some(language) = name.strip_suffix(".json") {
                let json = parse(&file.text)?;
                pack.insert((DefinitionKind::Locale, language.to_owned()), json, &file.path);
            }
        }
        _ => {}
    }
    Ok(())
}

impl Pack {
    fn insert(&mut self, id: DefinitionId, json: Json, file: &str) {
        self.files.insert(id.clone(), file.to_owned());
        self.definitions.insert(id, json);
    }
}

fn kind_of_folder(folder: &str) -> Option<DefinitionKind> {
    DefinitionKind::ALL
        .into_iter()
        .filter(|kind| !matches!(kind, DefinitionKind::Script | DefinitionKind::Locale))
        .find(|kind| kind.folder() == folder)
}

fn parse(text: &str) -> Result<Json, Problems> {
    serde_json::from_str(text).map_err(|error| {
        let line = u32::try_from(error.line()).unwrap_or(0);
        let column = u32::try_from(error.column()).ok();
        Problem::new("not_json", "").with("reason", error.to_string()).on_line(line, column).into()
    })
}

/// Whether a path ends like the files that packs consist of.
pub(super) fn has_ending(path: &str, ending: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, own)| own == ending)
}
