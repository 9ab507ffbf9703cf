//! How long a file may be, and what it opens with.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kontor_testing::repository::{files, root};

#[test]
fn no_file_is_long() {
    let mut long = BTreeMap::new();
    for path in files("crates", "rs").into_iter().chain(files("tests", "rs")) {
        let source = std::fs::read_to_string(&path).expect("a source file");
        let lines = source.lines().count();
        if lines > 500 {
            long.insert(path.strip_prefix(root()).unwrap_or(&path).to_path_buf(), lines);
        }
    }
    for (path, lines) in &long {
        println!("{} has {lines} lines; past 500 a file wants splitting", path.display());
    }
    let too_long: Vec<_> = long.iter().filter(|(_, lines)| **lines > 600).collect();
    assert!(too_long.is_empty(), "files over 600 lines: {too_long:?}");
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<PathBuf> = files("crates", "rs")
        .into_iter()
        .chain(files("tests", "rs"))
        .filter(|path| !std::fs::read_to_string(path).expect("a source file").starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "files that do not open with //!: {silent:?}");
}
