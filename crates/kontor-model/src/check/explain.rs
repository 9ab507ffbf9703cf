//! Turns what a validator found into problems with exact pointers that say what would be allowed.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};

use crate::Json;
use crate::filter::escape;
use crate::problem::{Problem, Problems};

/// All problems of a definition, each place and code once.
pub(super) fn explain(validator: &Validator, schema: &Json, json: &Json) -> Problems {
    let mut problems = Problems::new();
    if validator.is_valid(json) {
        return problems;
    }
    for error in validator.iter_errors(json) {
        add(&error, schema, &mut problems);
    }
    let mut seen = std::collections::HashSet::new();
    problems.0.retain(|problem| seen.insert((problem.code.clone(), problem.path.clone())));
    // A key that does not fit at all need not be told what is wrong inside it.
    let refused: Vec<String> = problems
        .0
        .iter()
        .filter(|problem| problem.code == "key_does_not_fit")
        .map(|problem| format!("{}/", problem.path))
        .collect();
    problems.0.retain(|problem| !refused.iter().any(|path| problem.path.starts_with(path)));
    problems
}

fn add(error: &ValidationError<'_>, schema: &Json, problems: &mut Problems) {
    let at = error.instance_path().to_string();
    let new = |code: &'static str| Problem::new(code, at.clone());
    let limited = |code: &'static str, limit: &dyn ToString| new(code).with("limit", limit.to_string());
    let value = || shown(error.instance());
    let problem = match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            Problem::new("required", format!("{at}/{}", escape(name))).with("key", name)
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let allowed = allowed_keys(error, schema);
            for name in unexpected {
                let problem = Problem::new("unknown_key", format!("{at}/{}", escape(name)));
                problems.push(problem.with("key", name).with("options", &allowed));
            }
            return;
        }
        ValidationErrorKind::FalseSchema => {
            let key = at.rsplit('/').next().unwrap_or_default().to_owned();
            new("key_does_not_fit").with("key", key)
        }
        ValidationErrorKind::Type { kind } => new("wrong_type").with("expected", types(kind)),
        ValidationErrorKind::Enum { options } => {
            let options: Vec<String> = options
                .as_array()
                .into_iter()
                .flatten()
                .filter(|option| !option.is_null())
                .map(shown)
                .collect();
            new("not_an_option").with("value", value()).with("options", options.join(", "))
        }
        ValidationErrorKind::Constant { expected_value } => {
            new("not_an_option").with("value", value()).with("options", shown(expected_value))
        }
        ValidationErrorKind::Pattern { pattern } if pattern.starts_with("^[a-z][a-z0-9_]{0,39}") => {
            new("not_a_name").with("name", value())
        }
        ValidationErrorKind::Pattern { pattern } => {
            new("pattern").with("value", value()).with("pattern", pattern)
        }
        ValidationErrorKind::PropertyNames { error: inner } => {
            let name = shown(inner.instance());
            let code = if matches!(inner.kind(), ValidationErrorKind::Pattern { .. }) {
                "not_a_name"
            } else {
                "reserved_name"
            };
            Problem::new(code, format!("{at}/{}", escape(&name))).with("name", name)
        }
        ValidationErrorKind::MinLength { limit } => limited("too_short", limit),
        ValidationErrorKind::MaxLength { limit } => limited("too_long", limit),
        ValidationErrorKind::Minimum { limit } | ValidationErrorKind::ExclusiveMinimum { limit } => {
            limited("too_small", limit)
        }
        ValidationErrorKind::Maximum { limit } | ValidationErrorKind::ExclusiveMaximum { limit } => {
            limited("too_great", limit)
        }
        ValidationErrorKind::MinItems { limit } | ValidationErrorKind::MinProperties { limit } => {
            limited("too_few", limit)
        }
        ValidationErrorKind::MaxItems { limit } | ValidationErrorKind::MaxProperties { limit } => {
            limited("too_many", limit)
        }
        ValidationErrorKind::UniqueItems => new("duplicate").with("value", ""),
        ValidationErrorKind::Not { .. } if error.instance().is_null() => new("null_only_when_extending"),
        ValidationErrorKind::AnyOf { context }
        | ValidationErrorKind::OneOfNotValid { context }
        | ValidationErrorKind::OneOfMultipleValid { context } => {
            alternatives(context, schema, new("no_alternative_fits").with("reason", error), problems);
            return;
        }
        _ => new("does_not_fit").with("reason", error),
    };
    problems.push(problem);
}

/// When each alternative only wants a key, the keys are named; otherwise the alternative that fits best is explained.
fn alternatives(
    context: &[Vec<ValidationError<'static>>],
    schema: &Json,
    otherwise: Problem,
    problems: &mut Problems,
) {
    let wanted = |errors: &Vec<ValidationError<'static>>| match errors.as_slice() {
        [error] => match error.kind() {
            ValidationErrorKind::Required { property } => property.as_str().map(str::to_owned),
            _ => None,
        },
        _ => None,
    };
    let keys: Option<Vec<String>> = context.iter().map(wanted).collect();
    if let Some(keys) = keys.filter(|keys| !keys.is_empty()) {
        problems.push(Problem { code: "one_of_keys".into(), ..otherwise }.with("options", keys.join(", ")));
        return;
    }
    match context.iter().filter(|errors| !errors.is_empty()).min_by_key(|errors| errors.len()) {
        Some(errors) => errors.iter().for_each(|error| add(error, schema, problems)),
        None => problems.push(otherwise),
    }
}

/// The keys that stand beside `additionalProperties` in the schema.
fn allowed_keys(error: &ValidationError<'_>, schema: &Json) -> String {
    let place = error.schema_path().to_string();
    let parent = place.rsplit_once('/').map_or("", |(parent, _)| parent);
    let properties = schema.pointer(&format!("{parent}/properties")).and_then(Json::as_object);
    let names: Vec<&str> = properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    names.join(", ")
}

fn types(kind: &TypeKind) -> String {
    let name = |json_type: &str| match json_type {
        "string" => "text".to_owned(),
        "array" => "list".to_owned(),
        other => other.to_owned(),
    };
    match kind {
        TypeKind::Single(one) => name(&one.to_string()),
        TypeKind::Multiple(many) => {
            let names: Vec<String> = many
                .iter()
                .map(|one| one.to_string())
                .filter(|one| one != "null")
                .map(|one| name(&one))
                .collect();
            names.join(", ")
        }
    }
}

/// A value in a message: a text without quotation marks, anything long cut short.
fn shown(json: &Json) -> String {
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    if text.chars().count() <= 60 {
        text
    } else {
        format!("{}…", text.chars().take(60).collect::<String>())
    }
}
