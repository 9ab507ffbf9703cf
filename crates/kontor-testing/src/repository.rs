//! Where things are: the repository, the built program, the real data.

use std::path::{Path, PathBuf};

use crate::engine::say;

/// Set to the program to test when it is not the one of this build.
pub const PROGRAM_VARIABLE: &str = "KONTOR_BINARY";
/// Set to the folder with the public data sets when it is not `../shared/data`.
pub const DATA_VARIABLE: &str = "KONTOR_TEST_DATA";

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The program as this build made it: it lies above the `deps` folder of the running test.
pub fn program() -> PathBuf {
    if let Ok(path) = std::env::var(PROGRAM_VARIABLE) {
        return PathBuf::from(path);
    }
    let running = std::env::current_exe().expect("the path of this test");
    let mut folder = running.parent().expect("a folder").to_path_buf();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let program = folder.join("kontor");
    assert!(
        program.is_file(),
        "{} is not built; run `cargo build --workspace --all-targets` first",
        program.display()
    );
    program
}

/// The folder of public data sets; says that a test was left out when there is none.
pub fn data() -> Option<PathBuf> {
    let folder = std::env::var(DATA_VARIABLE).map_or_else(|_| root().join("../shared/data"), PathBuf::from);
    if folder.join("maven-crm/sales_pipeline.csv").is_file() {
        return Some(folder);
    }
    say(&format!(
        "SKIPPED: no data sets in {}. To run this part, set {DATA_VARIABLE} to the folder that has them",
        folder.display()
    ));
    None
}

/// The names of the files below a folder of the repository that end in `.extension`, sorted.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root().join(folder), extension, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("target") && !path.ends_with(".git") {
                collect(&path, extension, found);
            }
        } else if path.extension().is_some_and(|ending| ending == extension) {
            found.push(path);
        }
    }
}
