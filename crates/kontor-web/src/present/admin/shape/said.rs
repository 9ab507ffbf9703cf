//! A place in a definition and what stands there, in a reader's words: labels instead of keys, names instead of pointers.

use kontor_model::definition::{DefinitionId, DefinitionKind};
use kontor_model::layer::identity;
use kontor_model::{Json, kind};

use super::node::{Node, Sort};
use crate::present::Reading;

/// Values inside of values, deeper than this, are counted only.
const DEEPEST: usize = 2;
/// Letters of a value that are shown.
const MOST: usize = 200;

/// A place with the layers' names of its items: `/properties/fuel/oneOf/diesel/title` is "Fuel › Options › Diesel › Title".
pub fn place(reading: &Reading<'_>, id: &DefinitionId, values: &[&Json], place: &str) -> String {
    let mut said = Vec::new();
    let standing = reading.session.model.definition(id.0, &id.1);
    let mut here = standing;
    let mut node = Node::of_kind(id.0);
    let mut label_path = Vec::new();
    let parts: Vec<String> =
        place.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
    for (depth, part) in parts.iter().enumerate() {
        let is_last = depth + 1 == parts.len();
        let sort = node.as_ref().map(Node::sort);
        let is_named = matches!(sort, Some(Sort::List | Sort::Map | Sort::Several));
        let next = match here {
            Some(Json::Array(list)) => list
                .iter()
                .find(|item| identity(item) == Some(part))
                .or_else(|| list.get(part.parse::<usize>().ok()?)),
            Some(other) => other.get(part),
            None => None,
        };
        let stated = node.and_then(|node| match sort {
            Some(Sort::List | Sort::Several) => node.item(),
            Some(Sort::Map) => node.entry(),
            _ => node.members(here).into_iter().find(|(key, _)| key == part).map(|(_, node)| node),
        });
        label_path.push(part.as_str());
        if is_named || stated.is_none() {
            // What is gone, or comes, has its label in the values that differ.
            let title = next.into_iter().chain(values.iter().copied().filter(|_| is_last)).find_map(title_of);
            let own = title.unwrap_or_else(|| part.clone());
            said.push(reading.label(id.0, &id.1, &format!("{}.title", label_path.join(".")), &own));
        } else if let Some(found) = &stated
            // The list of fields goes without saying.
            && !(id.0 == DefinitionKind::Entity && part == "properties" && !is_last)
        {
            said.push(reading.schema_text(found.text("title")));
        }
        here = next;
        node = stated;
    }
    let kind = reading.t(&format!("definition.{}.one", id.0));
    let known = standing.or_else(|| values.first().copied().filter(|_| parts.is_empty()));
    let title = known.map_or_else(|| id.1.clone(), |json| reading.definition_title(id.0, &id.1, json));
    let whole = format!("{kind} {}", reading.words().with("packs.quoted", &[("title", &title)]));
    if said.is_empty() { whole } else { format!("{whole}{}{}", reading.t("form.colon"), said.join(" › ")) }
}

fn title_of(json: &Json) -> Option<String> {
    let said = json.get("title").or_else(|| json.get("message"))?.as_str()?;
    Some(said.to_owned()).filter(|said| !said.is_empty())
}

/// What stands at a place; empty for nothing.
pub fn value(reading: &Reading<'_>, id: &DefinitionId, place: &str, json: Option<&Json>) -> String {
    let Some(json) = json else { return String::new() };
    let key = place.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
    let standing = reading.session.model.definition(id.0, &id.1);
    let said = words(reading, node_of(id.0, standing, place), key, json, 0);
    if said.chars().count() > MOST {
        return format!("{}…", said.chars().take(MOST).collect::<String>());
    }
    said
}

/// The node at a place whose steps into lists are identities.
fn node_of(kind: DefinitionKind, standing: Option<&Json>, place: &str) -> Option<Node<'static>> {
    let mut node = Node::of_kind(kind)?;
    let mut here = standing;
    for part in place.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        let next = match here {
            Some(Json::Array(list)) => list.iter().find(|item| identity(item) == Some(part.as_str())),
            Some(other) => other.get(&part),
            None => None,
        };
        node = match node.sort() {
            Sort::List | Sort::Several => node.item()?,
            Sort::Map => node.entry()?,
            _ => node.members(here).into_iter().find(|(key, _)| *key == part)?.1,
        };
        here = next;
    }
    Some(node)
}

fn words(reading: &Reading<'_>, node: Option<Node<'_>>, key: &str, json: &Json, depth: usize) -> String {
    let sort = node.as_ref().map(Node::sort);
    match (sort, json) {
        (_, Json::Null) => String::new(),
        (_, Json::Bool(flag)) => reading.t(if *flag { "yes" } else { "no" }),
        (Some(Sort::Choice(_)), Json::String(word)) => reading.schema_word(key, word),
        (_, Json::String(word)) if key == "kind" && kind::find(word).is_some() => {
            reading.schema_word(key, word)
        }
        (_, Json::String(text)) => text.clone(),
        (_, Json::Number(number)) => reading.format.conventions.typed(&number.to_string()),
        (Some(Sort::Condition), _) => json.to_string(),
        (_, Json::Array(list)) => {
            let item = node.and_then(|node| node.item());
            let parts: Vec<String> = list
                .iter()
                .map(|one| title_of(one).unwrap_or_else(|| words(reading, item, key, one, depth + 1)))
                .collect();
            parts.join(", ")
        }
        (_, Json::Object(object)) => {
            if depth >= DEEPEST {
                return title_of(json).unwrap_or_else(|| json.to_string());
            }
            let members = node.map(|node| node.members(Some(json))).unwrap_or_default();
            let parts = object.iter().map(|(key, value)| {
                let known = members.iter().find(|(known, _)| known == key).map(|(_, node)| *node);
                let label = known
                    .map(|node| reading.schema_text(node.text("title")))
                    .filter(|label| !label.is_empty());
                let colon = reading.t("form.colon");
                format!(
                    "{}{colon}{}",
                    label.unwrap_or_else(|| key.clone()),
                    words(reading, known, key, value, depth + 1)
                )
            });
            parts.collect::<Vec<_>>().join(" · ")
        }
    }
}
