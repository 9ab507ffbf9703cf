//! The filter builder: a condition from the inputs of a form, and the inputs from a condition. What rows cannot say is
//! edited as JSON.

use kontor_model::conventions::Conventions;
use kontor_model::filter::Operator;
use kontor_model::formula::Type;
use kontor_model::{EntityModel, FieldModel, Json, Model, Problem, Problems};
use kontor_view::field::OptionView;
use kontor_view::page::admin::item::ConditionEditor;
use kontor_view::page::report_builder::ConditionChoice;
use serde_json::json;

use crate::extract::form::Form;
use crate::extract::json as strict;
use crate::extract::query::Query;
use crate::present::condition_rows::numbers;
use crate::present::{Reading, condition_rows, filters};

/// Operators that rows offer; `not_empty` is `empty: false`.
const OPERATORS: [&str; 21] = [
    "eq",
    "ne",
    "in",
    "not_in",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "gt",
    "gte",
    "lt",
    "lte",
    "between",
    "within",
    "is",
    "any_of",
    "all_of",
    "none_of",
    "ever_was",
    "empty",
    "not_empty",
];
/// Operators that ask what a save changed.
const ABOUT_CHANGES: [&str; 4] = ["changed", "changed_to", "changed_from", "was"];
/// Operators whose value is a list.
const LISTS: [&str; 6] = ["in", "not_in", "any_of", "all_of", "none_of", "between"];
/// Operators whose value is a word, whatever the field.
const WORDS: [&str; 6] = ["within", "is", "contains", "not_contains", "starts_with", "ends_with"];

/// Where the editor stands on its page.
pub const ANCHOR: &str = "condition";

/// Whether the form speaks JSON.
pub fn is_json(sent: &Form) -> bool {
    sent.text("where.mode") == "json"
}

/// The condition that a form describes; `None` when it says nothing. Numbers are read as the reader writes them.
///
/// # Errors
/// JSON that cannot be read; a number that is none, with its line and field.
pub fn read(
    reading: &Reading<'_>,
    entity: Option<&EntityModel>,
    sent: &Form,
) -> Result<Option<Json>, Problem> {
    if is_json(sent) {
        let text = sent.text("where.json").trim();
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = |reason: String| Problem::new("not_json", "").with("reason", reason);
        return strict::parse(text.as_bytes()).map(Some).map_err(|unreadable| wrong(unreadable.0));
    }
    let list = leaves(reading, entity, sent)?;
    Ok(joined(sent.text("where.join"), list))
}

/// The same where a condition stands already: rows that are sent as they were drawn leave it as it is written.
///
/// # Errors
/// As [`read`].
pub fn read_over(
    reading: &Reading<'_>,
    entity: Option<&EntityModel>,
    standing: Option<&Json>,
    sent: &Form,
) -> Result<Option<Json>, Problem> {
    let standing = standing.filter(|standing| standing.is_object());
    if let Some(condition) = standing.filter(|_| !is_json(sent))
        && let Some((join, rows)) = rows_of(reading, entity, condition)
        && rows == rows_typed(reading.format.conventions, sent)
        && (rows.len() < 2 || sent.text("where.join") == join)
    {
        return Ok(Some(condition.clone()));
    }
    read(reading, entity, sent)
}

fn joined(join: &str, mut list: Vec<Json>) -> Option<Json> {
    match list.len() {
        0 => None,
        1 => list.pop(),
        _ if join == "any" => Some(json!({ "any": list })),
        _ => Some(json!({ "all": list })),
    }
}

/// What each row of a form asks for.
fn leaves(reading: &Reading<'_>, entity: Option<&EntityModel>, sent: &Form) -> Result<Vec<Json>, Problem> {
    let conventions = reading.format.conventions;
    let query = Query(match entity {
        Some(entity) => condition_rows::with_values(reading, entity, sent.0.clone()),
        None => sent.0.clone(),
    });
    let mut list = Vec::new();
    for number in numbers(&query, "where.") {
        let field = query.text(&format!("where.{number}.field"));
        let operator = query.text(&format!("where.{number}.operator"));
        if field.is_empty() {
            continue;
        }
        let value = query.text(&format!("where.{number}.value")).trim();
        let found = field_at(&reading.session.model, entity, field);
        if let Some(problem) = found.and_then(|found| does_not_fit(found, operator)) {
            return Err(in_words(reading, entity, &problem));
        }
        let other = other_field(reading, entity, found.filter(|_| !is_word_or_list(operator)), value);
        let leaf = leaf(conventions, found, field, operator, other.as_deref().unwrap_or(value));
        if let Some((field, wrong)) = found.and_then(|field| Some((field, not_a_number(field, &leaf)?))) {
            let problem = Problem::new("condition_number", "").with("number", number);
            return Err(problem.with("field", field.label(&reading.labels)).with("value", wrong));
        }
        list.push(leaf);
    }
    Ok(list)
}

fn is_word_or_list(operator: &str) -> bool {
    LISTS.contains(&operator) || WORDS.contains(&operator)
}

/// Another field of the record as a row means it, in braces by its name: people write its label, and leave out the braces
/// where nothing but a number or a day could stand.
fn other_field(
    reading: &Reading<'_>,
    entity: Option<&EntityModel>,
    found: Option<&FieldModel>,
    value: &str,
) -> Option<String> {
    let (entity, found) = (entity?, found?);
    let braced = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let wanted = braced.unwrap_or(value).trim();
    let is_day = |field: &FieldModel| matches!(field.kind.formula_type(), Type::Date | Type::DateTime);
    let fits = |other: &FieldModel| match found.kind.formula_type() {
        _ if braced.is_some() => true,
        Type::Date | Type::DateTime => is_day(other),
        Type::Number => other.kind.formula_type() == Type::Number,
        _ => false,
    };
    if wanted.is_empty()
        || field_at(&reading.session.model, Some(entity), wanted).is_some_and(|_| braced.is_some())
    {
        return None;
    }
    let folded = kontor_model::value::fold(wanted);
    let is_it = |other: &&FieldModel| {
        other.name == wanted
            || kontor_model::value::fold(&other.full_label(entity, &reading.labels)) == folded
    };
    let other = entity.fields.iter().filter(|other| fits(other)).find(is_it)?;
    Some(format!("{{{}}}", other.name))
}

/// The field that a row names: one of the entity, or one behind its links.
fn field_at<'a>(model: &'a Model, entity: Option<&'a EntityModel>, path: &str) -> Option<&'a FieldModel> {
    let mut here = entity?;
    let mut parts = path.split('.').peekable();
    loop {
        let field = here.field(parts.next()?)?;
        if parts.peek().is_none() {
            return Some(field);
        }
        let [target] = field.targets.as_slice() else { return None };
        here = model.entity(target)?;
    }
}

/// An operator of the rows that does not fit the field.
fn does_not_fit(field: &FieldModel, operator: &str) -> Option<Problem> {
    let asked = match operator {
        "" => "eq",
        "not_empty" => "empty",
        other => other,
    };
    let known = Operator::parse(asked).filter(|_| OPERATORS.contains(&asked))?;
    if field.operators().contains(&known) || (known == Operator::EverWas && field.tells_its_past()) {
        return None;
    }
    let options: Vec<&str> = field.operators().iter().map(|operator| operator.as_str()).collect();
    let problem = Problem::new("operator_does_not_fit", "").with("operator", asked);
    Some(problem.with("field", &field.name).with("options", options.join(", ")))
}

/// Problems in the words of the page.
pub fn told_of(reading: &Reading<'_>, entity: &EntityModel, problems: &Problems) -> Problems {
    Problems(problems.iter().map(|problem| in_words(reading, Some(entity), problem)).collect())
}

/// The same problem in the words of the page: addresses and definitions say `gt`, and people have chosen "more than".
pub fn in_words(reading: &Reading<'_>, entity: Option<&EntityModel>, problem: &Problem) -> Problem {
    let mut problem = problem.clone();
    if problem.code != "operator_does_not_fit" && problem.code != "encrypted_operator" {
        return problem;
    }
    let word = |operator: &str| {
        let key = format!("operator.{operator}");
        if reading.words().has(&key) { reading.t(&key) } else { operator.to_owned() }
    };
    for (name, value) in &mut problem.parameters {
        match *name {
            "operator" => *value = word(value),
            "options" => *value = value.split(", ").map(word).collect::<Vec<_>>().join(", "),
            "field" => {
                if let Some(field) = entity.and_then(|entity| entity.field(value)) {
                    *value = field.label(&reading.labels).to_owned();
                }
            }
            _ => {}
        }
    }
    problem
}

/// What a condition compares a number with though it is none.
fn not_a_number(field: &FieldModel, leaf: &Json) -> Option<String> {
    if !field.kind.is_number() || field.kind.unit().is_some() {
        return None;
    }
    let (_, value) = leaf.as_object()?.iter().find(|(key, _)| *key != "field")?;
    let mut several = value.as_array().into_iter().flatten().chain(value.is_string().then_some(value));
    several.find_map(Json::as_str).map(str::to_owned)
}

fn leaf(
    conventions: Conventions,
    found: Option<&FieldModel>,
    field: &str,
    operator: &str,
    value: &str,
) -> Json {
    match operator {
        "empty" | "not_empty" => json!({ "field": field, "empty": operator == "empty" }),
        "changed" => json!({ "field": field, "changed": value != "false" }),
        _ if LISTS.contains(&operator) => {
            let parts: Vec<Json> = value
                .split(separators(conventions, found))
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| typed(conventions, found, part))
                .collect();
            json!({ "field": field, operator: parts })
        }
        _ if WORDS.contains(&operator) => json!({ "field": field, operator: value }),
        _ => {
            let value = typed(conventions, found, value);
            json!({ "field": field, (if operator.is_empty() { "eq" } else { operator }): value })
        }
    }
}

/// What stands between the values of a list: not the comma where that is inside of numbers.
fn separators(conventions: Conventions, found: Option<&FieldModel>) -> &'static [char] {
    let is_inside = conventions.decimal == ',' && found.is_some_and(|field| field.kind.is_number());
    if is_inside { &[';', '；'] } else { &[',', '，', ';', '；'] }
}

/// A value as definitions write it: numbers as numbers, options by their values, another field in braces, a setting
/// behind `@`.
pub fn typed(conventions: Conventions, found: Option<&FieldModel>, value: &str) -> Json {
    // Two braces are a gap of a text, not one around a field.
    let inside = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    if let Some(other) = inside.filter(|other| !other.contains(['{', '}'])) {
        return json!({ "field": other.trim() });
    }
    if let Some(name) = value.strip_prefix('@') {
        return json!({ "setting": name.trim() });
    }
    let Some(field) = found else { return value.into() };
    if field.kind.is_number() {
        return conventions.number(value).unwrap_or_else(|| value.into());
    }
    if field.kind.formula_type() == Type::Boolean {
        return Json::Bool(matches!(value, "true" | "1" | "yes" | "是"));
    }
    let same = |text: &str| kontor_model::value::fold(text) == kontor_model::value::fold(value);
    let option = field.definition.one_of.iter().find(|option| same(&option.title) || same(&option.value));
    option.map_or_else(|| value.into(), |option| option.value.clone().into())
}

/// The inputs that describe a condition: whether all or any of them, and the rows. `None` when rows cannot say it: no
/// entity is known whose fields they would name, or what they say is read as something else.
fn rows_of(
    reading: &Reading<'_>,
    entity: Option<&EntityModel>,
    condition: &Json,
) -> Option<(&'static str, Vec<[String; 3]>)> {
    entity?;
    let (join, list) = match (condition.get("all"), condition.get("any")) {
        (Some(Json::Array(list)), None) if condition.as_object()?.len() == 1 => ("all", list.as_slice()),
        (None, Some(Json::Array(list))) if condition.as_object()?.len() == 1 => ("any", list.as_slice()),
        _ => ("all", std::slice::from_ref(condition)),
    };
    let rows = written(reading.format.conventions, list)?;
    let says_the_same = leaves(reading, entity, &as_sent(&rows)).is_ok_and(|again| again == list);
    // A line of a form has no line breaks.
    let fits = rows.iter().flatten().all(|text| !text.contains(['\n', '\r']));
    (says_the_same && fits).then_some((join, rows))
}

/// Rows as a form sends them.
fn as_sent(rows: &[[String; 3]]) -> Form {
    let mut pairs = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        for (key, text) in ["field", "operator", "value"].into_iter().zip(row) {
            pairs.push((format!("where.{}.{key}", index + 1), text.clone()));
        }
    }
    Form(pairs)
}

/// Leaves as rows: field, operator and value.
fn written(conventions: Conventions, list: &[Json]) -> Option<Vec<[String; 3]>> {
    let mut rows = Vec::new();
    for one in list {
        let object = one.as_object().filter(|object| object.len() == 2)?;
        let field = object.get("field")?.as_str()?;
        let (operator, value) = object.iter().find(|(key, _)| *key != "field")?;
        let (operator, value) = match (operator.as_str(), value) {
            ("empty", Json::Bool(false)) => ("not_empty", String::new()),
            ("empty", Json::Bool(true)) => ("empty", String::new()),
            ("changed", Json::Bool(flag)) => ("changed", flag.to_string()),
            (operator, Json::Array(values)) if LISTS.contains(&operator) => (operator, {
                let values = values.iter().map(|value| plain(conventions, value));
                values.collect::<Option<Vec<_>>>()?.join(between(conventions))
            }),
            (operator, value) if OPERATORS.contains(&operator) || ABOUT_CHANGES.contains(&operator) => {
                (operator, plain(conventions, value)?)
            }
            _ => return None,
        };
        rows.push([field.to_owned(), operator.to_owned(), value]);
    }
    Some(rows)
}

/// What is written between the values of a list: numbers may have commas inside.
fn between(conventions: Conventions) -> &'static str {
    if conventions.decimal == ',' { "; " } else { ", " }
}

/// The rows of a form as they were typed.
fn rows_typed(conventions: Conventions, sent: &Form) -> Vec<[String; 3]> {
    let query = Query(condition_rows::gathered_by(sent.0.clone(), between(conventions)));
    let of = |number: usize| {
        ["field", "operator", "value"].map(|key| query.text(&format!("where.{number}.{key}")).to_owned())
    };
    numbers(&query, "where.").into_iter().map(of).filter(|[field, ..]| !field.is_empty()).collect()
}

fn plain(conventions: Conventions, value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(conventions.typed(&number.to_string())),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Object(object) if object.len() == 1 => {
            let (key, value) = object.iter().next()?;
            match key.as_str() {
                "field" => Some(format!("{{{}}}", value.as_str()?)),
                "setting" => Some(format!("@{}", value.as_str()?)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What the editor shows.
pub struct Shown<'a> {
    /// What stands over it.
    pub legend: String,
    /// What it is for.
    pub lead: String,
    /// The condition as it is written.
    pub condition: Option<&'a Json>,
    /// The entity whose fields it reads; none when that does not compile.
    pub entity: Option<&'a EntityModel>,
    /// Whether it may ask what a save changed.
    pub about_changes: bool,
}

/// The editor. A form that was sent, if there is one, is drawn as typed; `_do` says in which manner.
pub fn editor(reading: &Reading<'_>, shown: &Shown<'_>, sent: Option<&Form>) -> ConditionEditor {
    let typed = sent.filter(|sent| sent.has("where.join") || sent.has("where.mode"));
    let wanted = typed.map_or("", |sent| sent.text("_do"));
    let read = typed.map(|sent| read(reading, shown.entity, sent));
    let condition: Option<Json> = match &read {
        Some(Ok(condition)) => condition.clone(),
        Some(Err(_)) => None,
        None => shown.condition.filter(|condition| !condition.is_null()).cloned(),
    };
    let was_json = typed.is_some_and(is_json);
    let rows = match &condition {
        // What was refused comes back as it was typed.
        None if !was_json && matches!(read, Some(Err(_))) => {
            let join =
                typed.map_or("all", |sent| if sent.text("where.join") == "any" { "any" } else { "all" });
            Some((join, typed.map(|sent| rows_typed(reading.format.conventions, sent)).unwrap_or_default()))
        }
        Some(condition) => rows_of(reading, shown.entity, condition),
        None => shown.entity.map(|_| ("all", Vec::new())),
    };
    let only_json = wanted == "json"
        || (was_json && matches!(read, Some(Err(_))))
        || rows.is_none()
        || (was_json && wanted != "rows");
    let json = match (typed.filter(|sent| is_json(sent)), &condition) {
        (Some(sent), _) => sent.text("where.json").to_owned(),
        (None, Some(condition)) => serde_json::to_string_pretty(condition).unwrap_or_default(),
        (None, None) => String::new(),
    };
    let (join, rows) = rows.unwrap_or_default();
    let join = typed.map_or(join, |sent| if sent.text("where.join") == "any" { "any" } else { join });
    let mut conditions: Vec<ConditionChoice> = Vec::new();
    let blank = [String::new(), "eq".to_owned(), String::new()];
    let more = if wanted == "more" { 2 } else { 1 };
    for [field, operator, value] in rows.iter().chain(std::iter::repeat_n(&blank, more)) {
        let number = (conditions.len() + 1).to_string();
        conditions.push(row(reading, shown, number, field, operator, value));
    }
    ConditionEditor {
        legend: shown.legend.clone(),
        lead: shown.lead.clone(),
        joins: ["all", "any"]
            .into_iter()
            .map(|one| OptionView::new(one, reading.t(&format!("condition.{one}")), one == join))
            .collect(),
        conditions,
        json,
        only_json,
        no_rows: shown.entity.is_none(),
    }
}

fn row(
    reading: &Reading<'_>,
    shown: &Shown<'_>,
    number: String,
    field: &str,
    operator: &str,
    value: &str,
) -> ConditionChoice {
    let mut fields = vec![OptionView::new("", reading.t("builder.none"), field.is_empty())];
    if let Some(entity) = shown.entity {
        fields.extend(filters::fields(reading, entity, field));
    }
    if !fields.iter().any(|option| option.selected) {
        fields.push(OptionView::new(field, field, true));
    }
    let changes = if shown.about_changes { ABOUT_CHANGES.as_slice() } else { &[] };
    // What is written stays among what can be chosen.
    let known = OPERATORS.iter().chain(changes).any(|one| *one == operator);
    let operators = OPERATORS
        .iter()
        .chain(changes)
        .copied()
        .chain((!known).then_some(operator))
        .map(|one| OptionView::new(one, condition_rows::operator_title(reading, one), one == operator))
        .collect();
    let found = field_at(&reading.session.model, shown.entity, field);
    let values = condition_rows::value_options(reading, found, operator, value);
    ConditionChoice { number, fields, operators, value: value.to_owned(), values }
}
