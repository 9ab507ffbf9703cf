//! Turns what a validator found into problems with exact pointers that say what would be allowed.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};

use crate::Json;
use crate::filter::{PERIODS, escape};
use crate::kind::{self, FieldKind};
use crate::likeness::listed;
use crate::problem::{Problem, Problems};

/// How numbers that are drawn are written; all that can stand in such a pattern is said where one is refused.
const DRAWN: &str = "D-{number:5}";
/// The key that says what a step does.
const STEP: &str = "do";

/// All problems of a definition, each place and code once.
pub(super) fn explain(validator: &Validator, schema: &Json, json: &Json) -> Problems {
    let mut problems = Problems::new();
    if validator.is_valid(json) {
        return problems;
    }
    for error in validator.iter_errors(json) {
        add(&error, schema, json, &mut problems);
    }
    let mut seen = std::collections::HashSet::new();
    problems.0.retain(|problem| seen.insert((problem.code.clone(), problem.path.clone())));
    // Which keys fit a kind that there is not, nobody can say.
    let wrong: Vec<String> = problems
        .0
        .iter()
        .filter(|problem| matches!(problem.code.as_ref(), "not_an_option" | "wrong_type"))
        .filter_map(|problem| problem.path.strip_suffix("/kind").map(str::to_owned))
        .collect();
    problems.0.retain(|problem| {
        let parent = problem.path.rsplit_once('/').map_or("", |(parent, _)| parent);
        problem.code != "key_does_not_fit" || !wrong.iter().any(|field| field == parent)
    });
    // Where a key is missing that is named, there are too few of them in any case.
    let lacks: Vec<String> = problems
        .0
        .iter()
        .filter(|problem| problem.code == "required")
        .filter_map(|problem| problem.path.rsplit_once('/').map(|(parent, _)| parent.to_owned()))
        .collect();
    problems.0.retain(|problem| problem.code != "too_few" || !lacks.contains(&problem.path));
    // A key that does not fit at all need not be told what is wrong inside it.
    let refused: Vec<String> = problems
        .0
        .iter()
        .filter(|problem| problem.code.starts_with("key_does_not_fit"))
        .map(|problem| format!("{}/", problem.path))
        .collect();
    problems.0.retain(|problem| !refused.iter().any(|path| problem.path.starts_with(path)));
    problems
}

fn add(error: &ValidationError<'_>, schema: &Json, json: &Json, problems: &mut Problems) {
    let at = error.instance_path().to_string();
    let new = |code: &'static str| Problem::new(code, at.clone());
    let limited = |code: &'static str, limit: &dyn ToString| new(code).with("limit", limit.to_string());
    let value = || shown(error.instance());
    let problem = match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            if name == STEP {
                of_no_step(error.instance(), schema, &at, problems);
            }
            missing(&at, name, schema)
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
            refused_key(new("key_does_not_fit"), schema, &error.schema_path().to_string(), json)
        }
        ValidationErrorKind::Type { kind } => {
            new("wrong_type").with("expected", types(kind)).with("came", type_of(error.instance()))
        }
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
        ValidationErrorKind::Pattern { pattern } => match example_of(pattern) {
            Some("name") => new("not_a_name").with("name", value()),
            Some(DRAWN) => new("pattern_without_number").with("value", value()),
            Some(example) => new("pattern").with("value", value()).with("example", example),
            None => new("pattern").with("value", value()).with("example", pattern),
        },
        ValidationErrorKind::PropertyNames { error: inner } => {
            let name = shown(inner.instance());
            let code = if matches!(inner.kind(), ValidationErrorKind::Pattern { .. }) {
                "not_a_name"
            } else {
                "reserved_name"
            };
            let problem = Problem::new(code, format!("{at}/{}", escape(&name))).with("name", name);
            match inner.kind() {
                ValidationErrorKind::Not { schema } => problem.with("reserved", reserved(schema)),
                _ => problem,
            }
        }
        ValidationErrorKind::MinLength { limit } => limited("too_short", limit),
        ValidationErrorKind::MaxLength { limit } => limited("too_long", limit),
        ValidationErrorKind::Minimum { limit } | ValidationErrorKind::ExclusiveMinimum { limit } => {
            limited("too_small", limit)
        }
        ValidationErrorKind::Maximum { limit } | ValidationErrorKind::ExclusiveMaximum { limit } => {
            limited("too_great", limit)
        }
        ValidationErrorKind::MinItems { limit } => limited("too_few", limit),
        ValidationErrorKind::MinProperties { limit } => {
            limited("too_few", limit).with("options", allowed_keys(error, schema))
        }
        ValidationErrorKind::MaxItems { limit } | ValidationErrorKind::MaxProperties { limit } => {
            limited("too_many", limit)
        }
        ValidationErrorKind::UniqueItems => new("duplicate_value").with("value", twice(error.instance())),
        ValidationErrorKind::Not { .. } if error.instance().is_null() => new("null_only_when_extending"),
        ValidationErrorKind::OneOfMultipleValid { .. } if !chosen(error, schema).is_empty() => {
            let keys = chosen(error, schema);
            let is_said = |key: &&String| error.instance().get(key.as_str()).is_some();
            // The first of them may stay.
            let second = keys.iter().filter(is_said).nth(1).map(|key| format!("/{}", escape(key)));
            let problem = Problem::new("one_of_keys", format!("{at}{}", second.unwrap_or_default()));
            problem.with("options", keys.join(", "))
        }
        ValidationErrorKind::AnyOf { context }
        | ValidationErrorKind::OneOfNotValid { context }
        | ValidationErrorKind::OneOfMultipleValid { context } => {
            alternatives(context, schema, json, new("no_alternative_fits").with("reason", error), problems);
            return;
        }
        _ => new("does_not_fit").with("reason", error),
    };
    problems.push(problem);
}

/// The keys of which each alternative wants one; none where the alternatives are other ones.
fn chosen(error: &ValidationError<'_>, schema: &Json) -> Vec<String> {
    let alternatives = part_of(schema, &error.schema_path().to_string()).and_then(Json::as_array);
    let wanted = |one: &Json| match one.get("required").and_then(Json::as_array).map(Vec::as_slice) {
        Some([key]) => key.as_str().map(str::to_owned),
        _ => None,
    };
    alternatives.into_iter().flatten().map(wanted).collect::<Option<_>>().unwrap_or_default()
}

/// When each alternative only wants a key, the keys are named; otherwise the alternative that fits best is explained.
fn alternatives(
    context: &[Vec<ValidationError<'static>>],
    schema: &Json,
    json: &Json,
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
        Some(errors) => errors.iter().for_each(|error| add(error, schema, json, problems)),
        None => problems.push(otherwise),
    }
}

/// A key that must be there; one that says what a step does, with what there is to do.
fn missing(at: &str, key: &str, schema: &Json) -> Problem {
    let problem = Problem::new("required", format!("{at}/{}", escape(key))).with("key", key);
    if key == STEP { problem.with("options", kinds_of_steps(schema)) } else { problem }
}

/// A key that what else is said leaves no place for. What it does not go together with, the schema says where it refuses it.
fn refused_key(problem: Problem, schema: &Json, place: &str, json: &Json) -> Problem {
    let key = problem.path.rsplit('/').next().unwrap_or_default().to_owned();
    let problem = problem.with("key", &key);
    let other = place.rsplit_once("/dependentSchemas/").and_then(|(_, rest)| rest.split('/').next());
    if let Some(other) = other {
        return Problem { code: "key_does_not_fit_beside".into(), ..problem }.with("other", other);
    }
    match fitting(schema, place) {
        Some((by, chosen, fitting)) => problem.with("by", by).with("chosen", chosen).with("fitting", fitting),
        None => does_not_fit(problem, &key, json),
    }
}

/// Of a key that one of several variants refuses: by which key they are chosen, which was, and which of them have the refused key.
fn fitting<'s>(schema: &'s Json, place: &str) -> Option<(&'s str, &'s str, String)> {
    let (variant, key) = place.rsplit_once("/then/properties/")?;
    let (list, index) = variant.rsplit_once('/')?;
    let variants = part_of(schema, list)?.as_array()?;
    let choice = |variant: &'s Json| {
        let asked = variant.pointer("/if/properties")?.as_object()?;
        let (by, one) = asked.iter().next()?;
        Some((by.as_str(), one.get("const")?.as_str()?))
    };
    let (by, chosen) = choice(variants.get(index.parse::<usize>().ok()?)?)?;
    let has = |variant: &&'s Json| {
        variant.pointer("/then/properties").and_then(|keys| keys.get(key)) != Some(&Json::Bool(false))
    };
    let others = variants.iter().filter(has).filter_map(choice).filter(|(other, _)| *other == by);
    let fitting = listed(others.map(|(_, one)| one));
    // The kinds of fields are more than those of which a schema says something.
    (by != "kind" && !fitting.is_empty()).then_some((by, chosen, fitting))
}

/// The kinds of steps.
fn kinds_of_steps(schema: &Json) -> String {
    let kinds = schema.pointer("/$defs/step_kind/enum").and_then(Json::as_array).into_iter().flatten();
    listed(kinds.filter_map(Json::as_str))
}

/// What a step is nobody knows before it says what it does: keys that no step has are told, the likeliest reason first.
fn of_no_step(step: &Json, schema: &Json, at: &str, problems: &mut Problems) {
    let parts = schema.get("$defs").and_then(Json::as_object).into_iter().flatten();
    let steps = parts.filter(|(name, _)| name.starts_with("step_"));
    // What says what a step does was meant, where nothing looks more like it.
    let mut known = vec![STEP];
    for key in steps.filter_map(|(_, step)| step.get("properties")?.as_object()).flat_map(|keys| keys.keys())
    {
        if !known.contains(&key.as_str()) {
            known.push(key);
        }
    }
    if known.len() == 1 {
        return;
    }
    for key in step.as_object().into_iter().flatten().map(|(key, _)| key) {
        if !known.contains(&key.as_str()) {
            let problem = Problem::new("unknown_key", format!("{at}/{}", escape(key))).with("key", key);
            problems.push(problem.among(key, known.iter().copied()));
        }
    }
}

/// A key of a field that its kind does not have says which kinds do, and what this one has.
fn does_not_fit(problem: Problem, key: &str, json: &Json) -> Problem {
    let parent = problem.path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let field = json.pointer(parent);
    let named = field.and_then(|field| field.get("kind")).and_then(Json::as_str);
    let Some(own) = named.and_then(kind::find) else { return problem };
    let has = |kind: &dyn FieldKind| kind.facets().iter().any(|facet| facet.key == key);
    let kinds: Vec<&str> = kind::definable().filter(|kind| has(*kind)).map(FieldKind::name).collect();
    let problem = problem.with("kind", own.name());
    if kinds.is_empty() {
        return problem.with("fits", kind::fitting(key));
    }
    problem.with("fits", listed(kinds))
}

/// How a text of a pattern is written; `name` for one that is a name.
fn example_of(pattern: &str) -> Option<&'static str> {
    const NAME: &str = "[a-z][a-z0-9_]{0,39}";
    let inner = pattern.trim_start_matches('^').trim_end_matches('$');
    let known = [
        (format!("{NAME}\\.{NAME}"), "entity.link"),
        (format!("{NAME}(/{NAME}){{1,4}}"), "entities/name, lib/name"),
        (format!("(\\*|{NAME})"), "*"),
        ("[a-z][a-z0-9-]{0,59}".into(), "building-2"),
        ("[+-]?[0-9]{1,5}(m|h|d|w|mo|y|wh|wd)".into(), "-3d, +2w, 1mo, 2wd"),
        ("[0-9]{1,5}(m|h|d|w|mo|y|wh|wd)".into(), "15m, 4h, 3d, 2wd"),
        ("[0-9]{1,4}(m|h|d|w|mo|wh|wd)".into(), "4h, 3d, 2wd"),
        ("([A-Z]{3}|@[a-z][a-z0-9_]*)".into(), "EUR, @link"),
        ("[0-9]+(\\.[0-9]{1,3})? ?(B|kB|KB|MB|GB|KiB|MiB|GiB)?".into(), "5 MB"),
        ("\\{number(:[0-9]{1,2})?\\}".into(), DRAWN),
        ("[0-9]{4}-[0-9]{2}-[0-9]{2}".into(), "2026-03-27"),
        ("[^\\s,]([^,\\n\\r\\t]{0,58}[^\\s,])?".into(), "in_progress"),
    ];
    if inner.starts_with("(today|yesterday") {
        return Some(PERIODS);
    }
    let found = known.iter().find(|(pattern, _)| pattern == inner).map(|(_, example)| *example);
    found.or_else(|| inner.trim_start_matches("-?").starts_with(NAME).then_some("name"))
}

/// The keys that stand beside `additionalProperties` in the schema.
fn allowed_keys<'s>(error: &ValidationError<'_>, schema: &'s Json) -> String {
    let place = error.schema_path().to_string();
    let parent = place.rsplit_once('/').map_or("", |(parent, _)| parent);
    let of_part = |part: Option<&'s Json>| part.and_then(Json::as_object).filter(|keys| !keys.is_empty());
    let own = of_part(part_of(schema, &format!("{parent}/properties")));
    // What is only said of whole definitions stands apart from the keys: they are below the name of the part.
    let at = error.instance_path().to_string();
    let named = at.rsplit('/').next().unwrap_or_default();
    let properties = own.or_else(|| of_part(schema.pointer(&format!("/$defs/{named}/properties"))));
    let names: Vec<&str> = properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    names.join(", ")
}

/// The names that a schema of names takes away: whole ones, and ends of names.
fn reserved(schema: &Json) -> String {
    let mut names: Vec<String> = Vec::new();
    let forms = schema.get("anyOf").and_then(Json::as_array);
    for form in forms.into_iter().flatten().chain([schema]) {
        let listed = form.get("enum").and_then(Json::as_array).into_iter().flatten();
        names.extend(listed.filter_map(Json::as_str).map(str::to_owned));
        let end = form.get("pattern").and_then(Json::as_str).and_then(|pattern| pattern.strip_suffix('$'));
        names.extend(end.map(|end| format!("…{end}")));
    }
    names.join(", ")
}

/// A part of a schema by a path that goes through references.
fn part_of<'s>(schema: &'s Json, path: &str) -> Option<&'s Json> {
    let mut here = schema;
    for part in path.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        let target = here.get("$ref").and_then(Json::as_str).and_then(|target| target.strip_prefix('#'));
        here = match (here, target) {
            (_, Some(target)) if part == "$ref" => schema.pointer(target)?,
            (Json::Array(list), _) => list.get(part.parse::<usize>().ok()?)?,
            (_, Some(target)) if here.get(&part).is_none() => schema.pointer(target)?.get(&part)?,
            _ => here.get(&part)?,
        };
    }
    Some(here)
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

/// What a value is, in the words of [`types`].
fn type_of(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "text",
        Json::Array(_) => "list",
        Json::Object(_) => "object",
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

/// The first item of a list that stands there before, too.
fn twice(list: &Json) -> String {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let second =
        items.iter().enumerate().find(|(at, item)| items.iter().take(*at).any(|other| other == *item));
    second.map(|(_, item)| shown(item)).unwrap_or_default()
}
