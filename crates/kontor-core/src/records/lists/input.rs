//! What was sent for a list, whichever way it came.

use std::str::FromStr;

use kontor_model::{FieldModel, Json, Problem, Problems};
use uuid::Uuid;

use crate::records::draft::{Incoming, Save};

/// A list as it was sent.
#[derive(Clone, Debug, Default)]
pub struct ListInput {
    /// The records, in order.
    pub items: Vec<ItemInput>,
    /// Whether the items are all that shall be left of what the writer sees. A form says what it takes out instead, so
    /// that it does not take out what somebody else added in the meantime.
    pub whole: bool,
    /// Records that shall go, by id; of links the ids of what they lead to.
    pub removed: Vec<Uuid>,
}

/// One record of a list as it was sent.
#[derive(Clone, Debug, Default)]
pub struct ItemInput {
    /// Which stored record it is; `None` for a new one, and for links.
    pub id: Option<Uuid>,
    /// The version that the writer saw.
    pub version: Option<i64>,
    /// Of links: what is linked.
    pub link: Option<Box<Incoming>>,
    /// The values, by field name.
    pub values: Vec<(String, Incoming)>,
}

impl ListInput {
    /// Reads what was sent.
    ///
    /// # Errors
    /// Everything that is no list, or no record of one.
    pub fn of(field: &FieldModel, incoming: Incoming) -> Result<Self, Problems> {
        let is_links = field.list.as_ref().is_some_and(|list| list.through.is_some());
        let wrong = || Problem::at_field("wrong_type", &field.name).with("expected", "list");
        match incoming {
            Incoming::List(list) => Ok(list),
            Incoming::Json(Json::Null) => Ok(Self { whole: true, ..Self::default() }),
            Incoming::Json(Json::Array(items)) => of_array(field, is_links, items),
            Incoming::Text(text) => {
                let text = text.trim();
                if text.is_empty() {
                    return Ok(Self { whole: true, ..Self::default() });
                }
                if text.starts_with('[') {
                    return match serde_json::from_str::<Json>(text) {
                        Ok(Json::Array(items)) => of_array(field, is_links, items),
                        _ => Err(wrong().into()),
                    };
                }
                if !is_links {
                    return Err(Problem::at_field("rows_as_json", &field.name).into());
                }
                let titles =
                    text.split(['|', '\n', '｜', ';', '；']).map(str::trim).filter(|part| !part.is_empty());
                let items = titles
                    .map(|title| ItemInput {
                        link: Some(Box::new(Incoming::Text(title.to_owned()))),
                        ..ItemInput::default()
                    })
                    .collect();
                Ok(Self { items, whole: true, removed: Vec::new() })
            }
            _ => Err(wrong().into()),
        }
    }
}

fn of_array(field: &FieldModel, is_links: bool, items: Vec<Json>) -> Result<ListInput, Problems> {
    let mut list = ListInput { whole: true, ..ListInput::default() };
    let mut problems = Problems::new();
    for (index, item) in items.into_iter().enumerate() {
        let at = format!("/{}/{index}", field.name);
        let read = if is_links { link(field, &item) } else { row(&item) };
        match read {
            Ok(item) => list.items.push(item),
            Err(problem) => problems.push(problem.under(&at)),
        }
    }
    if problems.is_empty() { Ok(list) } else { Err(problems) }
}

/// A row: `{ "id", "version", … }`.
fn row(item: &Json) -> Result<ItemInput, Problem> {
    let Some(object) = item.as_object() else {
        return Err(Problem::new("wrong_type", "").with("expected", "object"));
    };
    let mut item = ItemInput::default();
    for (name, value) in object {
        match name.as_str() {
            "id" if value.is_null() => {}
            "id" => match value.as_str().and_then(|text| Uuid::from_str(text).ok()) {
                Some(id) => item.id = Some(id),
                None => return Err(Problem::new("not_an_id", "/id").with("value", value)),
            },
            "version" => item.version = value.as_i64(),
            _ => item.values.push((name.clone(), Incoming::Json(value.clone()))),
        }
    }
    Ok(item)
}

/// A link: an id, `{ "id", …own columns }`, or one field that tells records apart.
fn link(field: &FieldModel, item: &Json) -> Result<ItemInput, Problem> {
    let Some(object) = item.as_object() else {
        return Ok(ItemInput { link: Some(Box::new(Incoming::Json(item.clone()))), ..ItemInput::default() });
    };
    let is_own = |name: &str| field.definition.properties.contains_key(currency_of(name));
    let mut ends = object.clone();
    ends.retain(|name, _| !is_own(name) && name != "title");
    let mut own = object.clone();
    own.retain(|name, _| is_own(name) && name != "id");
    if ends.contains_key("id")
        && let Some(name) = ends.keys().find(|name| name.as_str() != "id")
    {
        return Err(Problem::new("unknown_field", format!("/{name}")).with("field", name));
    }
    Ok(ItemInput {
        link: Some(Box::new(Incoming::Json(Json::Object(ends)))),
        values: Save::values_of(&own),
        ..ItemInput::default()
    })
}

/// The amount that a currency stands beside.
fn currency_of(name: &str) -> &str {
    name.strip_suffix("_currency").unwrap_or(name)
}
