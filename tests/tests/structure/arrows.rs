//! Who may use whom.

use cargo_metadata::{DependencyKind, MetadataCommand};
use kontor_testing::repository::root;

/// Crate → the crates of ours that it may use. Test crates drive the product from outside.
const OURS: &[(&str, &[&str])] = &[
    ("kontor-model", &[]),
    ("kontor-store", &["kontor-model"]),
    ("kontor-script", &["kontor-model"]),
    ("kontor-worker", &[]),
    ("kontor-outbound", &[]),
    ("kontor-flow", &["kontor-model"]),
    ("kontor-insight", &[]),
    ("kontor-view", &["kontor-model"]),
    (
        "kontor-core",
        &[
            "kontor-model",
            "kontor-store",
            "kontor-script",
            "kontor-worker",
            "kontor-flow",
            "kontor-insight",
            "kontor-outbound",
        ],
    ),
    // What the core takes and gives is spelt in the types of the model; everybody above may name them.
    ("kontor-jobs", &["kontor-core", "kontor-flow", "kontor-view", "kontor-model"]),
    ("kontor-web", &["kontor-core", "kontor-view", "kontor-model"]),
    (
        "kontor",
        &[
            "kontor-model",
            "kontor-store",
            "kontor-script",
            "kontor-worker",
            "kontor-outbound",
            "kontor-flow",
            "kontor-insight",
            "kontor-view",
            "kontor-core",
            "kontor-jobs",
            "kontor-web",
        ],
    ),
];

/// Outside crate → the one shipped crate that may use it.
const OUTSIDE: &[(&str, &str)] = &[
    ("jsonschema", "kontor-model"),
    ("sea-orm", "kontor-store"),
    ("sea-query", "kontor-store"),
    ("sqlx", "kontor-store"),
    ("rusqlite", "kontor-store"),
    ("rhai", "kontor-script"),
    ("rlimit", "kontor-worker"),
    ("reqwest", "kontor-outbound"),
    ("linfa", "kontor-insight"),
    ("augurs", "kontor-insight"),
    ("minijinja", "kontor-view"),
    ("askama", "kontor-view"),
    ("arc-swap", "kontor-core"),
    ("lettre", "kontor-jobs"),
    ("axum", "kontor-web"),
    ("clap", "kontor"),
];

/// Crates that are never part of the program.
const FOR_TESTS: &[&str] = &["kontor-testing", "kontor-journeys"];

/// Every arrow between crates that breaks the tables above.
fn wrong_arrows(arrows: &[(String, String, bool)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (from, to, for_tests_only) in arrows {
        if FOR_TESTS.contains(&from.as_str()) {
            continue;
        }
        if FOR_TESTS.contains(&to.as_str()) {
            if !for_tests_only {
                wrong.push(format!("{from} uses {to} outside its tests"));
            }
            continue;
        }
        if *for_tests_only {
            continue;
        }
        if to.starts_with("kontor") {
            match OURS.iter().find(|(name, _)| name == from) {
                None => wrong.push(format!("{from} is not in the table of crates")),
                Some((_, may)) if !may.contains(&to.as_str()) => {
                    wrong.push(format!("{from} may not use {to}"));
                }
                Some(_) => {}
            }
        }
        if let Some((_, owner)) = OUTSIDE.iter().find(|(name, _)| name == to)
            && owner != from
        {
            wrong.push(format!("{from} uses {to}, which only {owner} may"));
        }
    }
    wrong
}

#[test]
fn arrows_point_down_only() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata");
    let mut arrows = Vec::new();
    for package in &metadata.packages {
        let name = package.name.to_string();
        assert!(
            FOR_TESTS.contains(&name.as_str()) || OURS.iter().any(|(known, _)| *known == name),
            "{name} is not in the table of crates in ARCHITECTURE.md and in this test"
        );
        for dependency in &package.dependencies {
            arrows.push((
                name.clone(),
                dependency.name.clone(),
                dependency.kind == DependencyKind::Development,
            ));
        }
    }
    assert!(arrows.len() > 30, "cargo metadata told of {} arrows only", arrows.len());
    let wrong = wrong_arrows(&arrows);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_arrow_is_found() {
    let arrow = |from: &str, to: &str, tests: bool| (from.to_owned(), to.to_owned(), tests);
    assert_eq!(wrong_arrows(&[arrow("kontor-view", "kontor-store", false)]).len(), 1);
    assert_eq!(wrong_arrows(&[arrow("kontor-web", "sea-orm", false)]).len(), 1);
    assert_eq!(wrong_arrows(&[arrow("kontor-core", "kontor-testing", false)]).len(), 1);
    assert_eq!(wrong_arrows(&[arrow("kontor-core", "kontor-testing", true)]).len(), 0);
    assert_eq!(wrong_arrows(&[arrow("kontor-core", "kontor-store", false)]).len(), 0);
}
