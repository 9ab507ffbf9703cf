//! What the binary carries: the base pack, and sample workspaces.

use std::collections::BTreeMap;

use rust_embed::RustEmbed;

use super::read::PackFile;

#[derive(RustEmbed)]
#[folder = "../../schemas/"]
struct Schemas;

#[derive(RustEmbed)]
#[folder = "../../scripts/"]
struct Scripts;

#[derive(RustEmbed)]
#[folder = "../../locale/"]
struct Locale;

#[derive(RustEmbed)]
#[folder = "../../examples/"]
struct Examples;

#[derive(RustEmbed)]
#[folder = "../../templates/industry/"]
#[allow_missing = true]
struct Industry;

/// The manifest of the base pack.
const MANIFEST: &str = include_str!("../../../../pack.json");

/// The files of the base pack.
pub fn base() -> Vec<PackFile> {
    let mut files = vec![PackFile { path: "pack.json".into(), text: MANIFEST.into() }];
    files.extend(files_of::<Schemas>("schemas/"));
    files.extend(files_of::<Scripts>("scripts/"));
    files.extend(files_of::<Locale>("locale/"));
    files
}

/// The files of every pack that the program brings: the base pack first, then the industry templates, then the packs that
/// show how one is made. Paths are below each pack's folder.
pub fn packs() -> Vec<Vec<PackFile>> {
    let mut found = vec![base()];
    found.extend(by_folder(files_of::<Industry>("")));
    let examples = files_of::<Examples>("").into_iter().filter_map(|file| {
        let path = file.path.strip_prefix("packs/")?.to_owned();
        Some(PackFile { path, text: file.text })
    });
    found.extend(by_folder(examples));
    found
}

/// The names of the industry templates.
pub fn templates() -> Vec<Vec<PackFile>> {
    by_folder(files_of::<Industry>(""))
}

/// Files by the folder that their paths begin with; a folder without a `pack.json` is no pack.
fn by_folder(files: impl IntoIterator<Item = PackFile>) -> Vec<Vec<PackFile>> {
    let mut folders: BTreeMap<String, Vec<PackFile>> = BTreeMap::new();
    for file in files {
        if let Some((folder, path)) = file.path.split_once('/') {
            let one = PackFile { path: path.to_owned(), text: file.text.clone() };
            folders.entry(folder.to_owned()).or_default().push(one);
        }
    }
    folders.into_values().filter(|files| files.iter().any(|file| file.path == "pack.json")).collect()
}

/// The interface's texts, per language: `("en", text of the file)`.
pub fn locales() -> Vec<(String, String)> {
    files_of::<Locale>("")
        .into_iter()
        .filter_map(|file| Some((file.path.strip_suffix(".json")?.to_owned(), file.text)))
        .collect()
}

/// The data files of a sample workspace, in the order in which they are loaded; empty when there is none.
pub fn demo_data(name: &str) -> Vec<PackFile> {
    let prefix = format!("{name}/data/");
    let mut files: Vec<PackFile> = files_of::<Examples>("")
        .into_iter()
        .filter(|file| file.path.starts_with(&prefix) && super::read::has_ending(&file.path, "json"))
        .collect();
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}

/// The folders of sample data.
pub fn demo_names() -> Vec<String> {
    let mut names: Vec<String> = Examples::iter()
        .filter_map(|path| path.split_once("/data/").map(|(name, _)| name.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn files_of<E: RustEmbed>(prefix: &str) -> Vec<PackFile> {
    E::iter()
        .filter_map(|path| {
            let file = E::get(&path)?;
            let text = String::from_utf8(file.data.into_owned()).ok()?;
            Some(PackFile { path: format!("{prefix}{path}"), text })
        })
        .collect()
}
