//! The bar of filters over a list: conditions that are on, fields and operators to choose from.

use std::sync::Arc;

use kontor_core::records;
use kontor_model::filter::FieldPath;
use kontor_model::{EntityModel, FieldModel, Problems, Value};
use kontor_view::field::OptionView;
use kontor_view::page::list::{Chip, FilterBar};
use kontor_view::page::part::Hidden;

use super::address::{self as listing, Condition};
use super::admin::said::Said;
use super::{Reading, values};
use crate::extract::query::Query;
use crate::frame::address;
use crate::routes::admin::draft::Draft;

/// Operators that a person chooses from; `not_empty` is `[empty]=false`.
const OPERATORS: [&str; 18] = [
    "eq",
    "ne",
    "contains",
    "not_contains",
    "starts_with",
    "gt",
    "gte",
    "lt",
    "lte",
    "in",
    "any_of",
    "all_of",
    "none_of",
    "ever_was",
    "within",
    "is",
    "empty",
    "not_empty",
];
/// Values that are suggested beside options.
const PERIODS: [&str; 6] = ["today", "this_week", "this_month", "this_quarter", "past", "future"];

/// The bar.
pub async fn bar(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    query: &Query,
    list: &str,
    wrong: &Problems,
) -> FilterBar {
    let mut chips = Vec::new();
    let is_wrong = |name: &str| wrong.iter().any(|problem| problem.field() == Some(name));
    for condition in listing::conditions(query).into_iter().filter(|one| !one.value.trim().is_empty()) {
        let (what, value) = words_of(reading, entity, &condition).await;
        chips.push(Chip {
            what,
            value,
            wrong: is_wrong(&condition.pair),
            remove_href: listing::without(list, query, (&condition.pair, &condition.value)),
        });
    }
    for (name, text) in query.0.iter().filter(|(name, text)| name == "filter" && !text.is_empty()) {
        chips.extend(written(reading, entity, query, list, (name, text), is_wrong("filter")));
    }
    let q = query.text("q").to_owned();
    let keep = listing::kept(query)
        .into_iter()
        .filter(|(name, _)| name != "q")
        .map(|(name, value)| Hidden { name, value })
        .collect();
    let clear_href = if chips.is_empty() && q.is_empty() {
        String::new()
    } else {
        address::with_query(
            list,
            query
                .0
                .iter()
                .filter(|(name, _)| name == "view" || name == "sort")
                .map(|(name, value)| (name, value)),
        )
    };
    FilterBar {
        action: list.to_owned(),
        keep,
        chips,
        fields: fields(reading, entity, query.text(listing::FIELD)),
        operators: OPERATORS
            .iter()
            .map(|operator| {
                OptionView::new(
                    *operator,
                    super::condition_rows::operator_title(reading, operator),
                    *operator == query.text(listing::OPERATOR),
                )
            })
            .collect(),
        suggestions: suggestions(reading, entity),
        clear_href,
        q,
    }
}

/// The conditions of one `?filter=`, each in words and with the list without it.
fn written(
    reading: &Reading<'_>,
    entity: &EntityModel,
    query: &Query,
    list: &str,
    (name, text): (&str, &str),
    wrong: bool,
) -> Vec<Chip> {
    let conditions = listing::written(text);
    let published = Draft::published(reading.session);
    let said = Said::new(reading, &published);
    let mut chips = Vec::new();
    for (index, condition) in conditions.iter().enumerate() {
        let mut others = conditions.clone();
        others.remove(index);
        let without = listing::written_again(others);
        let remove_href = if without.is_empty() {
            listing::without(list, query, (name, text))
        } else {
            listing::with(list, query, name, &without)
        };
        // A condition that is wrong may name what the reader may not see: then it is shown as it was written.
        let what = if wrong { condition.to_string() } else { said.condition(&entity.name, condition) };
        chips.push(Chip { what, value: String::new(), wrong, remove_href });
    }
    chips
}

/// The fields that can be filtered by, as options.
pub fn fields(reading: &Reading<'_>, entity: &EntityModel, chosen: &str) -> Vec<OptionView> {
    let (own, system): (Vec<&FieldModel>, Vec<&FieldModel>) = entity
        .fields
        .iter()
        .filter(|field| is_offered(reading, entity, field))
        .partition(|field| !field.system);
    own.into_iter()
        .chain(system)
        .map(|field| {
            let label = field.full_label(entity, &reading.labels);
            OptionView::new(field.name.clone(), label, field.name == chosen)
        })
        .collect()
}

fn is_offered(reading: &Reading<'_>, entity: &EntityModel, field: &FieldModel) -> bool {
    values::is_readable(reading, entity, field)
        && (field.companion_of.is_none() || field.part.is_some())
        && !matches!(field.name.as_str(), "id" | "version" | "deleted_at")
        && !field.operators().is_empty()
}

fn suggestions(reading: &Reading<'_>, entity: &EntityModel) -> Vec<String> {
    let mut list: Vec<String> = entity
        .fields
        .iter()
        .filter(|field| is_offered(reading, entity, field))
        .flat_map(|field| {
            field
                .definition
                .one_of
                .iter()
                .filter(|option| !option.retired)
                .map(|option| field.option_label(&option.value, &reading.labels).to_owned())
        })
        .collect();
    list.extend(PERIODS.iter().map(|period| (*period).to_owned()));
    list.sort();
    list.dedup();
    list
}

/// What a condition compares, and with what, in words.
async fn words_of(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    condition: &Condition,
) -> (String, String) {
    let Ok(path) = crate::extract::list::path(reading.session, entity, &condition.field) else {
        return (condition.field.clone(), condition.value.clone());
    };
    let operator = match (condition.operator.as_str(), condition.value.as_str()) {
        ("empty", "false") => "not_empty",
        (operator, _) => operator,
    };
    let key = format!("operator.{operator}");
    let compared = if reading.words().has(&key) { reading.t(&key) } else { operator.to_owned() };
    let what = format!("{} {compared}", reading.path_label(&path));
    if operator == "empty" || operator == "not_empty" {
        return (what, String::new());
    }
    if operator == "within" || operator == "is" {
        let key = format!("{}.{}", if operator == "is" { "is" } else { "period" }, condition.value);
        let known = reading.words().has(&key);
        return (what, if known { reading.t(&key) } else { condition.value.clone() });
    }
    let mut texts = Vec::new();
    let several = matches!(operator, "in" | "not_in" | "any_of" | "all_of" | "none_of" | "between");
    let parts: Vec<&str> =
        if several { condition.value.split(',').collect() } else { vec![condition.value.as_str()] };
    for part in parts {
        texts.push(value_text(reading, &path, part.trim()).await);
    }
    (what, texts.join(", "))
}

async fn value_text(reading: &Reading<'_>, path: &FieldPath, text: &str) -> String {
    let plain = || text.to_owned();
    let Some(holder) = reading.session.model.entity(&path.entity) else { return plain() };
    let Some(field) = holder.fields.get(path.field) else { return plain() };
    let titles = records::Titles::new();
    if field.kind.is_link() {
        let id = text.rsplit(':').next().and_then(|id| uuid::Uuid::parse_str(id).ok());
        let target = field.targets.first().and_then(|name| reading.session.entity(name).ok());
        let (Some(id), Some(target)) = (id, target) else { return plain() };
        return records::get(reading.session, &target, id)
            .await
            .map_or_else(|_| plain(), |view| view.title(reading.session));
    }
    let value = field.kind.parse_text(field, text, &reading.session.parse_context()).unwrap_or(Value::Empty);
    let cell = reading.presenter(&titles).cell(holder, field, &value, "");
    if cell.text.is_empty() { plain() } else { cell.text }
}

/// What was chosen in the bar as a pair of the address: `stage=won`, `amount[gte]=1000`. Options and records may be given by
/// what they are called. `None` when no field was chosen.
pub async fn pair(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    query: &Query,
) -> Option<(String, String)> {
    let name = query.get(listing::FIELD).filter(|name| !name.is_empty())?;
    let operator = query.get(listing::OPERATOR).filter(|operator| !operator.is_empty()).unwrap_or("eq");
    let typed = query.text(listing::VALUE).trim();
    if operator == "empty" || operator == "not_empty" {
        return Some((format!("{name}[empty]"), (operator == "empty").to_string()));
    }
    let mut value = typed.to_owned();
    if let Ok(path) = FieldPath::parse(name, entity, &reading.session.model)
        && !matches!(operator, "within" | "is" | "contains" | "not_contains" | "starts_with" | "ends_with")
    {
        let parts: Vec<&str> = if matches!(operator, "in" | "any_of" | "all_of" | "none_of") {
            typed.split([',', '，']).collect()
        } else {
            vec![typed]
        };
        let mut found = Vec::new();
        for part in parts {
            found.push(stored_form(reading, &path, part.trim()).await);
        }
        value = found.join(",");
    }
    let pair = if operator == "eq" { name.to_owned() } else { format!("{name}[{operator}]") };
    Some((pair, value))
}

/// How the address writes a value that a person typed.
async fn stored_form(reading: &Reading<'_>, path: &FieldPath, typed: &str) -> String {
    let plain = || typed.to_owned();
    let Some(holder) = reading.session.model.entity(&path.entity) else { return plain() };
    let Some(field) = holder.fields.get(path.field) else { return plain() };
    let same = |label: &str| kontor_model::value::fold(label) == kontor_model::value::fold(typed);
    if let Some(option) = field
        .definition
        .one_of
        .iter()
        .find(|option| same(field.option_label(&option.value, &reading.labels)) || same(&option.value))
    {
        return option.value.clone();
    }
    if field.kind.is_link() {
        if uuid::Uuid::parse_str(typed).is_ok() {
            return plain();
        }
        for target in field.targets.iter().filter_map(|name| reading.session.entity(name).ok()) {
            let found = records::options(reading.session, &target, Some(typed), 20).await.unwrap_or_default();
            if let Some((id, _)) = found.into_iter().find(|(_, title)| same(title)) {
                return if field.kind.names_entity() {
                    format!("{}:{id}", target.name)
                } else {
                    id.to_string()
                };
            }
        }
        return plain();
    }
    match field.kind.parse_text(field, typed, &reading.session.parse_context()) {
        Ok(value) => match field.kind.to_json(field, &value) {
            kontor_model::Json::String(text) => text,
            json => json.to_string(),
        },
        Err(_) => plain(),
    }
}
