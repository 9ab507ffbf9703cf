//! What the binary carries: the base pack, and sample workspaces.

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
