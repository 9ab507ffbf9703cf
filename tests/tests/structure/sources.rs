//! The shipped sources, as the checks of names read them.

use std::path::PathBuf;

use kontor_testing::repository::{files, root};

/// The shipped Rust files: not tests, not the harness.
pub fn shipped_rust() -> Vec<PathBuf> {
    let shipped: Vec<PathBuf> = files("crates", "rs")
        .into_iter()
        .filter(|path| {
            // Below the root alone: the folders above it may be called anything.
            let text = path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/");
            !text.starts_with("crates/kontor-testing/")
                && !text.contains("/tests/")
                && !text.contains("/benches/")
                && !text.contains("/examples/")
                && !text.ends_with("/tests.rs")
        })
        .collect();
    assert!(shipped.len() > 300, "only {} files are shipped", shipped.len());
    shipped
}

/// A source file without its test modules and comments.
pub fn without_tests(source: &str) -> String {
    let end = source.find("#[cfg(test)]").unwrap_or(source.len());
    source[..end].lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}
