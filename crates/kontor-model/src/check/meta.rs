//! The meta-schemas: `schemas/meta/<kind>.schema.json`, part of the program.

use std::sync::OnceLock;

use jsonschema::{PatternOptions, ValidationOptions, Validator};

use crate::Json;
use crate::definition::DefinitionKind;

macro_rules! schema {
    ($name:literal) => {
        include_str!(concat!("../../../../schemas/meta/", $name, ".schema.json"))
    };
}

fn text(kind: DefinitionKind) -> Option<&'static str> {
    Some(match kind {
        DefinitionKind::Entity => schema!("entity"),
        DefinitionKind::Form => schema!("form"),
        DefinitionKind::View => schema!("view"),
        DefinitionKind::Process => schema!("process"),
        DefinitionKind::Workflow => schema!("workflow"),
        DefinitionKind::Report => schema!("report"),
        DefinitionKind::Dashboard => schema!("dashboard"),
        DefinitionKind::Role => schema!("role"),
        DefinitionKind::App => schema!("app"),
        DefinitionKind::Table => schema!("table"),
        DefinitionKind::Setting => schema!("setting"),
        DefinitionKind::Action => schema!("action"),
        DefinitionKind::Approval => schema!("approval"),
        DefinitionKind::Script => schema!("script"),
        // A language is a tree of texts and has no schema.
        DefinitionKind::Locale => return None,
    })
}

const COUNT: usize = DefinitionKind::ALL.len();

/// The meta-schema of a kind: it checks a definition, draws its generic form, and documents every key. `None` for the
/// texts of a language.
pub fn meta_schema(kind: DefinitionKind) -> Option<&'static Json> {
    // Read once: the text never changes while the program runs.
    static SCHEMAS: [OnceLock<Option<Json>>; COUNT] = [const { OnceLock::new() }; COUNT];
    SCHEMAS.get(kind as usize)?.get_or_init(|| serde_json::from_str(text(kind)?).ok()).as_ref()
}

/// Patterns are matched in linear time.
fn options<'a>() -> ValidationOptions<'a> {
    jsonschema::options().with_pattern_options(PatternOptions::regex())
}

/// The compiled meta-schema of a kind.
pub(super) fn validator(kind: DefinitionKind) -> Option<&'static Validator> {
    static VALIDATORS: [OnceLock<Option<Validator>>; COUNT] = [const { OnceLock::new() }; COUNT];
    let build = || options().build(meta_schema(kind)?).ok();
    VALIDATORS.get(kind as usize)?.get_or_init(build).as_ref()
}

/// The schema of the pack file, `pack.json`.
pub fn pack_schema() -> Option<&'static Json> {
    static SCHEMA: OnceLock<Option<Json>> = OnceLock::new();
    SCHEMA.get_or_init(|| serde_json::from_str(schema!("pack")).ok()).as_ref()
}

/// The compiled schema of the pack file.
pub(super) fn pack_validator() -> Option<&'static Validator> {
    static VALIDATOR: OnceLock<Option<Validator>> = OnceLock::new();
    VALIDATOR.get_or_init(|| options().build(pack_schema()?).ok()).as_ref()
}
